"""Full disks, closed pipes, signals, encodings and missing homes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Running, fake_torch

pytestmark = pytest.mark.slow

Start = Callable[..., Running]
MakeVenv = Callable[..., Path]
NONE = ("--level", "none")


def can_mount() -> bool:
    argv = ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=16k none /mnt"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(argv, capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def needs_mount() -> None:
    if not can_mount():
        pytest.skip("no private mounts here (needs root and CAP_SYS_ADMIN)")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_full_disk_behind_stdout_is_told_and_is_exit_3(form: str, scan: Start) -> None:
    with open("/dev/full", "wb") as full:
        done = scan(*NONE, form=form, stdout=full).wait()
    assert done.rc == 3
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_full_device_named_with_o_is_told_and_is_exit_3(scan: Start) -> None:
    done = scan(*NONE, "-o", "/dev/full").wait()
    assert (done.rc, "disk is full" in done.stderr, "Traceback" in done.stderr) == (3, True, False)


@pytest.mark.usefixtures("needs_mount")
def test_a_full_disk_leaves_no_half_written_file(scan: Start) -> None:
    mounted = 'mount -t tmpfs -o size=16k none /mnt && "$@"; code=$?; ls -A /mnt >&2; exit $code'
    done = scan(*NONE, "-o", "/mnt/report.json", prefix=("unshare", "-m", "sh", "-c", mounted, "sh")).wait()
    assert done.rc == 3
    assert "disk is full" in done.stderr
    assert "report" not in done.stderr.splitlines()[-1] or "disk is full" in done.stderr.splitlines()[-1]


@pytest.mark.usefixtures("needs_mount")
def test_a_full_temporary_folder_costs_only_what_needs_it(scan: Start, make_venv: MakeVenv) -> None:
    python = str(make_venv(fake_torch("raise ImportError('boom')")))
    full = (
        'mount -t tmpfs -o size=16k none /mnt && cat /dev/zero >/mnt/zeros 2>/dev/null; TMPDIR=/mnt exec "$@"'
    )
    done = scan("--python", python, prefix=("unshare", "-m", "sh", "-c", full, "sh")).wait()
    done.assert_whole()
    assert done.rc in (0, 1, 3)


@pytest.mark.usefixtures("needs_mount")
@pytest.mark.parametrize("writable_tmp", [True, False])
def test_a_read_only_machine_is_audited(writable_tmp: bool, scan: Start, make_venv: MakeVenv) -> None:
    python = str(make_venv(fake_torch("raise ImportError('boom')")))
    keep = "" if not writable_tmp else "mount -t tmpfs none /mnt && export TMPDIR=/mnt && "
    skip = "/mnt" if writable_tmp else "-"
    script = (
        f"{keep}for m in $(awk '{{print $2}}' /proc/mounts | sort -u); do "
        f'case "$m" in /proc*|/sys*|/dev|/dev/pts|{skip}) ;; *) mount -o remount,bind,ro "$m" 2>/dev/null;; esac; done; '
        'touch /etc/x /dev/shm/x 2>/dev/null && exit 77; exec "$@"'
    )
    done = scan("--python", python, prefix=("unshare", "-m", "sh", "-c", script, "sh")).wait()
    if done.rc == 77:
        pytest.skip("file systems cannot be made read-only here")
    done.assert_whole()
    assert done.rc in (0, 1) if writable_tmp else done.rc in (0, 1, 3)
    assert done.value("torch.version") == "2.9.0"


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_closed_pipe_ends_quietly(form: str, scan: Start) -> None:
    run = scan(*NONE, form=form)
    assert run.process.stdout
    run.process.stdout.close()
    run.process.stdout = None
    done = run.wait()
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "internal error" not in done.stderr
    assert done.rc in (0, 1, 141, -signal.SIGPIPE)


def test_a_stdout_that_is_closed_from_the_start_is_told(scan: Start) -> None:
    done = scan(*NONE, prefix=("sh", "-c", '"$@" >&-', "sh")).wait()
    assert "Traceback" not in done.stderr
    assert done.rc == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_during_a_scan_ends_children_and_leaves_no_half_written_file(
    number: signal.Signals, scan: Start, make_venv: MakeVenv, tmp_path: Path
) -> None:
    python = str(make_venv(fake_torch("import time\ntime.sleep(3600)")))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    run = scan("--python", python, "-o", str(tmp_path / "report.json"), env={"TMPDIR": str(scratch)})
    run.wait_for_child("_child.py")
    run.process.send_signal(number)
    done = run.wait(30)
    assert done.rc == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert run.left() == []
    assert list(scratch.iterdir()) == []
    if (tmp_path / "report.json").exists():
        report = json.loads((tmp_path / "report.json").read_text())
        assert "interrupted" in json.dumps(report.get("incomplete", ""))
        assert "interrupted during smoke; what was gathered until then is in" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"report.json", "scratch"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_a_signal_at_any_moment_is_heard(
    number: signal.Signals, scan: Start, make_venv: MakeVenv, tmp_path: Path
) -> None:
    """While modules are imported, threads start and children are born: 40 moments, two runs at a time."""
    python = str(make_venv(fake_torch("import time\ntime.sleep(3600)")))
    for step in range(20):
        runs = [scan("--python", python, "-o", str(tmp_path / f"{step}-{n}.json")) for n in (1, 2)]
        time.sleep(0.05 + 0.035 * step)
        for run in runs:
            run.process.send_signal(number)
        for run in runs:
            done = run.wait(20)
            # before our first line runs, Python itself answers
            assert done.rc in (3, -number) or step < 4, (step, done.rc, done.stderr)
            assert run.left() == []
    for path in tmp_path.iterdir():
        json.loads(path.read_text())


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": None},
    ],
)
@pytest.mark.parametrize("form", ["json", "text"])
def test_an_ascii_stdout_gets_ascii(form: str, env: dict[str, Any], scan: Start, tmp_path: Path) -> None:
    there = tmp_path / "späße ☃"
    there.mkdir()
    done = scan(*NONE, form=form, env=env, cwd=there).wait()
    assert done.rc in (0, 1), done.stderr
    assert done.stdout.decode("ascii")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": None},
        {"HOME": None, "USER": None, "LOGNAME": None, "TMPDIR": None},
        {"HOME": "/nonexistent"},
        {"HOME": ""},
        {"PATH": None},
        {"PATH": ""},
        {"TMPDIR": "/nonexistent"},
    ],
    ids=str,
)
def test_an_environment_that_lacks(env: dict[str, Any], scan: Start) -> None:
    done = scan(*NONE, env=env).wait()
    done.assert_whole()
    assert done.rc in (0, 1), done.stderr


def test_a_working_directory_that_is_gone(scan: Start, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = scan(*NONE, cwd=gone, prefix=("sh", "-c", f'rmdir "{gone}"; exec "$@"', "sh")).wait()
    done.assert_whole()
    assert done.rc in (0, 1), done.stderr


def test_two_outputs_of_which_one_fails_keep_the_other(scan: Start, tmp_path: Path) -> None:
    done = scan(*NONE, "-o", "/dev/full", "-o", str(tmp_path / "report.json")).wait()
    assert done.rc == 3
    assert json.loads((tmp_path / "report.json").read_text())["schema_version"] == 1


def test_an_existing_report_is_replaced_whole_or_not_at_all(scan: Start, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")
    assert scan(*NONE, "-o", str(report)).wait().rc in (0, 1)
    assert json.loads(report.read_text())["schema_version"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_usage_errors_write_nothing_to_stdout(scan: Start) -> None:
    for argument in (
        "--no-such-option",
        "--level=loud",
        "--goal=reserch",
        "--assume=nvidia.drivr=1",
        "--format=jsn",
    ):
        done = scan(argument).wait()
        assert (done.rc, done.stdout) == (2, b""), (argument, done.rc, done.stderr)
        assert done.stderr


def test_python_itself_closed_down_is_no_excuse() -> None:
    """An import that fails inside our own program is exit 3, never Python's own 1."""
    code = "import sys; sys.modules['msgspec'] = None; from auditor.cli.main import entry; sys.argv = ['fwaudit', 'scan']; entry()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 3
    assert "internal error" in done.stderr
