"""Measures what reports cost: formats against JSON, a thousand reports compared, a report of a size that no machine has.

    python benchmarks/reports.py [--pairs N] [--json FILE]

Run it with the interpreter of an environment that holds an installed fwaudit. Times are the processor time of whole commands,
which is their wall time where nothing else runs (they have one thread and no children); the wall time stands behind it.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FWAUDIT = (sys.executable, "-m", "auditor")
EXAMPLES = Path(__file__).resolve().parent.parent / "reports" / "examples"
FORMATS = ("text", "markdown", "html", "junit", "prometheus")
MORE_MS, COMPARE_S, LARGE_S, LARGE_MB = 150.0, 10.0, 2.0, 300.0
FINDINGS, GPUS, PACKAGES, REPORTS = 10_000, 64, 3_000, 1_000
GPU = {
    "name": "NVIDIA H100 80GB HBM3",
    "memory_total_mib": 81559,
    "compute_capability": "9.0",
    "temperature_c": 41,
    "pcie_width": 16,
}
Row = tuple[str, float, float, str, float]  # what, processor time or memory, wall time, unit, limit


def formats(cwd: Path, pairs: int) -> list[Row]:
    """Return what each format of the example costs more than JSON, in ms: the median of alternating pairs."""
    rows = []
    for name in FORMATS:
        runs = [
            [watched(_show(EXAMPLES / "workstation.json", word), cwd) for word in (name, "json")]
            for _ in range(pairs + 1)
        ]
        cpu, wall = (
            statistics.median(1000 * (one[at] - json_[at]) for one, json_ in runs[1:]) for at in (0, 1)
        )
        rows.append((f"show --format {name}, more than json", cpu, wall, "ms", MORE_MS))
    return rows


def _show(path: Path, format_: str) -> tuple[str, ...]:
    return (*FWAUDIT, "show", str(path), "--format", format_)


def watched(argv: Sequence[str], cwd: Path) -> tuple[float, float, float]:
    """Run a command; return processor time and wall time in seconds and the high-water mark of its memory in MB (10^6 bytes)."""
    start = time.perf_counter()
    process = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise RuntimeError((process.stderr.read() if process.stderr else b"").decode())
    return used.ru_utime + used.ru_stime, spent, used.ru_maxrss * 1024 / 1e6


def large() -> dict[str, Any]:
    """Return a report of FINDINGS findings, GPUS GPUs and PACKAGES packages."""
    report = json.loads((EXAMPLES / "broken.json").read_text())
    model = report["findings"][0]
    report["findings"] = [
        {**model, "id": f"FWA{i % 900}", "title": f"Fault {i}", "subject": f"gpu:{i}"}
        for i in range(FINDINGS)
    ]
    for i in range(GPUS):
        report["facts"] |= {
            f"gpu[{i}].{field}": {"state": "known", "value": value} for field, value in GPU.items()
        }
    packages = [
        {"name": f"package-{i}", "version": f"1.{i}", "location": "/opt/lib", "installer": "pip"}
        for i in range(PACKAGES)
    ]
    report["facts"]["python.distributions"] = {"state": "known", "value": packages}
    return report


def sizes(cwd: Path, pairs: int) -> list[Row]:
    """Return wall time and memory of each format of that report."""
    path = cwd / "large.json"
    path.write_text(json.dumps(large()))
    rows: list[Row] = []
    for name in ("json", *FORMATS):
        runs = [watched(_show(path, name), cwd) for _ in range(max(3, pairs // 2))]
        cpu, wall = (statistics.median(run[at] for run in runs) for at in (0, 1))
        rows.append((f"large report, {name}", cpu, wall, "s", LARGE_S))
        rows.append((f"large report, {name}", max(run[2] for run in runs), 0.0, "MB", LARGE_MB))
    return rows


def many(cwd: Path) -> list[Row]:
    """Return wall time and memory of a comparison of REPORTS reports, each of another machine."""
    base = json.loads((EXAMPLES / "workstation.json").read_text())
    paths = []
    for i in range(REPORTS):
        report = copy.deepcopy(base)
        report["facts"]["nvidia.driver_version"] = {"state": "known", "value": f"580.{i % 7}"}
        report["facts"]["memory.total_kib"]["value"] = 25_000_000 + i
        report["created"] = f"2026-11-{1 + i % 28:02d}T00:00:00Z"
        paths.append(cwd / f"node{i}.json")
        paths[-1].write_text(json.dumps(report))
    cpu, wall, used = watched((*FWAUDIT, "compare", *map(str, paths)), cwd)
    what = f"compare of {REPORTS} reports"
    return [(what, cpu, wall, "s", COMPARE_S), (what, used, 0.0, "MB", LARGE_MB)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cwd = Path(folder)
        rows = [*formats(cwd, options.pairs), *many(cwd), *sizes(cwd, options.pairs)]
    for what, figure, wall, unit, limit in rows:
        mark = "ok" if figure <= limit else "MISSED"
        behind = f"(wall {wall:.2f})" if wall else ""
        print(f"{what:<42} {figure:8.2f} {unit:<3} <= {limit:<6g} {mark:<6} {behind}")
    if options.json:
        fields = ("what", "figure", "wall", "unit", "limit")
        options.json.write_text(json.dumps([dict(zip(fields, row, strict=True)) for row in rows], indent=1))
    return 0 if all(row[1] <= row[4] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
