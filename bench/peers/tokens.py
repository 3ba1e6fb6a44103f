"""W9, the peer: HF tokenizers on one thread, from the same tokenizer.json (or CLIP's merges, written as one)."""

import argparse
import gzip
import pathlib

import serve
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

CLIP_WORDS = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def clip(path):
    """CLIP's tokenizer as transformers' converter builds it."""
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1:49152 - 256 - 2 + 1]]
    letters = byte_letters()
    vocabulary = letters + [letter + "</w>" for letter in letters] + ["".join(merge) for merge in merges]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    ids = {token: i for i, token in enumerate(vocabulary)}
    made = Tokenizer(models.BPE(ids, merges, continuing_subword_prefix="", end_of_word_suffix="</w>",
                                fuse_unk=False, unk_token="<|endoftext|>"))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "),
                                            normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in vocabulary[-2:]])
    return made


def byte_letters():
    """GPT-2's letters for bytes, in CLIP's order."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    others = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(others))]


def load(path):
    if path.name.startswith("clip"):
        return clip(path)
    data = path.read_bytes()
    return Tokenizer.from_str((gzip.decompress(data) if path.suffix == ".gz" else data).decode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tokenizer", type=pathlib.Path)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--call", choices=["batch", "batch_fast", "each"], default="batch")
    options = parser.parse_args()
    tokenizer = load(options.tokenizer)
    texts = options.texts.read_text().splitlines()

    def encode():
        if options.call == "each":
            return [tokenizer.encode(text, add_special_tokens=False) for text in texts]
        if options.call == "batch":
            return tokenizer.encode_batch(texts, add_special_tokens=False)
        return tokenizer.encode_batch_fast(texts, add_special_tokens=False)

    def measure():
        return len(encode())

    serve.serve(measure, lambda: {"ids": [one.ids for one in encode()]})


if __name__ == "__main__":
    main()
