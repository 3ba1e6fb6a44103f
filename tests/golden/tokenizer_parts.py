#!/usr/bin/env python3
"""Makes tokenizer_parts.json: what HF `tokenizers` (0.23.3) and `sentencepiece` (0.2.3) give for
fixed texts.

Parts (normalisers, pre-tokenisers, decoders) are asked one by one, then whole small tokenizers and
.model files trained on bpe_corpus.txt; HF's trainers give other vocabularies each time. Random text
keeps to characters of Unicode 3.2: newer ones depend on the libraries' tables.
"""
import base64
import io
import json
import pathlib
import random
import tempfile
import unicodedata

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "bpe_corpus.txt"
METASPACE = "\u2581"
GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = GPT4.replace(r"\p{N}{1,3}", r"\p{N}")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
ENDING = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
LEAD = r"[^\r\n\p{L}\p{N}]?"
GPT4O = (f"{LEAD}{UPPER}*{LOWER}+{ENDING}|{LEAD}{UPPER}+{LOWER}*{ENDING}|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
CLIP_ENDS = r"<\|startoftext\|>|<\|endoftext\|>|" + CLIP

# yapf: disable
HAND = [
    "", " ", "  \n ", "a", " a b ", "Hello, World!!  It's  a TEST—don't panic.",
    "a\tb\nc\r\nd  \n\n e", "naïve CAFÉ résumé Ångström İstanbul ΑΣ", "ﬁancé ½ × ² ™ ①②",
    "一只狗在海边跑。 中文English混排，2024年3月。", "🙂👍🏽 👨\u200d👩\u200d👧",
    "red apple12345 3.14159 1,000,000 -7e-3 $5.00 100% #1 @x y_z",
    "I'M you'RE he'll WE'D 'S 's'ſ x'ſa", "HTTPServer getX aBC ÁB ABćD ǅxʰY אA",
    "http://a.com/b?c=d&e//\n\n/f", "<s>red<mask> apple </s> [MASK]<x>dog<y>s <y>",
    "\x00\x01\u200b\u3000x\xa0y\x85z\u2028w", "हिन्दी 한국어 한 ひらがな ｶﾞ",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "▁a ▁ b", "..a-b--c", "a1b22c333",
]
# yapf: enable


def random_text(rng):
    pools = [
        "ab AB", " \t\n\r\u3000\u00a0", "'sldmrtveS", "12\u00bd\u2167",
        "\u72d7\u6d77\u8fb9\u8dd1\u3002", ".,!-'\"/_", "eE\u0301\u030a", "\u01c5\u02b0\u05d0\u093f"
    ]
    if rng.random() < 0.6:
        return "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 24)))
    limit = rng.choice([0x250, 0x3000, 0xFFFF])
    known = unicodedata.ucd_3_2_0
    picked = []
    while len(picked) < 12:
        c = chr(rng.randrange(limit))
        if known.category(c) not in ("Cn", "Cs", "Co"):
            picked.append(c + rng.choice(["", "", "", " "]))
    return "".join(picked)


def state(part):
    return json.loads(part.__getstate__())


def normalizer_parts():
    n = normalizers
    return [
        n.NFC(),
        n.NFD(),
        n.NFKC(),
        n.NFKD(),
        n.Lowercase(),
        n.StripAccents(),
        n.Strip(),
        n.Strip(True, False),
        n.Prepend("_"),
        n.Replace("a", "bb"),
        n.Replace(Regex(r"\s+"), " "),
        n.Replace(Regex(r"[^\w\s]|_"), "."),
        n.BertNormalizer(),
        n.BertNormalizer(lowercase=False),
        n.BertNormalizer(True, False, True, False),
        n.BertNormalizer(False, True, None, True),
        n.ByteLevel(),
        n.Sequence([n.NFKD(), n.StripAccents(),
                    n.Sequence([n.Lowercase(), n.Strip()])]),
        small_charsmap(),
    ]


def pre_tokenizer_parts():
    p = pre_tokenizers
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
    parts = [
        p.ByteLevel(add_prefix_space=False),
        p.ByteLevel(add_prefix_space=True),
        p.ByteLevel(True, use_regex=False),
        p.Whitespace(),
        p.WhitespaceSplit(),
        p.BertPreTokenizer(),
        p.Punctuation(),
        p.Punctuation("merged_with_next"),
        p.Digits(True),
        p.Digits(False),
        p.CharDelimiterSplit("a"),
        p.Metaspace(),
        p.Metaspace(prepend_scheme="first"),
        p.Metaspace("_", "never", False),
        p.Sequence([p.WhitespaceSplit(), p.Metaspace(prepend_scheme="first")]),
        p.Sequence([p.Whitespace(), p.Digits(True),
                    p.ByteLevel(False)]),
        p.Split(Regex(CLIP), "removed", invert=True),
        p.Split(Regex(CLIP_ENDS), "removed", invert=True),
    ]
    parts += [p.Split(Regex(x), "isolated") for x in (GPT2, GPT4, QWEN, GPT4O)]
    parts += [
        p.Split(Regex(x), "isolated")
        for x in (r"\w+|\S", r"[\s\d]+", r"[^\s\w]+|\p{Lu}\p{Ll}*", r"(?<=a)b|^b|c$",
                  r"\p{Han}|[A-Za-z]{2,3}?|\bx+\b", r"[^\S\r\n]+")
    ]
    for behavior in behaviors:
        parts += [p.Split("a", behavior), p.Split(Regex("[a-z]+"), behavior, invert=True)]
    return parts


def decoder_cases():
    d = decoders
    tokens = [["red", "##app", "le", ".", "do", "not", "it", "'s", "\u72d7"],
              [METASPACE + "red", METASPACE + "a", "pp" + METASPACE], [],
              ["\u00e7\u012d", "\u0139", "\u0120a", "\u010a", "\u4f60", "\u00e9"],
              ["a</w>", "b", "c</w>"], ["x", "<0xE7>", "<0x8B>", "<0x97>", "<0xFF>", "y", "<0xzz>"],
              ["  a  ", " ", "b "]]
    made = [
        d.ByteLevel(),
        d.WordPiece(),
        d.WordPiece("##", False),
        d.Metaspace(),
        d.Metaspace(prepend_scheme="never"),
        d.BPEDecoder(),
        d.ByteFallback(),
        d.Fuse(),
        d.Strip(" ", 2, 0),
        d.Strip(" ", 0, 1),
        d.Replace("a", "b"),
        d.Replace(Regex("[ab]+"), "-"),
        d.Sequence([d.Replace(METASPACE, " "),
                    d.ByteFallback(),
                    d.Fuse(),
                    d.Strip(" ", 1, 0)])
    ]
    return [{"json": state(x), "out": [x.decode(t) for t in tokens]} for x in made], tokens


def spm(**options):
    out = io.BytesIO()
    lines = [x for x in CORPUS.read_text().split("\n") if x]
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines),
                                             model_writer=out,
                                             minloglevel=2,
                                             hard_vocab_limit=False,
                                             **options)
    return out.getvalue()


def small_rules():
    """A character map of a few rules: longest and shortest match differ in the first two."""
    path = pathlib.Path(tempfile.mkdtemp()) / "rules.tsv"
    rules = [
        "61 62\t78", "61 62 63\t79 7A", "B2\t32", "E9\t65", "65 301\t65", "2122\t54 4D", "3000\t20",
        "A0\t20", "200B\t", "9\t20"
    ]
    path.write_text("\n".join(rules) + "\n")
    return str(path)


def small_charsmap():
    from sentencepiece import sentencepiece_model_pb2 as pb
    model = pb.ModelProto.FromString(spm(vocab_size=250, normalization_rule_tsv=small_rules()))
    return normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap)


def sentencepiece_models(texts):
    # Without a rule of its own a model gets the full character map, which has 240 KB.
    plain = dict(normalization_rule_name="identity", vocab_size=260)
    rules = dict(normalization_rule_tsv=small_rules(), vocab_size=260)
    bytes_ = dict(plain, byte_fallback=True, vocab_size=520)
    kinds = {
        "unigram": plain,
        "unigram symbols": dict(rules, user_defined_symbols=["<mask>", "red", "狗"], control_symbols=["<x>"]),
        "unigram bytes": dict(bytes_, add_dummy_prefix=False),
        "unigram suffix": dict(plain, treat_whitespace_as_suffix=True, remove_extra_whitespaces=False),
        "bpe": dict(plain, model_type="bpe", pad_id=3),
        "bpe bytes": dict(bytes_, model_type="bpe", user_defined_symbols=["<mask>", "aa"],
                          remove_extra_whitespaces=False),
    }
    made = []
    for name, options in kinds.items():
        model = spm(character_coverage=0.98, **options)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        rows = [processor.encode(text) for text in texts]
        special = [processor.pad_id(), processor.bos_id(), processor.eos_id(), processor.unk_id()]
        decoded = [processor.decode(ids) for ids in rows]
        text = base64.b64encode(model).decode()
        made.append({"name": name, "model": text, "ids": rows, "decoded": decoded, "special": special})
    return made


def trained(model,
            trainer,
            normalizer=None,
            pre_tokenizer=None,
            processor=None,
            decoder=None,
            added=()):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    if decoder:
        tokenizer.decoder = decoder
    tokenizer.train([str(CORPUS)], trainer)
    for token in added:
        tokenizer.add_tokens([token])
    if processor:
        tokenizer.post_processor = processor(tokenizer)
    return tokenizer


def whole_tokenizers():
    n, p, d, t = normalizers, pre_tokenizers, decoders, trainers
    bert_specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    bert = lambda x: processors.BertProcessing(("[SEP]", x.token_to_id("[SEP]")),
                                               ("[CLS]", x.token_to_id("[CLS]")))
    roberta = lambda x: processors.RobertaProcessing(("</s>", x.token_to_id("</s>")),
                                                     ("<s>", x.token_to_id("<s>")))
    template = lambda single, names: lambda x: processors.TemplateProcessing(
        single=single, special_tokens=[(name, x.token_to_id(name)) for name in names])
    mask = AddedToken("<mask>", lstrip=True, special=True)
    words = [
        AddedToken("<y>", single_word=True),
        AddedToken("<x>", rstrip=True, normalized=False),
        AddedToken("red", normalized=True)
    ]
    alphabet = p.ByteLevel.alphabet()
    made = {
        "bert":
            trained(models.WordPiece(unk_token="[UNK]"),
                    t.WordPieceTrainer(vocab_size=300, special_tokens=bert_specials),
                    n.BertNormalizer(), p.BertPreTokenizer(), bert, d.WordPiece()),
        "word piece, no prefix":
            trained(
                models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=8),
                t.WordPieceTrainer(vocab_size=300,
                                   special_tokens=bert_specials,
                                   continuing_subword_prefix="@@"),
                n.Sequence([n.NFD(), n.StripAccents()]), p.Whitespace(),
                template("[CLS] $A [SEP] [SEP]", ["[CLS]", "[SEP]"]), d.WordPiece("@@", False)),
        "t5":
            trained(
                models.Unigram(),
                t.UnigramTrainer(vocab_size=300,
                                 special_tokens=["<pad>", "</s>", "<unk>"],
                                 unk_token="<unk>"),
                n.Sequence([small_charsmap(),
                            n.Replace(Regex(" {2,}"), METASPACE)]), p.Metaspace(),
                template("$A </s>", ["</s>"]), d.Metaspace()),
        "unigram bytes":
            with_bytes(bytes_),
        "llama":
            trained(
                models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                t.BpeTrainer(vocab_size=420, special_tokens=["<unk>", "<s>", "</s>"] + bytes_),
                n.Sequence([n.Prepend(METASPACE), n.Replace(" ", METASPACE)]), None,
                template("<s> $A", ["<s>"]),
                d.Sequence(
                    [d.Replace(METASPACE, " "),
                     d.ByteFallback(),
                     d.Fuse(),
                     d.Strip(" ", 1, 0)])),
        "gpt4":
            trained(
                models.BPE(ignore_merges=True),
                t.BpeTrainer(vocab_size=330,
                             special_tokens=["<s>", "</s>"],
                             initial_alphabet=alphabet), n.NFC(),
                p.Sequence([p.Split(Regex(GPT4), "isolated"),
                            p.ByteLevel(False, use_regex=False)]), lambda x: processors.
                Sequence([processors.ByteLevel(),
                          template("<s> $A </s>", ["<s>", "</s>"])(x)]), d.ByteLevel()),
        "roberta":
            trained(
                models.BPE(),
                t.BpeTrainer(vocab_size=330, special_tokens=specials, initial_alphabet=alphabet),
                None, p.ByteLevel(add_prefix_space=True), roberta, d.ByteLevel(), [mask] + words),
        "clip":
            trained(
                models.BPE(unk_token="</s>", end_of_word_suffix="</w>"),
                t.BpeTrainer(vocab_size=600,
                             special_tokens=["<s>", "</s>"],
                             initial_alphabet=alphabet,
                             end_of_word_suffix="</w>"),
                n.Sequence([n.NFC(), n.Replace(Regex(r"\s+"), " "),
                            n.Lowercase()]),
                p.Sequence([p.Split(Regex(CLIP), "removed", invert=True),
                            p.ByteLevel(False)]), roberta, d.ByteLevel(), words),
        "bpe with prefix":
            trained(
                models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"),
                t.BpeTrainer(vocab_size=150,
                             special_tokens=["[UNK]", "[SEP]"],
                             continuing_subword_prefix="##",
                             limit_alphabet=40), n.Lowercase(), p.Whitespace()),
        "bpe, fused unknown":
            trained(
                models.BPE(unk_token="[UNK]", fuse_unk=True),
                t.BpeTrainer(vocab_size=90, special_tokens=["[UNK]", "[SEP]"], limit_alphabet=30),
                None, p.WhitespaceSplit(), None, d.BPEDecoder()),
        "bpe, dropped unknown":
            trained(models.BPE(),
                    t.BpeTrainer(vocab_size=90, special_tokens=["[SEP]"], limit_alphabet=30), None,
                    p.Metaspace(prepend_scheme="first", split=False), None, d.Metaspace()),
    }
    return made


def with_bytes(names):
    tokenizer = trained(
        models.Unigram(),
        trainers.UnigramTrainer(vocab_size=520,
                                special_tokens=["<unk>", "</s>"] + names,
                                unk_token="<unk>"), None,
        pre_tokenizers.Metaspace(prepend_scheme="never"))
    root = json.loads(tokenizer.to_str())
    root["model"]["byte_fallback"] = True
    root["decoder"] = state(
        decoders.Sequence([decoders.ByteFallback(),
                           decoders.Metaspace(prepend_scheme="never")]))
    return Tokenizer.from_str(json.dumps(root))


def main():
    rng = random.Random(31)
    texts = HAND + [random_text(rng) for _ in range(50)]
    outs, decoder_tokens = decoder_cases()
    golden = {
        "texts": texts,
        "normalizers": [{"json": state(x), "out": [x.normalize_str(t)
                                                   for t in texts]}
                        for x in normalizer_parts()],
        "pre_tokenizers": [{
            "json": state(x), "out": [[w for w, _ in x.pre_tokenize_str(t)] for t in texts]
        } for x in pre_tokenizer_parts()],
        "decoder_tokens": decoder_tokens,
        "decoders": outs,
        "tokenizers": [],
        "sentencepiece": sentencepiece_models(texts),
    }
    for name, tokenizer in whole_tokenizers().items():
        ids = [tokenizer.encode(t, add_special_tokens=False).ids for t in texts]
        golden["tokenizers"].append({
            "name": name, "json": json.loads(tokenizer.to_str()), "ids": ids,
            "framed": [tokenizer.encode(t).ids for t in texts],
            "decoded": [tokenizer.decode(i) for i in ids]
        })
    (HERE / "tokenizer_parts.json").write_text(
        json.dumps(golden, ensure_ascii=False, separators=(
            ",", ":")).replace('{"json"', '\n{"json"').replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
