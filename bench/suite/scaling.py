"""Scaling: ours alone: time and memory against batch, sequence length, data size and threads.

The exponent is the slope of log time (or memory) over log size: 1 is linear, 2 quadratic; of threads, -1
would be perfect.
"""

import os
import statistics

from suite import embedding, kernels, pictures, places, results, training
from suite.side import Running, Side


def served(command, environment=None, rounds=3):
    """Median seconds of a round, peak MB."""
    with Running(Side("braid", command, environment or {})) as side:
        side.measure()
        seconds = statistics.median(side.measure()["seconds"] for _ in range(rounds))
        side.finish()
        return seconds, side.peak_mb


def table(title, what, sizes, points):
    rows = [[size, f"{seconds:.4g}", f"{peak:.0f}"] for size, (seconds, peak) in zip(sizes, points)]
    seconds, peaks = zip(*points)
    rows.append(["exponent", f"{results.exponent(sizes, seconds):.2f}",
                 f"{results.exponent(sizes, peaks):.2f}" if min(peaks) > 0 else ""])
    return {"title": title, "columns": [what, "seconds", "peak MB of the process"], "rows": rows}


def step(batch, threads=None):
    made = training.recipe("tiny", batch)
    environment = {"OMP_NUM_THREADS": str(threads), "BRAID_THREADS": str(threads)} if threads else {}
    return served([places.program("training_step"), made, made.with_suffix(".safetensors")], environment)


def attention(steps):
    seen = kernels.once("attention", 4, 8, steps, 64, seconds=1)
    return seen["real_time"] / 1000, seen["peak_mb"]


def embed(count):
    source = embedding.recipe()
    folder = pictures.photos(500, 375, count)
    return served([places.program("embed_photos"), source, source.with_suffix(".safetensors"), folder, "32"], rounds=1)


def measure(quick, progress):
    tables = []
    batches = [8, 16] if quick else [16, 32, 64, 128, 256]
    progress("batch")
    tables.append(table("Training step, tiny, against the batch:", "batch", batches, [step(b) for b in batches]))
    steps = [64, 128] if quick else [128, 256, 512, 1024, 2048]
    progress("sequence length")
    tables.append(table("Attention forward and backward, (4, 8, T, 64), against T:", "T", steps,
                        [attention(t) for t in steps]))
    counts = [16, 32] if quick else [64, 128, 256]
    progress("data size")
    tables.append(table("Embedding photos from files, ViT-B/32, against their number:", "photos", counts,
                        [embed(n) for n in counts]))
    cores = sorted({1, max(1, (os.cpu_count() or 1) // 2), os.cpu_count() or 1})
    if len(cores) > 1:
        progress("threads")
        tables.append(table("Training step, tiny, batch 64, against threads:", "threads", cores,
                            [step(16 if quick else 64, n) for n in cores]))
    return {"tables": tables}
