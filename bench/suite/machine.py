"""What a figure depends on besides the code: the machine, the versions, and who else was busy."""

import os
import pathlib
import platform
import subprocess
import time

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cores():
    return len(os.sched_getaffinity(0))


def facts():
    """The machine, as text by name."""
    cpu, flags = "unknown", []
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            cpu = value.strip()
        if key.strip() == "flags":
            flags = value.split()
    simd = [f for f in flags if f.startswith(("avx", "amx", "fma", "sse4"))]
    memory = next(line.split()[1] for line in pathlib.Path("/proc/meminfo").read_text().splitlines()
                  if line.startswith("MemTotal"))
    system = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return {"cpu": cpu, "cores": str(cores()), "flags": " ".join(simd), "memory": f"{int(memory) / 2**20:.0f} GiB",
            "system": f"{system.get('PRETTY_NAME', 'Linux').strip(chr(34))}, Linux {platform.release()}"}


def has_bf16():
    """Whether the processor multiplies bfloat16: one that does not takes many times as long as in float32."""
    return any(flag in facts()["flags"].split() for flag in ("avx512_bf16", "amx_bf16"))


def commit(root):
    def git(*words):
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False).stdout
    changed = git("status", "--porcelain", "--untracked-files=no").strip()
    return (git("rev-parse", "--short", "HEAD").strip() or "unknown") + (" with changes" if changed else "")


def _stat_fields(pid):
    """The fields of /proc/PID/stat behind the name, which may hold blanks."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _tree(root):
    """The process and all that descend from it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(_stat_fields(entry.name)[1])
            except OSError:
                continue  # it ended meanwhile
    found = {root}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def tree_resident_mb(root):
    total = 0
    for pid in _tree(root):
        try:
            total += int(_stat_fields(pid)[21]) * PAGE_BYTES
        except OSError:
            continue
    return total / 2**20


def _own_ticks():
    total = 0
    for pid in _tree(os.getpid()):
        try:
            total += sum(int(x) for x in _stat_fields(pid)[11:15])  # user, system; of children that ended too
        except OSError:
            continue
    return total


def _all_ticks():
    values = [int(x) for x in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(values) - values[3] - values[4]  # all but idle and waiting for disks


class Others:
    """The share of the machine's processor time that other processes took since it was made."""

    def __init__(self):
        self.begin, self.all, self.own = time.monotonic(), _all_ticks(), _own_ticks()

    def share(self):
        spent_s = max(time.monotonic() - self.begin, 1e-3)
        others = (_all_ticks() - self.all) - (_own_ticks() - self.own)
        return max(0.0, others / TICKS_PER_S / (spent_s * os.cpu_count()))
