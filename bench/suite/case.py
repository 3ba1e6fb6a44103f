"""A case: one piece of work, done by us and by peers in turn, and what came of it."""

import dataclasses
import statistics
from typing import Callable, Optional

from suite import machine
from suite.side import Running, Side, SideFailed


@dataclasses.dataclass
class Peer:
    name: str                              # "open_clip, 77 tokens"
    candidates: list                       # [Side]: the fastest of them is the peer's best configuration
    least: Optional[float] = None          # peer / ours must be at least this; None: shown only
    like: str = ""                         # takes the configuration chosen for this peer


@dataclasses.dataclass
class Case:
    name: str                              # "ViT-S/16, batch 64"
    unit: str                              # what a second makes: "pairs"
    ours: Side
    peers: list                            # [Peer]
    rounds: int = 5
    warmup: int = 1                        # rounds of each side that do not count
    time: str = "seconds"                  # or "cpu_seconds"
    compare: Optional[Callable] = None     # (our output, the peer's) -> text
    memory: bool = False                   # our peak must lie below the first peer's


def quartiles(values):
    if len(values) < 2:
        return [values[0], values[0]]
    cut = statistics.quantiles(values, n=4, method="inclusive")
    return [cut[0], cut[2]]


def per_item(case, answer):
    return answer[case.time] / answer["count"]


def choose(case, peer, known, progress):
    """The fastest configuration of a peer: as found before, or tried now, one round each."""
    names = [side.name for side in peer.candidates]
    if known and known["chosen"] in names and set(known["tried"]) == set(names):
        return peer.candidates[names.index(known["chosen"])], known
    if len(names) == 1:
        return peer.candidates[0], {"chosen": names[0], "tried": {names[0]: None}}
    tried, failed = {}, {}
    for side in peer.candidates:
        progress(f"tuning {peer.name}: {side.name}")
        try:
            with Running(side) as running:
                for _ in range(case.warmup):
                    running.measure()
                tried[side.name] = per_item(case, running.measure())
        except SideFailed as problem:
            tried[side.name], failed[side.name] = None, str(problem)
    works = {name: seconds for name, seconds in tried.items() if seconds}
    if not works:
        raise SideFailed(f"{peer.name}: no configuration works: {failed}")
    chosen = min(works, key=works.get)
    return peer.candidates[names.index(chosen)], {"chosen": chosen, "tried": tried, "failed": failed}


def run(case, known, rounds, progress):
    """Measures ours and every peer, one round each in turn. Gives a plain dict for results.json."""
    choices = {}
    sides = []
    running = []
    try:
        running.append(Running(case.ours))  # first: it may write what the peers read
        for peer in case.peers:
            before = choices[peer.like] if peer.like else known.get(peer.name)
            side, choices[peer.name] = choose(case, peer, before, progress)
            sides.append(side)
        others = machine.Others()
        running += [Running(side) for side in sides]
        for one in running:
            for _ in range(case.warmup):
                one.measure()
        times = [[] for _ in running]
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            for one, seen in zip(running, times):
                seen.append(per_item(case, one.measure()))
        ready = [one.ready for one in running]
        outputs = [one.finish() for one in running]
        peaks = [one.peak_mb for one in running]
    finally:
        for one in running:
            one.__exit__()
    return summary(case, times, outputs, peaks, choices, ready, others.share())


def summary(case, times, outputs, peaks, choices, ready, others):
    ours, ok = times[0], True
    result = {"case": case.name, "unit": case.unit, "time": case.time, "rounds": len(ours),
              "others": others, "ours": {"name": case.ours.name, "seconds": ours, "peak_mb": peaks[0],
                                         "per_second": 1 / statistics.median(ours), "ready": ready[0]}, "peers": []}
    for i, peer in enumerate(case.peers, 1):
        ratios = [theirs / own for theirs, own in zip(times[i], ours)]
        ratio = statistics.median(times[i]) / statistics.median(ours)
        met = None if peer.least is None else ratio >= peer.least
        if case.memory and i == 1:
            met = met is not False and peaks[0] < peaks[1]
        ok = ok and met is not False
        result["peers"].append({
            "name": peer.name, "configuration": choices[peer.name], "seconds": times[i], "peak_mb": peaks[i],
            "per_second": 1 / statistics.median(times[i]), "ratio": ratio, "pairs": ratios,
            "quartiles": quartiles(ratios), "least": peer.least, "met": met, "ready": ready[i],
            "outputs": case.compare(outputs[0], outputs[i]) if case.compare else "not compared"})
    result["met"] = ok
    return result
