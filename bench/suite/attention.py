"""W5: attention forward and backward, fp32, batch 64, 8 heads, 197 steps, 64 wide.

Queries, keys and values lie in one projection, as in a block; the gradient goes back there. The peer is
torch's scaled_dot_product_attention on views of it, or on contiguous copies.
"""

import sys

from suite import places
from suite.case import Case, Peer
from suite.side import Side

SIZE = [64, 8, 197, 64]


def cases(quick):
    size = [8, 8, 197, 64] if quick else SIZE
    ours = Side("braid", [sys.executable, places.BENCH / "suite/served.py", "ms", places.program("attention"), "--json",
                          "--repeat", "3", *size])
    candidates = [Side("views", places.peer("kernels", "attention", *size)),
                  Side("contiguous copies", places.peer("kernels", "attention", *size, "copied"))]
    return [Case(str(tuple(size)), "steps", ours, [Peer("torch SDPA", candidates, 1.5)], rounds=7)]
