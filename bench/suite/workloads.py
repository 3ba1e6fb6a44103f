"""Every workload: its number, what it is, what it builds, its cases."""

import dataclasses
from typing import Callable

from suite import (adamw, attention, contrastive, embedding, pictures, retrieval, scaling, search, tokens,
                   training)


@dataclasses.dataclass
class Workload:
    id: str
    title: str
    about: str
    targets: list                 # of the build
    cases: Callable               # quick -> [Case]
    more: Callable = None         # (quick, progress) -> more keys of its entry in results.json: tables, notes, met


def of(id, module, targets, **how):
    """Title and text are the module's own: `W4: what it is.` and what follows."""
    title, _, about = module.__doc__.strip().partition("\n\n")
    return Workload(id, title.partition(": ")[2].rstrip("."), about.replace("\n", " "), targets,
                    getattr(module, "cases", None), **how)


ALL = [
    of("W1", training, ["bench_training_step"]),
    of("W2", retrieval, ["braid"], more=retrieval.measure),
    of("W3", embedding, ["bench_embed_photos"]),
    of("W4", pictures, ["bench_pictures"]),
    of("W5", attention, ["bench_kernels"]),
    of("W6", contrastive, ["bench_kernels"], more=contrastive.memory),
    of("W7", adamw, ["bench_kernels"]),
    of("W9", tokens, ["bench_tokens"]),
    of("W10", search, ["braid"]),
    of("scaling", scaling, ["bench_training_step", "bench_kernels", "bench_embed_photos"], more=scaling.measure),
]
