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

WRITING = re.compile(r"^\d+\s+(?:open(?:at)?|creat)\([^\"]*\"(?P<path>[^\"]*)\", (?P<flags>[A-Z_|]+)")
CHANGING = re.compile(
    r"^\d+\s+(?P<call>mkdir|rename|unlink|rmdir|link|symlink|chmod|chown|truncate|mknod)\w*\((?P<rest>.*)"
)
NETWORK = re.compile(r"^\d+\s+(?:connect|sendto|bind|sendmsg)\(.*sa_family=AF_INET")
HARMLESS = ("/dev/null", "/dev/tty", "/dev/shm/", "/proc/self/", "/proc/thread-self/")


def outside(lines: list[str], scratch: str) -> list[str]:
    """Return the calls that changed something outside `scratch`; failed ones changed nothing."""
    found = []
    for line in lines:
        if " = -1 " in line:
            continue
        writing, changing = WRITING.match(line), CHANGING.match(line)
        if writing and re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", writing["flags"]):
            path = writing["path"]
        elif changing:
            path = (re.findall(r'"([^"]*)"', changing["rest"]) or ["?"])[0]
        else:
            continue
        if not path.startswith((scratch, *HARMLESS)) and not path.startswith("fwaudit-"):
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
    calls += ",chmod,fchmodat,chown,fchownat,truncate,mknod,mknodat,connect,sendto,bind,sendmsg"
    argv = ("strace", "-f", "-qq", "-e", calls, "-o", str(trace))
    run = scan(
        "--level", level, "--python", sys.executable, prefix=argv, cwd=cwd, env={"TMPDIR": str(scratch)}
    )
    try:
        done = run.wait(420)
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
    assert outside(lines, str(scratch)) == []
    assert list(scratch.iterdir()) == []
    assert list(cwd.iterdir()) == []
    assert os.listdir(environment["HOME"]) == []
    assert run.left() == []
