"""A framework that misbehaves on import: the report appears, names it, and says so by its exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_harness import Running, fake_torch, real_torch

pytestmark = pytest.mark.slow

Start = Callable[..., Running]
MakeVenv = Callable[..., Path]

# fault -> (what torch does on import, the fact smoke.pytorch.import, causes of which one must be found)
IMPORT_FAULTS = {
    "segfaults": ("import ctypes; ctypes.string_at(0)", "crash", {"framework_import_crash"}),
    "is killed by an illegal instruction": (
        "import os, signal; os.kill(os.getpid(), signal.SIGILL)",
        "crash",
        {"framework_import_crash", "cpu_missing_avx"},
    ),
    "leaves with os._exit(0)": ("import os; os._exit(0)", "crash", {"framework_import_crash"}),
    "leaves with sys.exit(0)": (
        "import sys; sys.exit(0)",
        "failed",
        {"framework_import_failed", "framework_import_crash"},
    ),
    "raises": ("raise RuntimeError('boom at import')", "failed", {"framework_import_failed"}),
    "is empty, as after a half-done removal": ("", "failed", {"framework_import_failed"}),
    "raises with words that are no text": (
        "raise ImportError('\\udcff \\x1b[31m \\u202e ' * 1000)",
        "failed",
        {"framework_import_failed"},
    ),
    "prints megabytes and dies": (
        "import sys, os\nfor _ in range(64):\n    sys.stdout.write('x' * (1 << 20)); sys.stderr.write('y' * (1 << 20))\nos.abort()",
        "crash",
        {"framework_import_crash"},
    ),
    "eats memory": (
        "kept = []\nwhile True:\n    kept.append(bytearray(64 << 20))",
        None,
        {"framework_import_crash", "smoke_out_of_memory", "out_of_memory", "framework_import_failed"},
    ),
    "leaves a grandchild that holds its pipes": (
        "import subprocess, sys, os\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\nos._exit(0)",
        "crash",
        {"framework_import_crash"},
    ),
}


@pytest.mark.parametrize("fault", IMPORT_FAULTS)
def test_an_import_that(fault: str, scan: Start, make_venv: MakeVenv) -> None:
    code, state, causes = IMPORT_FAULTS[fault]
    # half of what is available may be taken: gigabytes would only take time
    little = ("--assume", "memory.available_kib=4000000") if fault == "eats memory" else ()
    run = scan("--python", str(make_venv(fake_torch(code))), *little)
    done = run.wait()
    done.assert_whole()
    assert done.rc == 1, done.stderr
    assert done.causes & causes, done.causes
    assert state is None or done.value("smoke.pytorch.import") == state
    assert len(done.stdout) < 2 << 20
    assert run.left() == []


def test_a_framework_that_prints_megabytes_and_works_passes(
    scan: Start, make_venv: MakeVenv, has_torch: None
) -> None:
    noise = "for _ in range(32):\n    sys.stdout.write('x' * (1 << 20)); sys.stderr.write('y' * (1 << 20))"
    done = scan("--python", str(make_venv(real_torch(noise)))).wait()
    done.assert_whole()
    assert done.value("smoke.pytorch.import") == "ok"
    assert (done.rc, len(done.stdout) < 2 << 20) == (0, True)
