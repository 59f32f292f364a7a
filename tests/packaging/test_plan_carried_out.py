"""A plan's own commands, carried out in an empty environment; then `scan` finds nothing wrong there.

It installs two frameworks, which takes minutes: run it with FWAUDIT_CARRY_OUT=1 (docs/plan.md has the table).
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from auditor.engine.planning.candidate import PYTORCH_INDEX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("FWAUDIT_CARRY_OUT"), reason="FWAUDIT_CARRY_OUT is not set"),
]
FWAUDIT = [sys.executable, "-m", "auditor"]


# what pip is configured by on this machine, under the names that uv reads
OF_PIP = {"PIP_FIND_LINKS": "UV_FIND_LINKS", "PIP_EXTRA_INDEX_URL": "UV_EXTRA_INDEX_URL"}


def installs(steps):
    """Return the plan's commands; torch's CPU build comes from where pip or uv is configured to look."""
    index = re.escape(f" --index-url {PYTORCH_INDEX}cpu")
    return [re.sub(rf"2\.13\.0('?){index}", r"2.13.0+cpu\1", step) for step in steps]


def surroundings():
    """Return the environment of the commands: uv looks where pip does."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    values = dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)
    extra = values.get("global.extra-index-url", "").strip("'")
    found = {"PIP_EXTRA_INDEX_URL": extra, **os.environ} if extra else dict(os.environ)
    theirs = {uv: found[pip] for pip, uv in OF_PIP.items() if pip in found}
    return {**os.environ, **theirs, "UV_INDEX_STRATEGY": "unsafe-best-match"}


def prepared(form, folder):
    """Return the empty environment that is planned for, and that which the commands fill: uv makes its own."""
    if form == "uv" and shutil.which("uv") is None:
        pytest.skip("uv is not on the PATH")
    asked = folder / (".venv" if form == "pip" else "empty")
    subprocess.run([sys.executable, "-m", "venv", asked], check=True)
    return str(asked / "bin" / "python"), str(folder / ".venv" / "bin" / "python")


@pytest.mark.parametrize("form", ["pip", "uv"])
@pytest.mark.parametrize(
    "wish", [["--pin", "torch=2.13.0"], ["--framework", "tensorflow"]], ids=["torch", "tensorflow"]
)
def test_the_scan_is_green_after_the_plans_commands(tmp_path, wish, form):
    empty, python = prepared(form, tmp_path)
    asked = subprocess.run(
        [*FWAUDIT, "plan", "--python", empty, *wish, "--no-redact", "--output-as", form],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    for step in installs(asked.stdout.splitlines()):
        done = subprocess.run(
            ["sh", "-c", step], capture_output=True, text=True, check=False, cwd=tmp_path, env=surroundings()
        )
        if "No matching distribution" in done.stderr or "there is no version of" in done.stderr:
            pytest.skip(f"it cannot be had here: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    scanned = subprocess.run(
        [*FWAUDIT, "scan", "--python", python, "--quiet"], capture_output=True, text=True, check=False
    )
    assert scanned.returncode == 0, scanned.stdout
