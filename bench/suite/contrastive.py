"""W6: contrastive loss forward and backward, D = 512: ours, and open_clip's on the similarity matrix.

Outputs: the loss, and the mean absolute value of the gradient of one side.
"""

import os

from suite import kernels, places, results
from suite.case import Case, Peer
from suite.side import Side

LIMIT_MB = 2048
LONG = os.environ.get("BRAID_BENCH_LONG", "0") not in ("", "0")  # also a batch of 131072: some minutes more


def cases(quick):
    made = []
    for rows in [1024] if quick else [4096, 16384]:
        peer = Side("fp32", places.peer("kernels", "contrastive", rows, "512"))
        made.append(Case(f"batch {rows}", "steps", kernels.side("contrastive", rows, 512), [Peer("open_clip ClipLoss", [peer], 2.3)],
                         rounds=5 if rows < 8192 else 2, compare=kernels.compare))
    return made


def memory(quick, progress):
    """Our peak memory and time against the batch, up to one that no matrix of similarities would fit."""
    rows, seen = [], []
    for batch in [1024, 2048] if quick else [4096, 8192, 16384, 32768] + ([131072] if LONG else []):
        progress(f"memory, batch {batch}")
        answer = kernels.once("contrastive", batch, 512)
        seen.append((batch, answer["peak_mb"], answer["real_time"]))
        rows.append([batch, f"{answer['peak_mb']:.0f}", f"{batch * batch * 4 / 2**20:.0f}", f"{answer['real_time'] / 1000:.2f}"])
    batches, peaks, times = zip(*seen)
    rows.append(["exponent", f"{results.exponent(batches, peaks):.2f}", "2", f"{results.exponent(batches, times):.2f}"])
    met = all(peak < LIMIT_MB for peak in peaks)
    return {"tables": [{"title": f"Memory, one step (below {LIMIT_MB} MB: {'yes' if met else '**no**'}):", "columns":
                        ["batch", "peak MB of the process", "one similarity matrix, MB", "seconds"], "rows": rows}],
            "must": [["W6", f"peak MB at batch {batches[-1]}", "", f"{peaks[-1]:.0f}", f"below {LIMIT_MB}",
                      "yes" if met else "**no**"]], "met": met}
