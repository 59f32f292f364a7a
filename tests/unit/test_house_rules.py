"""The code keeps its own rules: linter, types, import floors."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"]],
    ids=" ".join,
)
def test_tool_finds_nothing(command):
    tool = BIN / command[0]
    done = subprocess.run([str(tool), *command[1:]], cwd=TOP, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_version_control_ignores_no_file_that_the_program_needs():
    command = [
        "git",
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "auditor",
        "rules",
        "reports",
        "tests",
    ]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        pytest.skip("no git checkout here")
    assert [name for name in done.stdout.split() if "__pycache__" not in name and "_cache/" not in name] == []
