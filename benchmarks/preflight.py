"""Measures the pre-flight against its speed goals: NHC's usual checks, gpucm, 200 checks of 8 GPUs, the budget.

    python benchmarks/preflight.py [--gpucm VENV] [--pairs N] [--json FILE]

Run it with the interpreter of an environment that holds an installed wheel (its rules are compiled). VENV is an
environment that holds `gpucm`; without it a stand-in pays what gpucm pays at the least: one Python process that
imports click for each check, labelled so.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Command, Ratio, compare, seconds

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
PREFLIGHT = (PYTHON, "-m", "auditor", "preflight")
BARE = "import click, msgspec, psutil, packaging.version, rich.console"
STAND_IN = "import click, json, subprocess, socket, logging"
BUDGETS = (1.0, 2.0, 4.0)  # seconds
GPUCM = (
    ("check-node", "uptime"),
    ("check-process", "check-zombie"),
    ("check-processor", "check-buddyinfo"),
    ("check-processor", "check-clocksource", "--expected-source=tsc"),
    ("check-processor", "cpufreq-governor"),
    ("check-storage", "disk-usage", "--volume=/"),
    ("check-process", "check-running-process", "--process-name=bash"),
    ("check-storage", "mounted-directory", "--directory=/dev/shm"),
)


def several(name: str, argvs: list[tuple[str, ...]]) -> Command:
    """Return commands that run one after another, as a scheduler's prolog would run them."""
    code = f"import subprocess\nfor argv in {argvs!r}: subprocess.run(argv, capture_output=True)"
    return Command(name, ((PYTHON, "-S", "-c", code),))


def gpucm(venv: str | None) -> Command:
    if venv is None:
        return several("stand-in for gpucm: 8 processes", [(PYTHON, "-c", STAND_IN)] * len(GPUCM))
    program = str(Path(venv) / "bin" / "health_checks")
    options = ("bench", "nagios", "--sink", "do_nothing", "--log-folder", tempfile.gettempdir())
    return several("gpucm: 8 processes", [(program, *words[:2], *options, *words[2:]) for words in GPUCM])


def preflight(*options: str) -> Command:
    return Command(f"preflight {' '.join(Path(word).name for word in options)}", ((*PREFLIGHT, *options),))


def shown(result: Ratio) -> str:
    mark = "ok" if result.holds else "MISSED"
    return (
        f"{result.ours:<34} {result.ours_s:6.3f} s  {result.theirs:<32} {result.theirs_s:6.3f} s  "
        f"{result.ratio:6.3f} [{result.least:.3f}-{result.most:.3f}] <= {result.limit} {mark}"
    )


def cpu_ms(command: Command, cwd: Path) -> float:
    """Return the CPU time of a run in milliseconds: other work on the machine does not count."""
    process = subprocess.Popen(
        command.argvs[0], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return 1000 * (used.ru_utime + used.ru_stime)


def many(snapshot: Path, pairs: int, cwd: Path) -> tuple[float, float]:
    """Return the milliseconds, of CPU time and by the clock, that 200 checks cost beyond one check of the same node."""
    host = ("--snapshot", str(snapshot), "--budget", "60s")
    full = Command("200", ((*PREFLIGHT, "--profile", str(HERE / "two_hundred.toml"), *host),))
    start = Command("1", ((*PREFLIGHT, "--only", "root-writable", *host),))
    used = [cpu_ms(full, cwd) - cpu_ms(start, cwd) for _ in range(pairs)]
    spent = [seconds(full, cwd) - seconds(start, cwd) for _ in range(pairs)]
    return statistics.median(used), 1000 * statistics.median(spent)


def budget(wanted: float, cwd: Path) -> float:
    """Return the seconds that a run takes whose vendor tool hangs, the budget being `wanted`."""
    tool = cwd / "nvidia-smi"
    tool.write_text("#!/bin/sh\nsleep 600\n")
    tool.chmod(0o755)
    env = {**os.environ, "PATH": f"{cwd}:{os.environ['PATH']}"}
    start = time.perf_counter()
    subprocess.run([*PREFLIGHT, "--budget", f"{wanted}s"], env=env, cwd=cwd, capture_output=True, check=False)
    return time.perf_counter() - start


def snapshot_of(path: Path) -> Path:
    """Write the synthetic 8-GPU node (tests/machines)."""
    root = HERE.parent
    env = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run([PYTHON, "-m", "tests.machines.builder", "hgx", str(path)], env=env, cwd=root, check=True)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gpucm", metavar="VENV")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cwd = Path(folder)
        nhc = preflight("--profile", str(HERE / "nhc.toml"))
        eight = preflight(
            "--profile",
            str(HERE / "gpucm.toml"),
            "--only",
            "uptime,zombies,load,clocksource,cpu-governor,disk-free,services,mounts",
        )
        ratios = [
            compare(nhc, Command("bare import", ((PYTHON, "-c", BARE),)), 1.5, options.pairs, cwd),
            compare(eight, gpucm(options.gpucm), 1.0, options.pairs, cwd),
        ]
        beyond, by_clock = many(snapshot_of(cwd / "hgx.json"), options.pairs, cwd)
        budgets = {wanted: budget(wanted, cwd) for wanted in BUDGETS}
    held = all(spent <= 1.1 * wanted for wanted, spent in budgets.items())
    print(*map(shown, ratios), sep="\n")
    print(
        f"200 checks of a replayed 8-GPU node beyond start-up: {beyond:.0f} ms of CPU time ({by_clock:.0f} ms by the clock)"
        f" <= 100 {'ok' if beyond <= 100 else 'MISSED'}"
    )
    print(
        "budget with a vendor tool that hangs: "
        + ", ".join(f"{w:g} s -> {s:.2f} s" for w, s in budgets.items())
        + (" ok" if held else " MISSED")
    )
    if options.json:
        rows = {
            "ratios": [{"ours": r.ours, "theirs": r.theirs, "ratio": r.ratio} for r in ratios],
            "beyond_ms": beyond,
            "budgets": budgets,
        }
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return int(not (all(r.holds for r in ratios) and beyond <= 100 and held))


if __name__ == "__main__":
    sys.exit(main())
