"""What the kernel saw of a scan: no write outside its temporary folder, no network, nothing left behind."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_harness import Running

pytestmark = pytest.mark.slow

Start = Callable[..., Running]

CALL = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<rest>.*)")
# strace -y writes the folder of a relative path behind its descriptor: 3</tmp/x>, "name"
PLACE = re.compile(r'(?:(?:\d+|AT_FDCWD)<(?P<folder>[^>]*)>, )?"(?P<path>[^"]*)"')
WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")
# a socket that is only bound speaks to nobody: urllib3 binds one to ::1 to see whether there is IPv6
NETWORK = re.compile(r"^\d+\s+(?:connect|sendto|sendmsg)\(.*sa_family=AF_INET")
HARMLESS = ("/dev/null", "/dev/tty", "/dev/shm/", "/proc/self/", "/proc/thread-self/")


def outside(lines: list[str], scratch: str, cwd: str) -> list[str]:
    """Return the calls that changed something outside `scratch`; failed ones changed nothing."""
    found = []
    for line in lines:
        call = CALL.match(line)
        if " = -1 " in line or not call or call["name"] in ("connect", "sendto", "sendmsg"):
            continue
        if call["name"].startswith("open") and not WRITING.search(call["rest"]):
            continue
        for place in PLACE.finditer(call["rest"]):
            path = os.path.normpath(os.path.join(place["folder"] or cwd, place["path"]))
            if not path.startswith((scratch, *HARMLESS)):
                found.append(line[:300])
    return found


@pytest.mark.parametrize("level", ["none", "quick"])
def test_a_scan_changes_nothing_and_talks_to_nobody(
    level: str, scan: Start, tmp_path: Path, environment: dict[str, str]
) -> None:
    if not shutil.which("strace"):
        pytest.skip("no strace here")
    trace, scratch, cwd = tmp_path / "trace.txt", tmp_path / "scratch", tmp_path / "cwd"
    scratch.mkdir()
    cwd.mkdir()
    calls = "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat"
    calls += ",chmod,fchmodat,chown,fchownat,truncate,mknod,mknodat,connect,sendto,sendmsg"
    argv = ("strace", "-f", "-y", "-qq", "-e", calls, "-o", str(trace))
    run = scan(
        "--level", level, "--python", sys.executable, prefix=argv, cwd=cwd, env={"TMPDIR": str(scratch)}
    )
    try:
        done = run.wait(780)
    except Exception:
        if trace.stat().st_size == 0:
            pytest.skip("strace may not trace here")
        raise
    if "ptrace" in done.stderr.lower() and not done.stdout:
        pytest.skip("strace may not trace here")
    lines = trace.read_text(errors="replace").splitlines()
    assert len(lines) > 100
    assert done.report["facts"]["os.kernel"]["state"] == "known"
    assert [line for line in lines if NETWORK.match(line)] == []
    assert outside(lines, str(scratch), str(cwd)) == []
    assert list(scratch.iterdir()) == []
    assert list(cwd.iterdir()) == []
    assert os.listdir(environment["HOME"]) == []
    assert [
        path for path in set(re.findall(r'"(/dev/shm/[^"]+)"', "\n".join(lines))) if os.path.exists(path)
    ] == []
    assert run.left() == []


@pytest.mark.parametrize(
    ("line", "is_outside"),
    [
        ('7 openat(AT_FDCWD</home/u>, "x.txt", O_WRONLY|O_CREAT, 0666) = 3</home/u/x.txt>', True),
        ('7 openat(AT_FDCWD</home/u>, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>', False),
        ('7 openat(AT_FDCWD</home/u>, "/tmp/s/x", O_RDWR|O_CREAT, 0600) = 3</tmp/s/x>', False),
        (
            '7 openat(AT_FDCWD</home/u>, "/etc/x", O_RDWR|O_CREAT, 0600) = -1 EACCES (Permission denied)',
            False,
        ),
        ('7 unlinkat(3</tmp/s>, "answer.json", 0) = 0', False),
        ('7 unlinkat(3</tmp/other>, "answer.json", 0) = 0', True),
        ('7 rename("/tmp/s/a", "/home/u/a") = 0', True),
        ('7 mkdir("/tmp/s/../x", 0700) = 0', True),
        ('7 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/run/nscd"}, 110) = 0', False),
    ],
)
def test_the_trace_is_read_rightly(line: str, is_outside: bool) -> None:
    assert bool(outside([line], "/tmp/s", "/home/u")) is is_outside
