"""The peer's end of bench/suite/side.py: measures one round for each line of standard input."""

import json
import os
import resource
import sys
import time

_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is no answer


def say(answer):
    print(json.dumps(answer), file=_answers, flush=True)


def serve(measure, output=lambda: None, ready=None):
    """`measure()` does one round and returns how many items that were."""
    say({"ready": ready or {}})
    for _ in sys.stdin:
        begin, own = time.perf_counter(), time.process_time()
        count = measure()
        say({"seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - own, "count": count})
    result = output()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    say({"output": result, "peak_mb": max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024})
