#!/usr/bin/env python3
"""Makes bpe_ids.json and gpt2_ids.json: what HF `tokenizers` (0.23.3) gives for fixed texts.

The first reads bpe_tokenizer.json, which braid wrote:
    BRAID_UPDATE_GOLDEN=1 build/dev/bin/test_tokenizer --gtest_filter='BpeGolden.*Corpus*'
The second reads tokenizers/gpt2_tokenizer.json.gz of the shared data ($BRAID_DATA).
Random text keeps to characters of Unicode 3.2: newer ones depend on the library's tables.
"""
import gzip
import json
import os
import pathlib
import random
import unicodedata

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

HERE = pathlib.Path(__file__).parent
HAND = [
    "", " ", "   ", "\n", "a", " a", "a ", "  a  b  ", "a\n\nb", "a \n b", "\t tab\tbed \r\n",
    "I'll say they're sure we've, I'm, he'd, it's don't 'S 'LL ''s 's's '",
    "12 apples, 3½ pears, x² + Ⅷ = ٣٤, 1,000.50", "red_apple-pie!!! ... (yes) #1 @you",
    "一只狗在海边跑。", "红苹果red apple红12个。 全角空格\u3000后", "海" * 40,
    "😀👩‍👩‍👧👍🏽 🏳️‍🌈", "Où est le CAFÉ ? Cafe\u0301 \u212b A\u030a", "İSTANBUL ΟΔΟΣ STRASSE ẞ ǅ",
    "<pad>a<mask> b<bos>  <eos>", "< pad > <PAD> <<pad>>", "<|endoftext|>hello<|endoftext|> ",
    "\u200b\u2028\u00a0\u0085x\u1680y", "\u0000\u0001\u007f", "हिन्दी עברית ไทย 한국어 ひらがな",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]


def random_text(rng):
    pools = ["ab AB", " \t\n\u3000\u00a0", "'sldmrtve", "12½Ⅷ", "狗海边跑。", ".,!-'\"", "eE\u0301\u030a"]
    if rng.random() < 0.5:
        return "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 30)))
    limit = rng.choice([0x250, 0x3000, 0xFFFF, 0x2A6D6])
    known = unicodedata.ucd_3_2_0
    picked = []
    while len(picked) < 20:
        c = chr(rng.randrange(limit))
        if known.category(c) not in ("Cn", "Cs", "Co"):
            picked.append(c + rng.choice(["", "", "", " "]))
    return "".join(picked)


def golden(tokenizer, texts):
    cut = ByteLevel(add_prefix_space=False, use_regex=True)
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        words = [word for word, _ in cut.pre_tokenize_str(text)]
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids), "words": words})
    return rows


def write(name, rows):
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (HERE / name).write_text("[\n" + lines + "\n]\n")


def main():
    rng = random.Random(20)
    texts = HAND + [random_text(rng) for _ in range(120)]
    write("bpe_ids.json", golden(Tokenizer.from_file(str(HERE / "bpe_tokenizer.json")), texts))
    data = pathlib.Path(os.environ.get("BRAID_DATA", HERE / "../../../shared/data"))
    packed = gzip.open(data / "tokenizers/gpt2_tokenizer.json.gz").read()
    gpt2 = Tokenizer.from_str(packed.decode())
    gpt2.no_truncation()
    write("gpt2_ids.json", golden(gpt2, texts[:60]))


if __name__ == "__main__":
    main()
