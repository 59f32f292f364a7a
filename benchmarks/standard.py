"""Measures what `fwaudit smoke --level standard` adds to its workloads' own times, within one run each.

    python benchmarks/standard.py [--runs N] [--python PATH] [--json FILE]

The goal: 1.3 times the sum of the workloads' own times after one import of each framework. Where cores and
memory allow, frameworks run side by side, so that it should come to little more than the longest of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT = 1.3


def measure(python: str, cwd: Path) -> dict[str, Any]:
    """Run it once; times in seconds, by its own report."""
    argv = [sys.executable, "-m", "auditor", "smoke", "--level", "standard", "--format", "json", "-q"]
    start = time.perf_counter()
    done = subprocess.run([*argv, "--python", python], cwd=cwd, stdout=subprocess.PIPE, check=False)
    wall = time.perf_counter() - start
    report = json.loads(done.stdout)
    own: dict[str, float] = {}
    for result in report["smoke"]:
        own[result["framework"]] = own.get(result["framework"], 0.0) + result.get("duration_s", 0.0)
    for framework in own:
        own[framework] += report["facts"][f"smoke.{framework}.import_s"].get("value") or 0.0
    counts = [result["status"] for result in report["smoke"]]
    return {
        "wall_s": wall, "sum_s": sum(own.values()), "longest_s": max(own.values()),
        "ratio": wall / sum(own.values()), "to_longest": wall / max(own.values()),
        "passed": counts.count("pass"), "failed": len(counts) - counts.count("pass") - counts.count("skip"),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(options.python, Path(folder)) for _ in range(options.runs)]
    for run in runs:
        print(
            f"wall {run['wall_s']:6.1f} s  own times and imports {run['sum_s']:6.1f} s  ratio {run['ratio']:.3f}"
            f" <= {LIMIT}  to the longest framework {run['to_longest']:.3f}"
            f"  {run['passed']} passed, {run['failed']} failed"
        )
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1) + "\n")
    return 0 if statistics.median(run["ratio"] for run in runs) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
