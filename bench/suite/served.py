#!/usr/bin/env python3
"""Runs a program that prints JSON and ends, once for each line of standard input (side.py's end).

  served.py kernel PROGRAM [ARGUMENT ...]               # Google Benchmark's figures for the last kernel
  served.py wall PROGRAM [ARGUMENT ...]                 # the time from its start to its end instead
"""

import json
import resource
import subprocess
import sys
import time


def say(answer):
    print(json.dumps(answer), flush=True)


def main():
    key, *command = sys.argv[1:]
    say({"ready": {}})
    last = {}
    for _ in sys.stdin:
        begin = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False)
        spent_s = time.perf_counter() - begin
        if done.returncode:
            sys.exit(f"{command[0]}: exit status {done.returncode}")
        if key == "wall":
            last = json.loads(done.stdout)
            say({"seconds": spent_s, "cpu_seconds": spent_s, "count": 1})
        else:
            last = json.loads(done.stdout)["benchmarks"][-1]
            say({"seconds": last["real_time"] / 1000, "cpu_seconds": last["cpu_time"] / 1000, "count": 1})
    say({"output": last, "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024})


if __name__ == "__main__":
    main()
