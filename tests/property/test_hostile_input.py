"""Input without end or beyond all measure: a clear refusal, in seconds and within bounded memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

MEMORY = 768 << 20  # bytes of address space that a command may ask for
ENDLESS = pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no /dev/zero here")


def bounded(*arguments: str, stdin: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditor", *arguments],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=600,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


@ENDLESS
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("scan", "--snapshot", "/dev/zero"), "larger than 64 MiB"),
        (("show", "/dev/zero"), "larger than 64 MiB"),
        (("diagnose", "/dev/urandom"), "binary"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_file_without_end_is_refused(arguments, says):
    done = bounded(*arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_pipe_without_end_is_answered():
    with subprocess.Popen(["yes", "RuntimeError: CUDA out of memory"], stdout=subprocess.PIPE) as endless:
        done = bounded("diagnose", "-", stdin=endless.stdout.fileno())
        endless.kill()
    assert done.returncode == 0
    assert "CUDA out of memory" in done.stdout


@pytest.mark.parametrize("command", ["diagnose", "show"])
def test_a_report_larger_than_any_is_refused_as_such(tmp_path, command):
    report = tmp_path / "report.json"
    with report.open("w") as out:
        out.write('{"schema_version": 1, "tool": "')
        out.write("x" * (65 << 20))
        out.write('"}')
    done = bounded(command, str(report))
    assert done.returncode == 2
    assert "MiB, which no report" in done.stderr


def test_rules_without_end_are_refused(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "endless.toml").symlink_to("/dev/zero")
    (tmp_path / "text").write_text("torch: 2.4.0")
    done = bounded("diagnose", "--rules-dir", str(tmp_path), str(tmp_path / "text"))
    assert done.returncode == 2
    assert "longer than 4 MiB" in done.stderr
