"""One contestant: a process that measures one round for each line it is sent.

It prints one JSON object a line: first {"ready": {...facts}}, then for each line on its standard input
{"seconds": s, "count": n, ...}, and at its end, when the input is closed, {"output": ...} to compare.
Whatever else it prints goes to standard error. Served like this both sides of a case live next to each
other, warm, and are measured in turn.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile


class SideFailed(Exception):
    pass


@dataclasses.dataclass
class Side:
    name: str            # "fp32, eager"
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    note: str = ""


class Running:
    """A started side. Use it in a `with`."""

    def __init__(self, side):
        self.side = side
        self.errors = tempfile.TemporaryFile("w+")
        self.peak_mb = 0.0
        command = [str(word) for word in side.command]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                            text=True, env={**os.environ, **side.environment})
        except OSError as problem:
            raise SideFailed(f"{command[0]}: {problem}") from problem
        self.ready = self._line("ready")["ready"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()

    def measure(self):
        self._ask()
        return self._line("seconds")

    def finish(self):
        """Closes its input; gives what it has to say for comparison and takes its peak memory."""
        self.process.stdin.close()
        answer = self._line("output")
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        self.peak_mb = answer.get("peak_mb", 0.0)
        if not self.peak_mb and status.exists():
            peak = [x for x in status.read_text().splitlines() if x.startswith("VmHWM")]
            self.peak_mb = int(peak[0].split()[1]) / 1024 if peak else 0.0
        self.process.wait()
        return answer["output"]

    def _ask(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended: reading says why

    def _line(self, key):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()[-6:]
            raise SideFailed(f"{self.side.name}: ended with status {self.process.returncode}: " + " | ".join(said))
        try:
            answer = json.loads(line)
            answer[key]  # noqa: B018
        except (ValueError, KeyError) as problem:
            raise SideFailed(f"{self.side.name}: expected a line with '{key}', got {line.strip()[:200]}") from problem
        return answer
