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
        timeout=120,
        check=False,
    )
    return done, time.monotonic() - start


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


def test_a_hung_mount_is_named_within_the_budget(tmp_path, scratch):
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
        done, spent = run("--dialect", "slurm", "--only", "mounts-answer", "--budget", "2s")
        assert done.returncode == 1
        assert done.stdout.startswith("fwaudit:FWA550 ")
        assert f"{str(scratch)[-20:]} the mount does not answer" in done.stdout
        assert spent < 3.0
        left = subprocess.run(
            ["pgrep", "-f", f"stat -f .* {scratch}"], capture_output=True, text=True, check=False
        )
        assert left.stdout == "", "the child that asked is gone"
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
    done, spent = run("--profile", site(tmp_path, text), "--only", "names", "--budget", "8s")
    assert "no-such-host.invalid" in done.stdout
    assert "no such name" in done.stdout or "silent" in done.stdout
    assert spent < 8.8


def test_a_zombie():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        time.sleep(0.1)
        done, _ = run("--profile", "cpu-node", "--only", "zombies")
        assert f"process {pid} ended" in done.stdout
        assert done.returncode == 0, "a note stops no job"
    finally:
        os.waitpid(pid, 0)


def test_a_vendor_tool_that_hangs_is_killed_and_named(tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nsleep 987\n")
    tool.chmod(0o755)
    done, spent = run(
        "--budget", "1500ms", "--dialect", "slurm", "-v", PATH=f"{tmp_path}:{os.environ['PATH']}"
    )
    assert spent < 2.5
    assert "nvidia" in done.stderr
    assert done.returncode == 0, "no answer in time is unknown, and unknown never drains"
    time.sleep(0.3)
    assert subprocess.run(["pgrep", "-f", "sleep 987"], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_schedulers_own_time_limit_never_drains(tmp_path, number):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nsleep 986\n")
    tool.chmod(0o755)
    env = {**CLEAN, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [*PREFLIGHT, "--dialect", "slurm", "--budget", "30s"]
    process = subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "interrupted" in said
    time.sleep(0.3)
    assert subprocess.run(["pgrep", "-f", "sleep 986"], capture_output=True, check=False).returncode == 1


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
        "30s",
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
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nsleep 988\n")
    tool.chmod(0o755)
    done, spent = run(
        "--profile", "single-gpu", "--budget", "1500ms", "-v", PATH=f"{tmp_path}:{os.environ['PATH']}"
    )  # fmt: skip
    assert spent < 2.5
    assert done.returncode == 0, done.stdout
    assert "unknown  gpu-count" in done.stdout
    assert "nvidia-smi: no answer in" in done.stdout
    assert "pass     nouveau-absent" in done.stdout
    assert "amd: the probe" not in done.stdout
