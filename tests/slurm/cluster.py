"""A real Slurm of several nodes on this machine: munged, slurmctld and one slurmd a node, all in one folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "slurm"
PROGRAMS = ("munged", "slurmctld", "slurmd", "scontrol", "sinfo", "srun")
FWAUDIT = Path(sys.executable).with_name("fwaudit")

CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CryptoType=crypto/munge
SlurmctldPort={port}
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/spool-%n
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/ctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
ReturnToService=0
PrologFlags=Alloc
Prolog={folder}/prolog.sh
HealthCheckProgram={folder}/healthcheck.sh
HealthCheckInterval={interval}
HealthCheckNodeState=ANY
SlurmdTimeout=60
{nodes}
PartitionName=all Nodes=ALL Default=YES MaxTime=5 State=UP
"""
SCRIPT = """#!/bin/sh
export FWAUDIT={fwaudit} FWAUDIT_PROFILE={folder}/$SLURMD_NODENAME.toml FWAUDIT_REASONS={folder}/reasons
export SLURM_CONF={folder}/slurm.conf PATH={path}
exec {program}
"""


def missing() -> str:
    """Return why no cluster can be started here, or ""."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    absent = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if absent:
        return f"Slurm is not installed: {', '.join(absent)} (Debian: slurm-wlm, munge)"
    return "" if os.getuid() == 0 else "slurmd must be started by root"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Cluster:
    """Starts the daemons, writes each node's profile, and ends everything that it started."""

    def __init__(self, folder: Path, nodes: int, interval: int = 2) -> None:
        self.folder = folder
        self.names = [f"n{number}" for number in range(nodes)]
        self.started: list[subprocess.Popen[bytes]] = []
        self.path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        self.env = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": self.path}
        self._configure(interval)

    def _configure(self, interval: int) -> None:
        host = socket.gethostname().partition(".")[0]
        port, *ports = free_ports(1 + len(self.names))
        rows = [
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={own} CPUs=1 State=UNKNOWN"
            for name, own in zip(self.names, ports, strict=True)
        ]
        (self.folder / "state").mkdir()
        conf = CONF.format(host=host, port=port, folder=self.folder, nodes="\n".join(rows), interval=interval)
        (self.folder / "slurm.conf").write_text(conf)
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        for name in ("prolog", "healthcheck"):
            script = self.folder / f"{name}.sh"
            text = SCRIPT.format(
                fwaudit=FWAUDIT, folder=self.folder, path=self.path, program=DEPLOY / f"{name}.sh"
            )
            script.write_text(text)
            script.chmod(0o755)
        for name in self.names:
            self.profile(name, "")

    def profile(self, name: str, text: str) -> None:
        """Write what a node must be; all nodes share one machine, so that a fault is one node's own demand."""
        (self.folder / f"{name}.toml").write_text(f'id = "{name}"\n{text}')

    def start(self) -> None:
        """Start munged, the controller and the nodes, and wait until all are idle."""
        munge = self.folder / "munge"
        munge.mkdir(mode=0o755)
        (munge / "key").write_bytes(os.urandom(1024))
        (munge / "key").chmod(0o600)
        files = [f"--{what}={munge / name}" for what, name in (
            ("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"))]  # fmt: skip
        self._spawn(["munged", "--foreground", "--force", *files])
        self.until(lambda: (munge / "socket").exists(), "munged")
        self._spawn(["slurmctld", "-D", "-c"])
        for name in self.names:
            self._spawn(["slurmd", "-D", "-N", name])
        self.until(lambda: all(self.state(name) == "idle" for name in self.names), "idle nodes")

    def _spawn(self, argv: list[str]) -> None:
        program = shutil.which(argv[0], path=self.path)
        assert program
        log = (self.folder / f"{argv[0]}.out").open("ab")
        self.started.append(
            subprocess.Popen(
                [program, *argv[1:]], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        )

    def stop(self) -> None:
        """End what was started."""
        for process in reversed(self.started):
            process.terminate()
        for process in reversed(self.started):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def run(self, *argv: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a Slurm command to its end."""
        return subprocess.run(
            argv, env=self.env, capture_output=True, text=True, timeout=timeout, check=False
        )

    def state(self, name: str) -> str:
        """Return the node's state as sinfo words it."""
        return self.run("sinfo", "-h", "-n", name, "-o", "%T").stdout.strip()

    def reason(self, name: str) -> str:
        """Return why the node is drained."""
        return self.run("sinfo", "-h", "-n", name, "-o", "%E").stdout.strip()

    def until(self, true: Callable[[], bool], what: str, seconds: float = 180) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: it did not; names it.

        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return
            time.sleep(0.3)
        states = {name: (self.state(name), self.reason(name)) for name in self.names}
        logs = {path.name: path.read_text(errors="replace")[-1500:] for path in self.folder.glob("*.log")}
        raise TimeoutError(f"{what}: {states}\n{logs}")
