"""Attempts to drain a cluster by mistake: each must leave the gate open (exit 0) and say so, unless --strict."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FWAUDIT = str(Path(sys.executable).with_name("fwaudit"))
ROOT = Path(__file__).resolve().parents[2]
CLEAN = {
    key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "FWAUDIT", "PYTHON"))
}
SLURM = ("preflight", "--dialect", "slurm")


def gate(*argv, env=None, before=(), **options):
    return subprocess.run(
        [*before, *(argv or (FWAUDIT, *SLURM))],
        env=CLEAN if env is None else env, timeout=600, check=False, text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options},
    )  # fmt: skip


def open_gate(done, says=""):
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in (done.stderr or "")
    assert says in (done.stderr or "")


PROFILES = {
    "no TOML": b"this is no TOML [[[",
    "bytes": bytes(range(256)),
    "empty": b"",
    "latin-1": "[[check]]\nname = 'shm'\nsource = 'caf\xe9'\n".encode("latin-1"),
    "a BOM": b"\xef\xbb\xbfid = 'x'\n",
    "a circle": b"extends = ['site.toml']\n",
    "a check that there is not": b"[[check]]\nname = 'gpu-cuont'\nvalue = 8\n",
    "a figure of the wrong kind": b"[[check]]\nname = 'gpu-count'\nvalue = 'eight'\n",
    "a fact that there is not": b"[[check]]\nname = 'mine'\nmust = { fact = 'memory.totl', op = 'ge', value = 1 }\n",
    "an operator that there is not": b"[[check]]\nname = 'mine'\nmust = { fact = 'memory.total_kib', op = '>', value = 1 }\n",
    "a pattern that is none": b"[[check]]\nname = 'product'\nvalue = '((('\n",
    "a version that is none": b"[[check]]\nname = 'packages'\nvalue = { torch = 'not a version' }\n",
    "a table where a list should be": b"[[check]]\nname = 'mounts'\nvalue = { a = 1 }\n",
    "numbers where names should be": b"[[check]]\nname = 'names'\nvalue = [1, 2]\n",
    "units where processes should be": b"[[check]]\nname = 'services'\nvalue = ['sshd.service']\n",
    "a relative mount": b"[[check]]\nname = 'mounts'\nvalue = ['scratch']\n",
    "a deep nest": b"x = " + b"[" * 5000 + b"]" * 5000,
}


@pytest.mark.parametrize("kind", PROFILES)
def test_a_bad_profile(kind, tmp_path):
    site = tmp_path / "site.toml"
    site.write_bytes(PROFILES[kind])
    done = gate(FWAUDIT, *SLURM, "--profile", str(site), cwd=tmp_path)
    open_gate(done)
    if kind not in ("empty", "a BOM"):
        assert done.stderr.strip() or "unknown" in done.stdout


WORDS = {
    "an unknown option": (*SLURM, "--profil", "x"),
    "an option without its value": ("preflight", "--dialect=slurm", "--profile"),
    "a misspelt command": ("prefligth", "--dialect", "slurm"),
    "an option before the command": ("--no-such", "preflight", "--dialect", "slurm"),
    "a dialect in capitals": ("preflight", "--dialect", "Slurm"),
    "a folder as profile": (*SLURM, "--profile", "/tmp/x.toml/"),
    "a device as profile": (*SLURM, "--profile", "/dev/null"),
    "a budget that is none": (*SLURM, "--budget", "-1"),
    "an argument too many": (*SLURM, "dgx-h100"),
    "an output that cannot be written": (*SLURM, "-o", "/proc/nothing/x.json"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_wrong_word(kind):
    done = gate(FWAUDIT, *WORDS[kind])
    open_gate(done)
    if kind != "a device as profile":
        assert done.stderr.strip()
        assert gate(FWAUDIT, *WORDS[kind], "--strict").returncode in (0, 2, 3)


RULES = {
    "a check's file is cut off": lambda rules: (rules / "checks" / "10-gpu.toml").write_text(
        '[[check]]\nname = "'
    ),
    "the base profile is missing": lambda rules: (rules / "profiles" / "never-acceptable.toml").unlink(),
    "no rules at all": shutil.rmtree,
    "a card is missing": lambda rules: (rules / "cards" / "health" / "pcie-link-degraded.toml").unlink(),
    "a table is garbage": lambda rules: (rules / "tables" / "harmful_variables.toml").write_bytes(
        b"\xff\xfe"
    ),
}


@pytest.mark.parametrize("kind", RULES)
def test_a_broken_installation(kind, tmp_path):
    for name in ("auditor", "rules", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    RULES[kind](tmp_path / "rules")
    site = tmp_path / "site.toml"
    site.write_text('[[check]]\nname = "gpu-pcie"\n[[check]]\nname = "harmful-variables"\n')
    argv = [sys.executable, "-m", "auditor", *SLURM, "--profile", str(site)]
    open_gate(gate(*argv, cwd=tmp_path, env={**CLEAN, "PYTHONPATH": str(tmp_path)}))


def few(what, limit):
    return lambda: resource.setrlimit(what, (limit, limit))


SURROUNDINGS = {
    "no environment at all": {"env": {}},
    "no HOME": {"env": {k: v for k, v in CLEAN.items() if k != "HOME"}},
    "HOME that is not there": {"env": {**CLEAN, "HOME": "/nowhere"}},
    "an ASCII world": {"env": {**CLEAN, "LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}},
    "no place for temporary files": {"env": {**CLEAN, "TMPDIR": "/proc"}},
    "few open files": {"preexec_fn": few(resource.RLIMIT_NOFILE, 16)},
    "little address space": {"preexec_fn": few(resource.RLIMIT_AS, 96 << 20)},
    "a second of CPU time": {"preexec_fn": few(resource.RLIMIT_CPU, 1)},
    "a stdout that is full": {"stdout": "/dev/full"},
    "a stderr that is full": {"stderr": "/dev/full"},
    "no stdout": {"preexec_fn": lambda: os.close(1)},
    "no stderr": {"preexec_fn": lambda: os.close(2)},
}


@pytest.mark.parametrize("kind", SURROUNDINGS)
def test_poor_surroundings(kind, tmp_path):
    options = dict(SURROUNDINGS[kind])
    opened = [key for key in ("stdout", "stderr") if isinstance(options.get(key), str)]
    for key in opened:
        options[key] = open(options[key], "w")  # noqa: SIM115
    try:
        open_gate(gate(**options))
    finally:
        for key in opened:
            options[key].close()


def test_a_working_directory_that_is_gone(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    open_gate(gate("sh", "-c", f"rmdir '{gone}' && exec '{FWAUDIT}' {' '.join(SLURM)}", cwd=gone))


def test_no_thread_may_be_started(tmp_path):
    if os.getuid() or not shutil.which("setpriv"):
        pytest.skip("only root can become a user whose processes are limited")
    before = ["setpriv", "--reuid=64321", "--clear-groups", "prlimit", "--nproc=1"]
    done = gate(FWAUDIT, *SLURM, before=before)
    if "ermission" in done.stderr and done.returncode in (126, 127):
        pytest.skip("another user cannot run this checkout")
    open_gate(done)


def private(script, *argv):
    """Return a command that runs in mount namespace of its own, after a script that changes it."""
    return ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh", *argv]


def in_private(script, *argv):
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace may be made here")
    return gate(*private(script, *argv))


def test_a_file_system_that_is_read_only():
    """No job can write to /tmp there: that is proved, and nothing else is."""
    script = "mount -o remount,bind,ro / /"
    done = in_private(script, FWAUDIT, *SLURM)
    assert (done.returncode, done.stdout) == (1, "fwaudit:FWA552 / is read-only\n")
    open_gate(in_private(script, FWAUDIT, *SLURM, "--skip", "root-writable"))


def test_no_proc_and_no_sys():
    open_gate(in_private("mount -t tmpfs none /proc && mount -t tmpfs none /sys", FWAUDIT, *SLURM))


def test_the_file_that_switches_the_gate_off(tmp_path):
    script = f"T='{tmp_path}'; mount -t tmpfs none \"$T\" && mkdir \"$T/u\" \"$T/w\" && " \
             'mount -t overlay none -o "lowerdir=/etc,upperdir=$T/u,workdir=$T/w" /etc && ' \
             "mkdir -p /etc/fwaudit && touch /etc/fwaudit/disabled"  # fmt: skip
    done = in_private(script, FWAUDIT, *SLURM, "--strict", "--profile", "dgx-h100")
    if "mount" in done.stderr:
        pytest.skip("no overlay may be mounted here")
    open_gate(done)
    assert "disabled by /etc/fwaudit/disabled" in done.stdout


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("TERM", 0.0),
        ("TERM", 0.15),
        *((name, 0.5) for name in ("TERM", "INT", "HUP", "QUIT", "XCPU", "USR1", "USR2", "ALRM")),
    ],
)
def test_a_signal_at_any_time(name, after, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nsleep 3000\n")
    tool.chmod(0o755)
    env = {**CLEAN, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen([FWAUDIT, *SLURM, "--budget", "300s"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    wait_for_handlers(process.pid)
    time.sleep(after)
    process.send_signal(getattr(signal, f"SIG{name}"))
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "interrupted" in said


def wait_for_handlers(pid):
    """Wait until Python heeds SIGTERM: before that nothing of ours runs (the prolog script covers it)."""
    end = time.monotonic() + 120
    bit = 1 << (signal.SIGTERM - 1)
    while time.monotonic() < end:
        status = Path(f"/proc/{pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) & bit:
            return
        time.sleep(0.005)


SCRIPTS = {
    "killed": "kill -9 $$",
    "not Python": "exit 127",
    "code 1 without a line": "exit 1",
    "code 1 and another line": "echo Traceback; exit 1",
    "code 2": "echo 'fwaudit:FWA551 /x is not mounted'; exit 2",
    "silent for ever": "sleep 60",
}


@pytest.mark.parametrize("kind", SCRIPTS)
@pytest.mark.parametrize("script", ["prolog.sh", "healthcheck.sh"])
def test_the_scripts_let_jobs_start_whatever_becomes_of_fwaudit(kind, script, tmp_path):
    fake = tmp_path / "fwaudit"
    fake.write_text(f"#!/bin/sh\n{SCRIPTS[kind]}\n")
    fake.chmod(0o755)
    env = {
        "PATH": "/usr/bin:/bin",
        "FWAUDIT": str(fake),
        "FWAUDIT_LIMIT": "1",
        "FWAUDIT_REASONS": str(tmp_path / "r"),
    }
    done = gate(str(ROOT / "deploy" / "slurm" / script), env=env)
    assert done.returncode == 0
    assert not (tmp_path / "r").exists()


def test_python_that_cannot_start_under_the_prolog(tmp_path):
    env = {**CLEAN, "FWAUDIT": FWAUDIT, "PYTHONHOME": "/nowhere", "FWAUDIT_REASONS": str(tmp_path / "r")}
    assert gate(str(ROOT / "deploy" / "slurm" / "prolog.sh"), env=env).returncode == 0


LISTENER = """
import socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); log.bind(sys.argv[1]); log.settimeout(600)
print("ready", flush=True); print(log.recv(4096).decode(), flush=True)
"""


def test_syslog_hears_of_it(tmp_path):
    """A /dev of our own in a mount namespace, with a socket where a system logger would listen."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace may be made here")
    path = tmp_path / "log"
    listener = subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert listener.stdout
    try:
        assert listener.stdout.readline() == "ready\n"
        nodes = " ".join(
            f'touch "$T/{n}" && mount --bind /dev/{n} "$T/{n}" &&'
            for n in ("null", "zero", "urandom", "full")
        )
        script = f"""T='{tmp_path}/dev'; mkdir "$T" && mount -t tmpfs none "$T" && {nodes} touch "$T/log" && mount --bind '{path}' "$T/log" && mount --rbind "$T" /dev"""
        done = gate(*private(script, FWAUDIT, *SLURM, "--profile", "no-such-profile"))
        open_gate(done, "no profile 'no-such-profile'")
        heard = listener.stdout.readline()
        assert "no profile 'no-such-profile'" in heard
        assert "the node is not judged" in heard
    finally:
        listener.kill()
        listener.wait()
