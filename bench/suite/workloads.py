"""Every workload: its number, what it is, what it builds, its cases."""

import dataclasses
from typing import Callable

from suite import pictures, tokens, training


@dataclasses.dataclass
class Workload:
    id: str
    title: str
    about: str
    targets: list                 # of the build
    cases: Callable               # quick -> [Case]
    run: Callable = None          # instead of cases: (known, quick, rounds, progress) -> entry of results.json


def of(id, module, targets, **how):
    """Title and text are the module's own: `W4: what it is.` and what follows."""
    title, _, about = module.__doc__.strip().partition("\n\n")
    return Workload(id, title.removeprefix(f"{id}: ").rstrip("."), about.replace("\n", " "), targets,
                    getattr(module, "cases", None), **how)


ALL = [
    of("W1", training, ["bench_training_step"]),
    of("W4", pictures, ["bench_pictures"]),
    of("W9", tokens, ["bench_tokens"]),
]
