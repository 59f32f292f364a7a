"""The recipes in deploy/: their own validators accept them, and every option that they use exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def checked(program, *argv):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    found = shutil.which(program, path=path)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return subprocess.run([found, *map(str, argv)], capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("script", sorted((DEPLOY / "slurm").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_plain_sh_and_call_scontrol_only_between_jobs(script):
    assert checked("sh", "-n", script).returncode == 0
    assert script.stat().st_mode & 0o111
    commands = re.sub(r"#.*", "", script.read_text())
    if script.name != "healthcheck.sh":
        assert not re.search(r"\b(scontrol|squeue|sinfo|sacctmgr|srun)\b", commands)
    assert "RESUME" not in commands.upper()


@pytest.mark.parametrize("script", sorted((DEPLOY / "slurm").glob("*.sh")), ids=lambda path: path.name)
def test_without_fwaudit_a_script_lets_the_job_start(script):
    done = subprocess.run(
        ["/bin/sh", str(script)], env={"PATH": "/usr/bin:/bin", "FWAUDIT": "/no/fwaudit"},
        capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0


@pytest.mark.parametrize("says", ["", "Traceback", "fwaudit: internal error"])
def test_a_prolog_whose_fwaudit_breaks_with_code_1_lets_the_job_start(tmp_path, says):
    """Python's own exit code after an uncaught exception is 1 too: the line must prove the failure."""
    fake = tmp_path / "fwaudit"
    fake.write_text(f"#!/bin/sh\necho '{says}'\nexit 1\n")
    fake.chmod(0o755)
    done = subprocess.run(
        [str(DEPLOY / "slurm" / "prolog.sh")], env={"PATH": "/usr/bin:/bin", "FWAUDIT": str(fake)},
        capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0


PROVED = "fwaudit:FWA551 /scratch is not mounted"
# fwaudit's code and line, what the prolog left, the node's state and reason -> the reason that the node is drained with
CHECKS = {
    "a proved fault": (1, PROVED, "", "IDLE", "", PROVED),
    "a node that slurmd drained for the prolog": (
        0,
        "fwaudit: ok",
        PROVED,
        "IDLE+DRAIN",
        "Prolog error",
        PROVED,
    ),
    "an administrator's reason": (1, PROVED, "", "IDLE+DRAIN", "new fan, ticket 7", None),
    "drained for it already": (1, PROVED, "", "IDLE+DRAIN", "fwaudit:FWA512 gpu3", None),
    "healthy": (0, "fwaudit: ok", "", "IDLE", "", None),
    "healthy and in service again": (0, "fwaudit: ok", PROVED, "IDLE", "", None),
    "a broken Python beside an old reason": (1, "Traceback", PROVED, "IDLE", "", None),
    "a crash beside an old reason": (139, "", PROVED, "IDLE", "", None),
    "a reason that is none of ours": (0, "fwaudit: ok", "rm -rf", "IDLE+DRAIN", "Prolog error", None),
}


@pytest.mark.parametrize("case", CHECKS)
def test_the_health_check_drains_for_what_is_proved_alone(tmp_path, case):
    code, line, left, state, reason, drained = CHECKS[case]
    told = f"   State={state} \n" + (f"   Reason={reason} [root@2026-11-22T10:00:00]\n" if reason else "")
    for name, text in (
        ("fwaudit", f"echo '{line}'; exit {code}"),
        ("scontrol", f'case "$1" in show) printf \'{told}\' ;; *) echo "$@" > {tmp_path}/called ;; esac'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    if left:
        (tmp_path / "n1").write_text(f"{left}\n")
    done = subprocess.run(
        [str(DEPLOY / "slurm" / "healthcheck.sh")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SLURMD_NODENAME": "n1", "FWAUDIT_REASONS": str(tmp_path)},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    called = tmp_path / "called"
    assert done.returncode == 0
    assert (called.read_text().strip() if called.exists() else None) == (
        drained and f"update NodeName=n1 State=DRAIN Reason={drained}"
    )


def test_every_option_that_a_recipe_uses_exists():
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "preflight", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    known = set(re.findall(r"--[a-z][a-z-]+", done.stdout))
    for path in TEXTS:
        text = path.read_text().replace('"', " ").replace(",", " ")
        used = [line for line in text.splitlines() if "preflight" in line and "--" in line]
        options = {
            word
            for line in used
            for word in re.findall(r"\s(--[a-z][a-z-]+)", line.partition("preflight")[2])
        }
        assert options <= known, f"{path.name}: {options - known}"


def test_prometheus_rules():
    assert checked("promtool", "check", "rules", DEPLOY / "prometheus" / "alerts.yml").returncode == 0


@pytest.mark.parametrize(
    "manifest", sorted((DEPLOY / "kubernetes").glob("*.yaml")), ids=lambda path: path.name
)
def test_kubernetes_manifests(manifest):
    done = checked("kubernetes-validate", "--strict", manifest)
    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_units():
    done = checked("systemd-analyze", "verify", *sorted((DEPLOY / "systemd").glob("*")))
    complaints = [
        line for line in done.stderr.splitlines() if "fwaudit" in line and "not executable" not in line
    ]
    assert complaints == []
