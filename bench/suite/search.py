"""W10: from the start of the program to the first hit in words, files in the page cache.

`braid search` on an index of flickr8k's 300 validation photos, beside a Python process that imports torch,
open_clip and faiss, builds the model, loads the same weights and vectors and asks the same. The weights are
those of one training step: what is found means nothing, but must be the same on both sides.
"""

import shutil
import subprocess
import sys

from suite import places, training
from suite.case import Case, Peer
from suite.side import Side, SideFailed

QUESTION = "two dogs run through the grass"


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SideFailed(f"{command[0]}: " + (done.stderr.strip().splitlines() or ["failed"])[-1])


def prepared(name):
    """A folder with run, index and the peer's copies; made anew when the library is."""
    source = training.recipe(name, 8)
    folder = places.WORK / "search" / source.stem
    stamp = folder / "stamp"
    library = str((places.BUILD / "lib/libbraid.so").resolve().stat().st_mtime_ns)
    if stamp.exists() and stamp.read_text() == library:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    recipe = folder / "recipe.yaml"
    val = f", val: {places.DATA}/flickr8k/val.jsonl"
    recipe.write_text(source.read_text().replace(val, ""))
    call(places.BRAID, "train", recipe, "-o", folder / "run", "train.steps=1", "--quiet")
    call(places.BRAID, "index", folder / "run", places.DATA / "flickr8k/val.jsonl", "-o", folder / "index", "--quiet")
    call(places.BRAID, "index", "export", folder / "index", "-o", folder / "plain")
    call(*places.peer("search", "prepare", folder / "run/model.safetensors", folder / "plain", folder))
    stamp.write_text(library)
    return folder


def compare(ours, theirs):
    a, b = ([hit["key"] for hit in side["hits"]] for side in (ours, theirs))
    gap = max(abs(x["score"] - y["score"]) for x, y in zip(ours["hits"], theirs["hits"]))
    return f"{sum(x == y for x, y in zip(a, b))} of {len(a)} hits the same, scores differ by at most {gap:.1e}"


def cases(quick):
    made = []
    for name in ["tiny"] if quick else ["tiny", "ViT-B/32"]:
        folder = prepared(name)
        served = [sys.executable, places.BENCH / "suite/served.py", "wall"]
        ours = Side("braid search", [*served, places.BRAID, "search", folder / "index", "--text", QUESTION, "--json"])
        sides = [Side(f"{shape} model", [*served, *places.peer("search", "find", folder, shape, QUESTION)])
                 for shape in ("whole", "text")]
        made.append(Case(f"{name}, 300 photos", "starts", ours, [Peer("Python + open_clip + faiss", sides, 8.0)],
                         rounds=5, compare=compare))
    return made
