"""W5: attention forward and backward, fp32, batch 64, 8 heads, 197 steps, 64 wide.

Queries, keys and values lie in one projection, as in a block; the gradient goes back there. The peer is
torch's scaled_dot_product_attention on views of it, or on contiguous copies. Outputs: mean absolute values.
"""

from suite import kernels, places
from suite.case import Case, Peer
from suite.side import Side

SIZE = [64, 8, 197, 64]


def cases(quick):
    size = [8, 8, 197, 64] if quick else SIZE
    candidates = [Side("views", places.peer("kernels", "attention", *size)),
                  Side("contiguous copies", places.peer("kernels", "attention", *size, "copied"))]
    return [Case(str(tuple(size)), "steps", kernels.side("attention", *size),
                 [Peer("torch SDPA", candidates, 1.5)], rounds=7, compare=kernels.compare)]
