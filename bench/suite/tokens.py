"""W9: captions to token ids on one core: byte-level BPE (GPT-2's) and CLIP's BPE, flickr8k's English captions.

Both sides with their memory of words warm. Processor time; one thread on both sides.
"""

import json

from suite import places
from suite.case import Case, Peer
from suite.side import Side

KINDS = {"byte-level BPE": "gpt2_tokenizer.json.gz", "CLIP BPE": "clip_bpe_simple_vocab_16e6.txt.gz"}
ONE_THREAD = {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}


def captions():
    path = places.work("texts") / "captions.txt"
    rows = [json.loads(line) for line in (places.DATA / "flickr8k/train.jsonl").read_text().splitlines()]
    path.write_text("\n".join(" ".join(text.split()) for row in rows for text in row["captions_en"]) + "\n")
    return path


def compare(ours, theirs):
    same = sum(a == b for a, b in zip(ours["ids"], theirs["ids"]))
    return f"{same} of {len(ours['ids'])} captions have the same ids"


def cases(quick):
    texts = captions()
    made = []
    for name, file in KINDS.items():
        path = places.DATA / "tokenizers" / file
        sides = [Side(f"encode_{call}" if call != "each" else "encode", places.peer("tokens", path, texts, "--call", call),
                      ONE_THREAD) for call in ("batch", "batch_fast", "each")]
        made.append(Case(name, "captions", Side("braid", [places.program("tokens"), path, texts]),
                         [Peer("HF tokenizers", sides, 1.5)], rounds=7, time="cpu_seconds", compare=compare))
    return made
