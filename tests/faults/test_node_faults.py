"""More faults of a node made for real: control groups, a process in state D, dead resolvers, jumping clocks, lost rights."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PREFLIGHT = [sys.executable, "-m", "auditor", "preflight"]
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "FWAUDIT"))}


def run(tmp_path, text, *argv, before=(), **env):
    """Return what a profile of this text says of this machine."""
    site = tmp_path / "site.toml"
    site.write_text(text)
    argv = [*before, *PREFLIGHT, "--profile", str(site), *argv]
    return subprocess.run(
        argv, env={**CLEAN, **env}, capture_output=True, text=True, timeout=600, check=False
    )


def needs(*before, why="this may not be done here"):
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip(why)
    return list(before)


def inside(script):
    """Return what runs a command in a mount namespace of its own, after a script."""
    needs("unshare", "-m", why="no mount namespace may be made here")
    return ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh"]


V1, V2 = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cgroup.controllers")
LIMITS = {
    "memory": ("memory", "memory.limit_in_bytes", "memory.max", str(512 << 20), "memory-limit", "value = 1048576", "512 MiB may be used"),
    "cpu": ("cpu", "cpu.cfs_quota_us", "cpu.max", "50000", "cpu-usable", "value = 1", "CPUs that may be used here: 0.5"),
    "processes": ("pids", "pids.max", "pids.max", "200", "pids-limit", "", "allows 200 processes"),
}  # fmt: skip


@pytest.fixture
def group():
    made = []

    def make(controller, old, new, value):
        """Return a control group with a limit, of either version."""
        folder = (V1 if V2.exists() else V1 / controller) / f"fwaudit-test-{os.getpid()}"
        try:
            folder.mkdir()
            made.append(folder)
            (folder / (new if V2.exists() else old)).write_text(
                f"{value} 100000" if V2.exists() and new == "cpu.max" else value
            )
        except OSError as error:
            pytest.skip(f"no control group may be made here: {error}")
        return folder

    yield make
    for folder in made:
        folder.rmdir()


@pytest.mark.parametrize("kind", LIMITS)
def test_a_control_groups_limit(kind, group, tmp_path):
    controller, old, new, value, check, figure, says = LIMITS[kind]
    folder = group(controller, old, new, value)
    before = ["sh", "-c", f'echo $$ > "{folder}/cgroup.procs" && exec "$@"', "sh"]
    done = run(
        tmp_path, f'[[check]]\nname = "{check}"\nlevel = "fail"\n{figure}\n', "--only", check, before=before
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert says in done.stdout


VFORK = "import ctypes, os, time\nif ctypes.CDLL(None).vfork() == 0:\n    time.sleep(900)\n    os._exit(0)\n"


def test_a_process_in_state_d(tmp_path):
    """A parent whose vfork child has neither ended nor started a program waits uninterruptibly."""
    process = subprocess.Popen([sys.executable, "-c", VFORK], start_new_session=True)
    try:
        for _ in range(100):
            if Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "D":
                break
            time.sleep(0.05)
        else:
            pytest.skip("this kernel does not show such a parent in state D")
        done = run(
            tmp_path,
            '[[check]]\nname = "blocked-processes"\n',
            "--only",
            "blocked-processes",
            "--budget",
            "60s",
        )
        assert f"process {process.pid} is stuck in the kernel" in done.stdout
        assert done.returncode == 0, "a warning stops no job"
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def test_a_resolver_that_never_answers(tmp_path):
    """A network of our own whose only name server takes questions and never answers."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 192.0.2.1\noptions timeout:30 attempts:1\n")
    nsswitch = tmp_path / "nsswitch.conf"
    nsswitch.write_text("hosts: dns\n")
    silent, ready = tmp_path / "silent.py", tmp_path / "ready"
    silent.write_text(
        "import os, socket, sys, time\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.bind(('192.0.2.1', 53))\n"
        "parent = os.getppid()\nopen(sys.argv[1], 'w').close()\nwhile os.getppid() == parent: time.sleep(0.2)\n"
    )
    script = (
        f'mount --bind "{resolv}" /etc/resolv.conf && mount --bind "{nsswitch}" /etc/nsswitch.conf && '
        f'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && {{ "{sys.executable}" "{silent}" "{ready}" >/dev/null 2>&1 & while [ ! -e "{ready}" ]; do sleep 0.1; done; }}'
    )
    before = ["unshare", "-n", "-m", "sh", "-c", f'{script} && exec "$@"', "sh"]
    needs("unshare", "-n", "-m", why="no network namespace may be made here")
    names = '[[check]]\nname = "names"\nvalue = ["controller.example"]\n'
    start = time.monotonic()
    done = run(tmp_path, names, "--only", "names", "--budget", "25s", before=before)
    assert time.monotonic() - start < 30, "the resolver's own thirty seconds are not waited for"
    assert "controller.example: does not resolve (silent for" in done.stdout
    assert done.returncode == 1, "a second look agreed"


def test_a_clock_that_nobody_disciplines(tmp_path):
    """No daemon is stopped here, which would be this machine's: the kernel's own word is held against ours."""
    buffer = (ctypes.c_long * 64)()
    if ctypes.CDLL(None).adjtimex(ctypes.byref(buffer)) < 0:
        pytest.skip("adjtimex is not answered here")
    wild = bool(buffer[5] & 0x40)
    done = run(tmp_path, '[[check]]\nname = "clock"\n', "--only", "clock", "--budget", "60s")
    assert ("the clock is not synchronised" in done.stdout) is wild


CHRONY = """
/usr/sbin/chronyd -x -d -u root -f {folder}/chrony.conf >/dev/null 2>&1 &
daemon=$!; while [ ! -e {folder}/pid ]; do sleep 0.1; done
{look} | head -n 1
kill -STOP $daemon; {look} | head -n 1
kill -CONT $daemon; kill $daemon; wait $daemon; {look} | head -n 1
"""


def test_a_real_chronyd_that_stands_still_and_one_that_ended(tmp_path):
    """In a PID and a network namespace of its own, told to leave the clock alone (-x)."""
    if not os.path.exists("/usr/sbin/chronyd"):
        pytest.skip("chrony is not installed")
    if " " in str(tmp_path):
        pytest.skip("chrony.conf takes no path with blanks")
    needs("unshare", "-p", "-f", "-n", "--mount-proc", why="no PID namespace may be made here")
    (tmp_path / "chrony.conf").write_text(
        f"server 192.0.2.1\nport 0\ncmdport 0\nbindcmdaddress {tmp_path}/sock\npidfile {tmp_path}/pid\n"
    )
    (tmp_path / "site.toml").write_text('[[check]]\nname = "services"\nvalue = ["chronyd"]\n')
    look = " ".join(
        [*PREFLIGHT, "--profile", f"{tmp_path}/site.toml", "--only", "services", "--budget", "60s"]
    )
    init = shutil.copy("/bin/sh", tmp_path / "systemd")  # the namespace's first process goes by this name
    argv = [
        "unshare",
        "-p",
        "-f",
        "-n",
        "--mount-proc",
        str(init),
        "-c",
        CHRONY.format(folder=tmp_path, look=look),
    ]
    done = subprocess.run(argv, env=CLEAN, capture_output=True, text=True, timeout=600, check=False)
    runs, stopped, ended = done.stdout.splitlines()
    assert runs == "fwaudit: ok: 1 check passed (site)"
    assert stopped == ended == "fwaudit:FWA564 chronyd does not run"


def test_no_deadline_reads_the_wall_clock():
    """A jump cannot be made: Linux has no namespace of the wall clock, and libfaketime breaks Python's own sleep."""
    root = Path(__file__).resolve().parents[2] / "auditor"
    files = [
        path for part in ("host", "audit", "preflight", "probes") for path in (root / part).rglob("*.py")
    ]
    read = {path.name for path in files if re.search(r"\btime\.time\(|CLOCK_REALTIME", path.read_text())}
    assert len(files) > 50
    assert read == set()


def test_a_boot_clock_that_is_another(tmp_path):
    before = needs(
        "unshare",
        "-T",
        "--boottime",
        "1000000",
        "--monotonic",
        "500000",
        why="no time namespace may be made here",
    )
    done = run(tmp_path, '[[check]]\nname = "kernel-faults"\n', "--budget", "60s", before=before)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no answer" not in done.stdout


def test_a_kernel_log_that_may_not_be_read(tmp_path):
    """Root without CAP_SYSLOG, where the kernel restricts its log, and without the right to pass over modes."""
    if os.getuid() or not shutil.which("setpriv"):
        pytest.skip("only root can give up a capability")
    node = tmp_path / "kmsg"
    made = subprocess.run(["mknod", "-m", "000", str(node), "c", "1", "11"], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no device node may be made here")
    os.chown(node, 64321, 64321)
    drop = ["setpriv", "--bounding-set=-syslog,-dac_override,-dac_read_search", "--inh-caps=-all"]
    before = [*inside(f'mount --bind "{node}" /dev/kmsg'), *drop]
    done = run(
        tmp_path,
        '[[check]]\nname = "kernel-faults"\nlevel = "fail"\n',
        "--only",
        "kernel-faults",
        "--dialect",
        "npd",
        "-v",
        before=before,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "CAP_SYSLOG would help" in done.stderr


def workloads(tmp_path, rates, budget):
    """Return what became of each workload."""
    pytest.importorskip("torch")
    figures = ", ".join(f"{name} = {least}" for name, least in rates.items())
    text = f'[[check]]\nname = "workloads"\nvalue = {{ {figures} }}\n'
    argv = ["--only", "workloads", "--budget", budget, "--python", sys.executable, "--format", "json"]
    told = json.loads(run(tmp_path, text, *argv).stdout)
    (row,) = (row for row in told["options"]["preflight"]["checks"] if row["name"] == "workloads")
    return {outcome["subject"]: outcome["outcome"] for outcome in row["outcomes"]}


def test_a_workload_below_its_least_rate_beside_one_that_passes(tmp_path):
    rates = {"pytorch-matmul": 0.0, "pytorch-convolution": 1e12}
    assert workloads(tmp_path, rates, "90s") == {"pytorch-convolution": "fail"}
    assert workloads(tmp_path, {"pytorch-matmul": 0.0}, "90s") == {"": "pass"}


def test_a_workload_that_the_budget_has_no_time_for(tmp_path):
    assert set(workloads(tmp_path, {"pytorch-matmul": 0.0}, "700ms").values()) == {"unknown"}
