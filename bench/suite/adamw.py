"""W7: AdamW step, 100 million parameters, fp32: ours in one pass, and torch's fused, foreach and plain ones.

Outputs: mean absolute value of the parameters after the first step.
"""

from suite import kernels, places
from suite.case import Case, Peer
from suite.side import Side


def cases(quick):
    tensors = 4 if quick else 42
    count = tensors * 4 * 768 * 768  # as the peer makes them
    kinds = [Side(kind, places.peer("kernels", "adamw", count, kind)) for kind in ("fused", "foreach", "default")]
    return [Case(f"{round(count / 1e6)} million parameters", "steps", kernels.side("adamw", count, tensors),
                 [Peer("torch AdamW", kinds, 1.0)], rounds=7, compare=kernels.compare)]
