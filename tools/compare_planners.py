"""Compares `fwaudit plan` with uv's --torch-backend and light-the-torch over a grid of drivers and cards.

    python tools/compare_planners.py --uv PATH --ltt-python PATH

uv is asked offline what index it would take (UV_CUDA_DRIVER_VERSION); light-the-torch is asked, in its own
interpreter, which backends it calls compatible with a driver. Neither looks at the cards: that is what differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence

DRIVERS = (
    "450.80.02",
    "470.199.02",
    "525.85.12",
    "535.129.03",
    "550.54.14",
    "570.124.06",
    "580.65.06",
    "595.45.04",
)
CARDS = ("Tesla K80", "GTX 1080 Ti", "Tesla V100", "T4", "RTX 3090", "RTX 4090", "H100", "RTX 5090", "B300")
_LTT = """
import json, sys
from unittest import mock
import light_the_torch._cb as cb
found = {}
for driver in sys.argv[1:]:
    with mock.patch.object(cb, "_detect_nvidia_driver_version", return_value=cb.Version(driver)):
        cuda = [backend for backend in cb.detect_compatible_computation_backends() if backend != "cpu"]
        found[driver] = str(max(cuda)) if cuda else "cpu"
print(json.dumps(found))
"""


def ours(card: str, driver: str) -> str:
    """Return the build that `fwaudit plan` chooses for torch, or "none"."""
    command = [sys.executable, "-m", "auditor", "plan", "--framework", "pytorch", "--format", "json"]
    command += ["--assume", f"gpu={card}", "--assume", f"driver={driver}", "--assume", "python=3.12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    plan = json.loads(done.stdout)["plan"]
    return f"{plan['choices'][0]['version']} {plan['choices'][0]['build']}" if plan["possible"] else "none"


def uv_takes(uv: str, driver: str) -> str:
    """Return the newest backend that uv would take for a driver, by the indexes that it says it would ask."""
    command = [uv, "pip", "install", "--torch-backend=auto", "--dry-run", "-v", "--offline", "--no-cache"]
    command += ["--python", sys.executable, "--reinstall", "torch"]
    environment = {**os.environ, "UV_CUDA_DRIVER_VERSION": driver}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = {int(number) for number in re.findall(r"whl/cu(\d+)/torch", done.stderr)}
    return f"cu{max(found)}" if found else "cpu" if "whl/cpu/torch" in done.stderr else "?"


def ltt_takes(python: str, drivers: Sequence[str]) -> dict[str, str]:
    """Return for each driver the newest backend that light-the-torch calls compatible."""
    done = subprocess.run([python, "-c", _LTT, *drivers], capture_output=True, text=True, check=False)
    if done.returncode:
        return dict.fromkeys(drivers, "?")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print the table, one row a driver and card."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--ltt-python", default=sys.executable)
    options = parser.parse_args()
    theirs = ltt_takes(options.ltt_python, DRIVERS)
    print("| driver | uv | light-the-torch | " + " | ".join(CARDS) + " |")
    print("|---" * (len(CARDS) + 3) + "|")
    for driver in DRIVERS:
        builds = [ours(card, driver) for card in CARDS]
        print(f"| {driver} | {uv_takes(options.uv, driver)} | {theirs[driver]} | {' | '.join(builds)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
