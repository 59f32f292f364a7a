"""Real faults of a node, made here: hung and full mounts, scarce resources, signals, many at once; and nothing written."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PREFLIGHT = [sys.executable, "-m", "auditor", "preflight"]
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "FWAUDIT"))}


def run(*argv, before=(), **env):
    start = time.monotonic()
    done = subprocess.run(
        [*before, *PREFLIGHT, *argv],
        env={**CLEAN, **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done, time.monotonic() - start


def idle_s():
    """Return the seconds of a run that waits for nothing: what starting and ending take on this machine now."""
    return min(run("--profile", "cpu-node", "--only", "zombies")[1] for _ in range(2))


def within(least_s, *argv, most_s=60.0, **how):
    """Return a run within a budget, which has room for how slow the machine is now; it must have kept it."""
    for _ in range(3):
        idle = idle_s()
        budget = min(max(least_s, 6 * idle), most_s)
        done, spent = run(*argv, "--budget", f"{budget * 1000:.0f}ms", **how)
        if spent < budget + max(1.0, 3 * max(idle, idle_s())):
            return done
    pytest.fail(f"{spent:.1f} s of a budget of {budget:.1f} s; {idle:.1f} s is an idle run")


def runs(words):
    return subprocess.run(["pgrep", "-f", words], capture_output=True, check=False).returncode == 0


def sleeper(folder):
    """Return a command that never ends, of which there is only one on the machine; nvidia-smi is it."""
    words = f"sleep 9{os.getpid():09d}"
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{words}\n")
    tool.chmod(0o755)
    return words


def mounted(folder, *options):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "none", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("nothing may be mounted here")


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    yield folder
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def site(tmp_path, text):
    path = tmp_path / "site.toml"
    path.write_text(text)
    return str(path)


def mounts_of(folder, name="disk-free"):
    return f'[[check]]\nname = "mounts"\nvalue = ["{folder}"]\n[[check]]\nname = "{name}"\n'


def test_a_hung_mount_is_named_within_the_budget(tmp_path, scratch, until):
    """A FUSE file system whose server never answers, as a dead NFS server does."""
    try:
        channel = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("there is no /dev/fuse")
    options = f"fd={channel},rootmode=40000,user_id=0,group_id=0".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"dead", str(scratch).encode(), b"fuse.dead", 0, options) != 0:
        pytest.skip(f"FUSE may not be mounted here: {os.strerror(ctypes.get_errno())}")
    try:
        done = within(2.0, "--dialect", "slurm", "--only", "mounts-answer")
        assert done.returncode == 1
        assert done.stdout.startswith("fwaudit:FWA550 ")
        assert f"{str(scratch)[-20:]} the mount does not answer" in done.stdout
        assert until(lambda: not runs(f"stat -f .* {scratch}")), "the child that asked is gone"
    finally:
        os.close(channel)


def test_a_full_disk(tmp_path, scratch):
    mounted(scratch, "-o", "size=1m")
    (scratch / "big").write_bytes(b"x" * (1 << 20))
    done, _ = run("--profile", site(tmp_path, mounts_of(scratch)), "--only", "disk-free")
    assert done.returncode == 1
    assert f"{scratch}: 0.0 % of the space is free" in " ".join(done.stdout.split())


def test_full_inodes(tmp_path, scratch):
    mounted(scratch, "-o", "nr_inodes=10")
    for number in range(9):
        (scratch / str(number)).touch()
    done, _ = run("--profile", site(tmp_path, mounts_of(scratch, "inodes-free")), "--only", "inodes-free")
    assert done.returncode == 1
    assert "0.0 % of the inodes" in done.stdout


def test_a_mount_turned_read_only(tmp_path, scratch):
    mounted(scratch, "-o", "ro")
    text = f'[[check]]\nname = "mounts-writable"\nvalue = ["{scratch}"]\n'
    done, _ = run("--profile", site(tmp_path, text), "--only", "mounts-writable")
    assert (done.returncode, "is mounted read-only" in done.stdout) == (1, True)


def test_a_tiny_shm():
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace may be made here")
    script = 'mount -t tmpfs -o size=64k none /dev/shm && exec "$@"'
    done, _ = run(
        "--profile", "single-gpu", "--only", "shm", before=["unshare", "-m", "sh", "-c", script, "sh"]
    )
    assert (done.returncode, "/dev/shm has 64 KiB" in done.stdout) == (1, True)


def test_low_locked_memory(tmp_path):
    text = '[[check]]\nname = "memlock"\n'
    done, _ = run(
        "--profile", site(tmp_path, text), "--only", "memlock", before=["prlimit", "--memlock=65536"]
    )
    assert (done.returncode, "limited to 64 KiB" in done.stdout) == (1, True)


def test_names_that_nobody_answers_for(tmp_path):
    text = '[[check]]\nname = "names"\nvalue = ["no-such-host.invalid"]\n'
    done = within(8.0, "--profile", site(tmp_path, text), "--only", "names")
    assert "no-such-host.invalid" in done.stdout
    assert "no such name" in done.stdout or "silent" in done.stdout


def test_a_zombie(until):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        assert until(lambda: ") Z " in Path(f"/proc/{pid}/stat").read_text())
        done, _ = run("--profile", "cpu-node", "--only", "zombies")
        assert f"process {pid} ended" in done.stdout
        assert done.returncode == 0, "a note stops no job"
    finally:
        os.waitpid(pid, 0)


PROVES_S = 9.0  # of silence prove no hang yet (auditor/probes/nvidia/tool.py)


def test_a_vendor_tool_that_hangs_is_killed_and_named(tmp_path, until):
    words, path = sleeper(tmp_path), f"{tmp_path}:{os.environ['PATH']}"
    done = within(1.5, "--dialect", "slurm", "-v", most_s=PROVES_S, PATH=path)
    assert "nvidia" in done.stderr
    assert done.returncode == 0, "no answer in time is unknown, and unknown never drains"
    assert until(lambda: not runs(words))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_schedulers_own_time_limit_never_drains(tmp_path, number, until):
    words = sleeper(tmp_path)
    env = {**CLEAN, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [*PREFLIGHT, "--dialect", "slurm", "--budget", "300s"]
    process = subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True)
    assert until(lambda: runs(words))
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "interrupted" in said
    assert until(lambda: not runs(words))


def test_many_at_once():
    """All at once, none after another. By hand with FWAUDIT_MANY=200 (docs/preflight.md): half a minute of two cores."""
    many = int(os.environ.get("FWAUDIT_MANY", "24"))
    with ThreadPoolExecutor(many) as pool:
        ran = list(pool.map(lambda _: run("--dialect", "slurm", "--budget", "60s")[0], range(many)))
    assert [done.returncode for done in ran] == [0] * many, [done.stderr for done in ran if done.returncode]
    assert {done.stdout.split(":")[0] for done in ran} == {"fwaudit"}


def test_an_ordinary_user_gets_unknown_with_the_capability():
    if os.getuid() or shutil.which("setpriv") is None:
        pytest.skip("only root can become somebody else")
    before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
    done, _ = run("--profile", "dgx-h100", "--format", "json", before=before)
    if not done.stdout:
        pytest.skip(f"another user cannot run this checkout: {done.stderr[-200:]}")
    told = json.loads(done.stdout)
    why = " ".join(reason for check in told["checks"] for reason in check.get("unknown_because", ()))
    assert "CAP_" in why


def test_nothing_is_written_and_nothing_is_connected_to(tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    calls = (
        "trace=open,openat,creat,unlink,unlinkat,rename,renameat2,mkdir,mkdirat,connect,sendto,adjtimex,mount"
    )
    before = ["strace", "-f", "-qq", "-e", calls, "-o", str(trace)]
    done, _ = run(
        "--profile",
        "cpu-node",
        "--profile",
        "dgx-h100",
        "--budget",
        "300s",
        before=before,
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert done.returncode == 1
    lines = trace.read_text().splitlines()
    written = [
        line for line in lines if re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC)", line) and "/dev/null" not in line
    ]
    assert written == []
    assert [line for line in lines if re.search(r"AF_INET|unlink|rename|mkdir|mount\(", line)] == []
    assert all("modes=0" in line for line in lines if "adjtimex(" in line)


def test_a_silent_tool_blinds_neither_its_neighbours_nor_the_count(tmp_path):
    sleeper(tmp_path)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = within(1.5, "--profile", "single-gpu", "-v", most_s=PROVES_S, PATH=path)
    assert done.returncode == 0, done.stdout
    assert "unknown  gpu-count" in done.stdout
    assert "nvidia-smi: no answer in" in done.stdout
    assert "pass     nouveau-absent" in done.stdout
    assert "amd: the probe" not in done.stdout
