"""A plan's own commands, carried out in an empty environment; then `scan` finds nothing wrong there.

It installs two frameworks, which takes minutes: run it with FWAUDIT_CARRY_OUT=1 (docs/plan.md has the table).
"""

import os
import subprocess
import sys

import pytest

from auditor.engine.planning.candidate import PYTORCH_INDEX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("FWAUDIT_CARRY_OUT"), reason="FWAUDIT_CARRY_OUT is not set"),
]
FWAUDIT = [sys.executable, "-m", "auditor"]


def installs(steps):
    """Return the plan's commands; torch's CPU build comes from where pip is configured to look."""
    index = f" --index-url {PYTORCH_INDEX}cpu"
    return [step.replace("2.13.0" + index, "2.13.0+cpu") for step in steps]


@pytest.mark.parametrize(
    "wish", [["--pin", "torch=2.13.0"], ["--framework", "tensorflow"]], ids=["torch", "tensorflow"]
)
def test_the_scan_is_green_after_the_plans_commands(tmp_path, wish):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    target = ["--python", str(tmp_path / "env" / "bin" / "python")]
    asked = subprocess.run(
        [*FWAUDIT, "plan", *target, *wish, "--no-redact", "--output-as", "pip"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for step in installs(asked.stdout.splitlines()):
        done = subprocess.run(["sh", "-c", step], capture_output=True, text=True, check=False)
        if "No matching distribution" in done.stderr:
            pytest.skip(f"pip cannot have it here: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    scanned = subprocess.run(
        [*FWAUDIT, "scan", *target, "--quiet"], capture_output=True, text=True, check=False
    )
    assert scanned.returncode == 0, scanned.stdout
