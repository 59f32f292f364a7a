"""A short run of the coverage-guided fuzzer, where atheris is installed; tools/fuzz_readers.py by hand runs longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "fuzz_readers.py"
SECONDS = 20


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.parametrize("target", ["collect_env", "logs", "stored", "diagnose"])
def test_nothing_that_is_pasted_breaks_a_reader(target, tmp_path):
    pytest.importorskip("atheris", reason="the fuzzer atheris is not installed")
    command = [sys.executable, str(SCRIPT), "--seconds", str(SECONDS), "--work", str(tmp_path), target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 120)
    assert done.returncode == 0, done.stdout
