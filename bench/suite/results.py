"""bench/results.json, or that of another machine, and the Markdown that is made of it."""

import json
import math
import statistics

from suite import places

HEAD = """\
# Results of bench/run

Made by `bench/run`; how to run and read it: [docs/performance.md](../docs/performance.md). All figures of
a row come from one run in which both sides were measured in turn. Ratio: the peer's time by ours, of the
medians; behind it the quartiles of the ratios pair by pair. "others" is the share of the machine's
processor time that foreign processes took meanwhile: rows above 10 % are to be measured again.
"""


def load(path):
    return json.loads(path.read_text()) if path.exists() else {"workloads": {}, "tuned": {}}


def save(path, results):
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def number(x):
    return f"{x:.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 0.1 else f"{x:.3g}"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]


def verdict(peer):
    if peer["met"] is None:
        return ""
    return f"{number(peer['least'])}: {'yes' if peer['met'] else '**no**'}" if peer["least"] else (
        "yes" if peer["met"] else "**no**")


def case_rows(case):
    for peer in case["peers"]:
        low, high = peer["quartiles"]
        yield [case["case"], f"{number(case['ours']['per_second'])} {case['unit']}/s",
               f"{peer['name']} ({peer['configuration']['chosen']})",
               f"{number(peer['per_second'])} {case['unit']}/s",
               f"**{peer['ratio']:.2f}** ({low:.2f} .. {high:.2f})", verdict(peer),
               f"{case['ours']['peak_mb']:.0f} / {peer['peak_mb']:.0f}", case["rounds"],
               f"{100 * case['others']:.0f} %", peer["outputs"]]


def tuning_lines(cases):
    lines = []
    for case in cases:
        for peer in case["peers"]:
            tried = peer["configuration"]["tried"]
            if len(tried) > 1:
                failed = peer["configuration"].get("failed", {})
                said = [f"{name} {number(1 / seconds)} {case['unit']}/s" if seconds else
                        f"{name}: does not run here ({failed.get(name, '')[-160:]})" for name, seconds in tried.items()]
                lines.append(f"- {case['case']}, {peer['name']}: " + "; ".join(said) + ".")
    return ["", "Configurations tried, one round each:", ""] + [cell(line) for line in lines] if lines else []


def workload_lines(entry):
    lines = ["", f"## {entry['id']}: {entry['title']}", "", entry["about"], ""]
    if entry.get("failed"):
        lines += [f"**Failed:** {cell(entry['failed'])}", ""]
    if entry["cases"]:
        time = "processor time" if entry["cases"][0]["time"] == "cpu_seconds" else "wall time"
        lines += table(["case", "braid", "peer (its best configuration)", "peer", f"ratio ({time})", "at least: met",
                        "peak MB ours / peer", "rounds", "others", "outputs"],
                       [row for case in entry["cases"] for row in case_rows(case)])
        lines += tuning_lines(entry["cases"])
    for extra in entry.get("tables", []):
        lines += ["", extra["title"], ""] + table(extra["columns"], extra["rows"])
    for note in entry.get("notes", []):
        lines += ["", note]
    return lines


def markdown(results):
    machine = results.get("machine", {})
    lines = HEAD.splitlines() + ["", "## Machine", ""]
    lines += table(["what", "value"], [[key, value] for key, value in machine.items()])
    lines += ["", "Peers: " + ", ".join(f"{k} {v}" for k, v in results.get("versions", {}).items()) + "."]
    summary = []
    for entry in results["workloads"].values():
        for case in entry["cases"]:
            for peer in case["peers"]:
                if peer["least"]:
                    summary.append([entry["id"], case["case"], peer["name"], f"{peer['ratio']:.2f}",
                                    number(peer["least"]), "yes" if peer["met"] else "**no**"])
        summary += entry.get("must", [])
        if entry.get("failed") and not entry["cases"]:
            summary.append([entry["id"], entry["title"], "", "failed", "", "**no**"])
    lines += ["", "## What must hold", ""] + table(["workload", "case", "peer", "ratio", "at least", "met"], summary)
    if any(row[-1] != "yes" for row in summary):
        lines += ["", "What limits the rows that are not met, and what was tried: "
                  "[docs/performance.md](../docs/performance.md#what-limits-what-is-missed)."]
    for entry in results["workloads"].values():
        lines += workload_lines(entry)
    return "\n".join(lines) + "\n"


def exponent(sizes, values):
    """The slope of log value over log size: 1 is linear, 2 quadratic."""
    x, y = [math.log(v) for v in sizes], [math.log(v) for v in values]
    mx, my = statistics.mean(x), statistics.mean(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)


def path_of(name):
    """Of a machine that has its own files; "" is the one of RESULTS.md."""
    return places.BENCH / ("results" + (f"-{name}" if name else "") + ".json")


def write(results, path):
    save(path, results)
    path.with_name(path.name.replace("results", "RESULTS")).with_suffix(".md").write_text(markdown(results))
