"""Where things are: the tree, the build, the peers, the data."""

import json
import os
import pathlib
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
BUILD = pathlib.Path(os.environ.get("BRAID_BUILD", ROOT / "build/release")).resolve()
PEERS = pathlib.Path(os.environ.get("BRAID_PEERS", ROOT / "build/peers")).absolute()
DATA = pathlib.Path(os.environ.get("BRAID_DATA", ROOT.parent / "shared/data")).resolve()
WORK = pathlib.Path(os.environ.get("BRAID_BENCH_WORK", ROOT / "build/bench")).resolve()
BRAID = BUILD / "bin/braid"


def program(name):
    return BUILD / "bin" / f"bench_{name}"


def peer(name, *arguments):
    return [PEERS / "bin/python", BENCH / "peers" / f"{name}.py", *arguments]


def work(*parts):
    folder = WORK.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def peers_ready():
    return (PEERS / "bin/python").exists()


def build(targets):
    """Builds what the chosen workloads run. Nothing to do is quick."""
    if not (BUILD / "CMakeCache.txt").exists():
        sys.exit(f"bench/run: no build in {BUILD}: cmake --preset release && cmake --build build/release, "
                 "or name another with BRAID_BUILD")
    done = subprocess.run(["cmake", "--build", BUILD, "--target", *targets], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench/run: the build of {' '.join(targets)} failed:\n" + done.stdout[-3000:])


def versions():
    """Of the peers, by package."""
    names = ["torch", "torchvision", "open_clip_torch", "onnxruntime", "tokenizers", "faiss-cpu", "pillow", "numpy"]
    script = ("import json, importlib.metadata as m\n"
              f"print(json.dumps({{n: m.version(n) for n in {names!r}}}))")
    done = subprocess.run([PEERS / "bin/python", "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}
