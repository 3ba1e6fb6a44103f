"""W2: minutes from raw flickr8k files to the peer's final validation recall, median of three seeds.

Both train the same dual encoder (64 px in patches of 16, two blocks of width 192 a tower, CLIP's BPE) with
the same hyperparameters from the tars as they are: decoding, random crops, mirroring, a random caption of
five. The peer is an open_clip-style script with its DataLoader, timed from the start of Python to its recall
(recall@10 on the 300 validation photos, mean of both directions). Ours is `braid train`, which evaluates every
fourth epoch; its time is that of the evaluation that first reached the median of the peer's recalls, start of
the program included.
"""

import json
import shutil
import statistics
import subprocess
import time

from suite import machine, places
from suite.side import SideFailed

EPOCHS, BATCH, RATE, LEAST = 20, 128, 0.001, 2.5

RECIPE = """\
name: bench-retrieval
data:
  files: {{train: {data}/flickr8k/train.jsonl, val: {data}/flickr8k/val.jsonl}}
  key: id
fields:
  image:
    from: image
    modality:
      {{kind: image, size: 64, mean: [0.5], std: [0.5],
       views: {{crop_scale: [0.4, 1], flip: 0.5, brightness: 0, contrast: 0, saturation: 0}}}}
    encoder: {{kind: vit, patch: 16, width: 192, depth: 2, heads: 3, dropout: 0, pooling: class}}
  text:
    from: captions_en
    modality:
      {{kind: text, max_tokens: 77, tokenizer_file: {data}/tokenizers/clip_bpe_simple_vocab_16e6.txt.gz,
       views: {{delete: 0, swap: 0, insert: 0, mask: 0}}}}
    encoder: {{kind: text_transformer, width: 192, depth: 2, heads: 3, dropout: 0, pooling: last}}
space: {{width: 192}}
alignment:
  - {{between: [image, text], loss: {{kind: info_nce, mask_equal: false}}}}
train: {{batch: {batch}, epochs: {epochs}, lr: {rate}, weight_decay: 0.1, clip: 1, evaluate_every: 4,
        checkpoint_every: 1000, choose: last}}
"""


def ours(seed, epochs):
    folder = places.work("retrieval")
    run = folder / f"run-{seed}"
    shutil.rmtree(run, ignore_errors=True)
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE.format(data=places.DATA, batch=BATCH, epochs=epochs, rate=RATE))
    begin = time.monotonic()
    done = subprocess.run([places.BRAID, "train", recipe, "-o", run, f"seed={seed}", "--quiet",
                           "train.disk_cache_mb=0"],  # nothing decoded before
                          capture_output=True, text=True, check=False)
    whole_s = time.monotonic() - begin
    if done.returncode:
        raise SideFailed("braid train: " + done.stderr.strip()[-300:])
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    seen = [(line["wall_s"], line["validation/score"]) for line in lines if "validation/score" in line]
    trained_s = json.loads((run / "training.json").read_text())["seconds"]
    # What lies around training: the library's start before it, the report behind it.
    return [(wall_s + whole_s - trained_s, score) for wall_s, score in seen], whole_s


def theirs(seed, epochs):
    command = [str(word) for word in places.peer("retrieval", places.DATA, seed, epochs, BATCH, RATE, 1)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SideFailed("the peer's training: " + done.stderr.strip()[-300:])
    return json.loads(done.stdout.splitlines()[-1])


def measure(quick, progress):
    epochs, seeds = (1, [0]) if quick else (EPOCHS, [0, 1, 2])
    others, curves, peers = machine.Others(), [], []
    for seed in seeds:
        progress(f"seed {seed}: braid")
        curves.append(ours(seed, epochs))
        progress(f"seed {seed}: braid {curves[-1][1]:.0f} s, recall {curves[-1][0][-1][1]:.3f}; the peer")
        peers.append(theirs(seed, epochs))
        progress(f"seed {seed}: the peer {peers[-1]['seconds']:.0f} s, recall {peers[-1]['recall']:.3f}")
    target = statistics.median(peer["recall"] for peer in peers)
    rows, ratios = [], []
    for seed, (curve, whole_s), peer in zip(seeds, curves, peers):
        at_s = next((spent_s for spent_s, score in curve if score >= target), None)
        ratios.append(peer["seconds"] / at_s if at_s else 0.0)
        rows.append([seed, f"{peer['seconds'] / 60:.2f}", f"{peer['recall']:.3f}",
                     f"{at_s / 60:.2f}" if at_s else "not reached", f"{whole_s / 60:.2f}", f"{curve[-1][1]:.3f}",
                     f"{ratios[-1]:.2f}", f"{peer['seconds'] / whole_s:.2f}"])
    ratio = statistics.median(ratios)
    met = ratio >= LEAST
    rows.append(["median", "", "", "", "", "", f"**{ratio:.2f}** (at least {LEAST}: {'yes' if met else '**no**'})", ""])
    return {"tables": [{"title": f"{epochs} epochs, batch {BATCH}, lr {RATE}; others took {100 * others.share():.0f} % "
                                 "of the processors:", "columns":
                        ["seed", "peer, minutes", "its recall@10", f"braid to {target:.3f}, minutes", "braid whole run, minutes",
                         "its recall@10", "ratio", "ratio of whole runs"], "rows": rows}],
            "must": [["W2", "minutes to recall", "open_clip-style script", f"{ratio:.2f}", str(LEAST),
                      "yes" if met else "**no**"]], "met": met}
