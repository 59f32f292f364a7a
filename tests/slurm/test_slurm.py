"""The recipes of deploy/slurm on a real Slurm."""

from __future__ import annotations

import shutil
import signal
import time

import pytest

from .cluster import Cluster, missing

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "there")]

FAULT = '[[check]]\nname = "mounts"\nvalue = ["/scratch-that-was-never-mounted"]\n'


def place(tmp_path):
    """Return the folder of a cluster, which slurm.conf cannot quote."""
    if " " in str(tmp_path):
        pytest.skip("slurm.conf takes no path with blanks")
    folder = tmp_path / "s"
    folder.mkdir()
    return folder


@pytest.fixture
def cluster(tmp_path):
    folder = place(tmp_path)
    slurm = Cluster(folder, nodes=3)
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()
        shutil.rmtree(folder, ignore_errors=True)


def job(cluster, *nodes):
    return cluster.run("srun", "-w", ",".join(nodes), "-N", str(len(nodes)), "--immediate=120", "hostname")


def test_a_fault_drains_exactly_its_node_and_nothing_resumes_it(cluster):
    scratch = cluster.folder / "x"
    scratch.mkdir()
    if cluster.run("mount", "-t", "tmpfs", "none", str(scratch)).returncode != 0:
        pytest.skip("nothing may be mounted here")
    cluster.profile("n1", f'[[check]]\nname = "mounts"\nvalue = ["{scratch}"]\n')
    assert job(cluster, "n0", "n1", "n2").returncode == 0, "healthy nodes take the job"
    cluster.run("umount", str(scratch))
    cluster.until(lambda: cluster.state("n1").startswith("drain"), "n1 drained")
    reason = cluster.reason("n1")
    # a long path is cut from the left, so that the fault still stands in the 80 characters
    assert reason.startswith("fwaudit:FWA551 "), reason
    assert reason.endswith(f"{str(scratch)[-20:]} is not mounted"), reason
    assert len(reason) <= 80
    assert len(reason) <= 80
    cluster.until(lambda: (cluster.state("n0"), cluster.state("n2")) == ("idle", "idle"), "the others idle")
    cluster.profile("n1", "")
    time.sleep(6)
    assert cluster.state("n1").startswith("drain"), "only an administrator resumes"


def test_an_administrators_drain_keeps_its_reason(cluster):
    cluster.run("scontrol", "update", "NodeName=n0", "State=DRAIN", "Reason=mine, hands off")
    cluster.profile("n0", FAULT)
    time.sleep(6)
    assert cluster.reason("n0") == "mine, hands off"
    assert cluster.state("n0").startswith("drain")


def test_our_own_mistakes_never_drain(cluster):
    cluster.profile("n0", "[[check]]\nname = 'no-such-check'\n")
    cluster.profile("n1", "this is no TOML [[[")
    cluster.profile("n2", "[[check]]\nname = 'packages'\nvalue = { torch = 'not a version' }\n")
    time.sleep(5)
    assert job(cluster, "n0", "n1", "n2").returncode == 0
    cluster.profile("n0", "[[check]]\nname = 'mounts'\nvalue = { a = 1 }\n")
    cluster.profile("n1", "[[check]]\nname = 'services'\nvalue = ['sshd.service']\n")
    cluster.profile("n2", "extends = ['dgx-h1000']\n")
    time.sleep(5)
    assert job(cluster, "n0", "n1", "n2").returncode == 0
    cluster.until(lambda: [cluster.state(name) for name in cluster.names] == ["idle"] * 3, "all idle again")


def test_a_fwaudit_that_breaks_in_any_way_never_drains(cluster, tmp_path):
    """What `fwaudit` names on each node is replaced: killed, silent until its time limit, Python's own exit code 1."""
    breaks = {
        "n0": "kill -9 $$",
        "n1": "sleep 60",
        "n2": "echo 'Traceback (most recent call last):' >&2; exit 1",
    }
    for name, script in breaks.items():
        fake = tmp_path / name
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    for script in ("prolog.sh", "healthcheck.sh"):
        path = cluster.folder / script
        lines = path.read_text().replace(
            "exec ", f"export FWAUDIT={tmp_path}/$SLURMD_NODENAME FWAUDIT_LIMIT=2\nexec "
        )
        path.write_text(lines)
    time.sleep(5)
    assert job(cluster, "n0", "n1", "n2").returncode == 0
    cluster.until(lambda: [cluster.state(name) for name in cluster.names] == ["idle"] * 3, "all idle again")


def test_the_prolog_asks_no_slurm_command_and_holds_under_a_controller_that_stands_still(cluster):
    controller = next(process for process in cluster.started if "slurmctld" in str(process.args[0]))
    prolog = ("env", "SLURMD_NODENAME=n0", str(cluster.folder / "prolog.sh"))
    start = time.monotonic()
    assert cluster.run(*prolog).returncode == 0
    usual = time.monotonic() - start
    controller.send_signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        assert cluster.run(*prolog).returncode == 0
        assert time.monotonic() - start < max(5, 5 * usual)
    finally:
        controller.send_signal(signal.SIGCONT)


def test_the_prolog_alone_drains_and_the_health_check_gives_the_reason(tmp_path):
    folder = place(tmp_path)
    slurm = Cluster(folder, nodes=2, interval=3600)
    try:
        slurm.start()
        slurm.profile("n0", FAULT)
        # a loaded machine may have no time for it within the prolog's budget, which lets the job start
        assert any(job(slurm, "n0").returncode != 0 for _ in range(5))
        slurm.until(lambda: slurm.state("n0").startswith("drain"), "n0 drained by its prolog")
        slurm.until(lambda: slurm.state("n1") == "idle", "n1 idle")
        health = slurm.folder / "healthcheck.sh"
        slurm.env["SLURMD_NODENAME"] = "n0"
        assert slurm.run(str(health)).returncode == 0
        assert slurm.reason("n0").startswith("fwaudit:FWA551 "), slurm.reason("n0")
    finally:
        slurm.stop()
