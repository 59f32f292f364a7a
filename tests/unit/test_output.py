"""Outputs: files are whole or untouched, devices and pipes are written in place."""

import errno
import os
import stat
import subprocess
import sys
import threading

import pytest

from auditor.cli.output import OutputError, write


def mode(path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_file_appears_whole_and_alone(tmp_path):
    write(str(tmp_path / "a.txt"), "grün\n")
    assert (tmp_path / "a.txt").read_bytes() == "grün\n".encode()
    assert os.listdir(tmp_path) == ["a.txt"]


def test_what_may_hold_secrets_is_its_owners_only(tmp_path):
    path = tmp_path / "a.json"
    path.touch(mode=0o644)
    write(str(path), "x", private=True)
    assert mode(path) == 0o600


def test_an_existing_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "t", tmp_path / "link"
    target.touch(mode=0o640)
    target.chmod(0o640)
    link.symlink_to(target)
    write(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert mode(target) == 0o640


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write(str(path), "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(str(tmp_path / "a"), "new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "why"), [("/nowhere/x", "No such file"), ("/", "directory"), ("/dev/full", "the disk is full")]
)
def test_says_which_and_why(path, why):
    with pytest.raises(OutputError, match=why) as raised:
        write(path, "x")
    assert path in str(raised.value)


def test_a_device_is_written_in_place():
    write("/dev/null", "x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_pipe_is_written_in_place(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()))
    reader.start()
    write(str(fifo), "through the pipe")
    reader.join(5)
    assert got == ["through the pipe"]
    assert stat.S_ISFIFO(os.stat(fifo).st_mode)


def run(code: str, env=None, **streams):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **(env or {})}, check=False, **streams
    )


def test_a_reader_that_goes_away_ends_it_quietly():
    code = "from auditor.cli.output import write\nwrite('-', 'x' * 1_000_000)"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stream:
        done = run(code, stdout=stream, stderr=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stderr == b""


def test_a_full_stdout_is_told():
    code = "import sys\nfrom auditor.cli.output import OutputError, write\ntry:\n    write('-', 'x')\nexcept OutputError as e:\n    sys.exit(str(e))"
    with open("/dev/full", "wb") as stream:
        done = run(code, stdout=stream, stderr=subprocess.PIPE)
    assert b"stdout: the disk is full" in done.stderr


def test_an_ascii_stdout_gets_escapes_instead_of_an_error():
    done = run(
        "from auditor.cli.output import write\nwrite('-', 'gr\\xfcn \\u65e5\\n')",
        {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert done.stdout == b"gr\\xfcn \\u65e5\n"
