"""What is generated is up to date."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["make_schema.py", "make_reference.py", "make_collect.py", "make_man.py"])
def test_generated_files_are_up_to_date(script):
    done = subprocess.run(
        [sys.executable, str(TOP / "tools" / script), "--check"],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
