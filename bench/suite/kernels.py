"""Kernels: ours by bench_kernels (Google Benchmark), the peers' by peers/kernels.py, on the same numbers."""

import json
import subprocess
import sys

from suite import places
from suite.side import Side


def command(name, *sizes):
    return [places.program("kernels"), "--benchmark_format=json", name, *sizes]


def side(name, *sizes):
    """A round is a run of the program, after a fifth of a second that does not count."""
    return Side("braid", [sys.executable, places.BENCH / "suite/served.py", "kernel",
                          *command(name, *sizes), "--benchmark_min_warmup_time=0.2"])


def once(name, *sizes, seconds=1e-9):
    """As many steps as fill the seconds, of a process of their own, one at least: what it said of them."""
    words = [str(word) for word in [*command(name, *sizes), f"--benchmark_min_time={seconds}"]]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)["benchmarks"][-1]


def compare(ours, theirs):
    """Mean absolute values of what came out."""
    return ", ".join(f"{key} {ours[key]:.6g} and {theirs[key]:.6g}" for key in ("output", "gradient")
                     if key in ours and key in theirs)
