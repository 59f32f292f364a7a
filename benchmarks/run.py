"""Measures fwaudit against its speed goals, as ratios within one run.

    python benchmarks/run.py [--pairs N] [--json FILE] [--only WORD]

Run it with the interpreter of an environment that holds fwaudit, torch and TensorFlow.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from measure import Command, Ratio, compare, peak_rss_mb

PYTHON = sys.executable
FWAUDIT = (PYTHON, "-m", "auditor")
BARE = "import click, msgspec, psutil, packaging.version, rich.console"
HERE = Path(__file__).resolve().parent
PASTE = HERE / "paste.txt"  # a ticket: an error and collect_env's dump
EXAMPLE = HERE.parent / "reports" / "examples" / "workstation.json"
FORMATS = ("json", "text", "markdown", "html", "junit", "prometheus")
THREADS = max(1, (os.cpu_count() or 2) // 2)


def python(name: str, code: str) -> Command:
    return Command(name, ((PYTHON, "-c", code),))


def fwaudit(*args: str) -> Command:
    return Command("fwaudit " + " ".join(args), ((*FWAUDIT, *args),))


def scan(level: str) -> Command:
    return Command(
        f"fwaudit scan --level {level}", ((*FWAUDIT, "scan", "--level", level, "--python", PYTHON),)
    )


def goals() -> list[tuple[Command, Command, float]]:
    """Ours, theirs, and the ratio that is to hold."""
    none = scan("none")
    quick = scan("quick")
    smoke = fwaudit("smoke", "--level", "quick", "-q", "--python", PYTHON)
    bare = Command(
        "two bare scripts", tuple((PYTHON, str(HERE / f"bare_{name}.py")) for name in ("torch", "tensorflow"))
    )
    shows = [
        Command(f"fwaudit show --format {name}", ((*FWAUDIT, "show", str(EXAMPLE), "--format", name),))
        for name in FORMATS
    ]
    return [
        *((show, python("bare import", BARE), 3.0) for show in shows),
        (fwaudit("--help"), python("import click", "import click"), 1.5),
        (none, python("bare import", BARE), 2.5),
        (
            fwaudit("plan", "--assume", "gpu=GTX 1080 Ti", "--assume", "driver=580.65.06"),
            python("bare import", BARE),
            3.0,
        ),
        (
            Command("fwaudit diagnose (a ticket)", ((*FWAUDIT, "diagnose", str(PASTE)),)),
            python("bare import", BARE),
            2.5,
        ),
        (fwaudit("preflight", "--profile", str(HERE / "nhc.toml")), python("bare import", BARE), 1.5),
        (none, Command("torch.utils.collect_env", ((PYTHON, "-m", "torch.utils.collect_env"),)), 0.15),
        (quick, bare, 1.25),
        (smoke, bare, 1.25),
    ]


def row(result: Ratio) -> str:
    mark = "ok" if result.holds else "MISSED"
    return (
        f"{result.ours:<34} {result.ours_s:7.3f}  {result.theirs:<24} {result.theirs_s:7.3f}"
        f"  {result.ratio:6.3f} [{result.least:.3f}-{result.most:.3f}]  <= {result.limit:<5} {mark}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cwd = Path(folder)
        chosen = [goal for goal in goals() if options.only in goal[0].name + goal[1].name]
        results = []
        print(f"{'ours':<34} {'s':>7}  {'theirs':<24} {'s':>7}  {'ratio':>6}")
        for ours, theirs, limit in chosen:
            results.append(compare(ours, theirs, limit, options.pairs, cwd))
            print(row(results[-1]), flush=True)
        peak = peak_rss_mb([*FWAUDIT, "scan", "--python", PYTHON], cwd)
        print(
            f"peak memory of the parent, scan --level quick: {peak:.0f} MB  <= 80  {'ok' if peak <= 80 else 'MISSED'}"
        )
    if options.json:
        rows = [{**asdict(result), "holds": result.holds} for result in results]
        options.json.write_text(json.dumps({"ratios": rows, "peak_mb": peak}, indent=1) + "\n")
    return 0 if all(result.holds for result in results) and peak <= 80 else 1


if __name__ == "__main__":
    sys.exit(main())
