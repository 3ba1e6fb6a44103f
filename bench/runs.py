"""Trains and evaluates runs with the program: what the scripts of this folder share."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BRAID = os.environ.get("BRAID", str(ROOT / "build/release/bin/braid"))


def braid(*arguments):
    done = subprocess.run([BRAID, *arguments, "--json", "--quiet"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"braid {' '.join(arguments)}: exit status {done.returncode}")
    return json.loads(done.stdout)


def finished(recipe, name, seed, overrides):
    """The folder of a finished run: there already, resumed, or trained now."""
    run = ROOT / "runs/figures" / f"{name}-s{seed}"
    run.parent.mkdir(parents=True, exist_ok=True)
    stamp = run / "run.json"
    if not stamp.exists():
        braid("train", recipe, "-o", str(run), f"seed={seed}", *overrides)
    elif not json.loads(stamp.read_text())["finished"]:
        braid("train", "--resume", str(run))
    cost = json.loads((run / "training.json").read_text())
    print(f"{run.name}: {cost['steps']} steps, {cost['seconds']:.0f} s, {cost['samples_per_s']:.0f} samples/s, "
          f"{cost['threads']} threads, {cost['parameters']} parameters, {cost['peak_memory_mb']} MB", file=sys.stderr)
    return run


def metrics(run, split):
    """(protocol, direction, language, gallery, queries, metric) -> (value, low, high); not of single classes, nor
    what does not exist."""
    return {(m["protocol"], m["direction"], m["language"], m["gallery"], m["n"], m["name"]):
            (m["value"], m["low"], m["high"]) for m in braid("eval", str(run), "--split", split)["metrics"]
            if m["label"] == "" and m["value"] is not None}
