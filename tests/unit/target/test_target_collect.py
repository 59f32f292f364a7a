"""fwaudit-collect.py: one file of the standard library, up to date, redacted, and replayed as a machine."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from made_environments import interpreters

from auditor.audit.gather import gather
from auditor.host.live import LiveHost
from auditor.host.protocol import Host
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.model.fact import Facts, known
from auditor.probes import load, load_each
from auditor.probes.base import run_probe

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "fwaudit-collect.py"
BEGIN, END = "-----BEGIN FWAUDIT COLLECT 1-----\n", "\n-----END FWAUDIT COLLECT 1-----"


def collected(python: Path | str, script: Path = SCRIPT, **variables: str) -> str:
    """Return what the script prints, run by one interpreter."""
    done = subprocess.run(
        [python, script], capture_output=True, text=True, check=True, env={**os.environ, **variables}
    )
    assert done.stderr == ""
    return done.stdout


def block(printed: str) -> Snapshot:
    """Return the recording between the marks."""
    return msgspec.json.decode(printed.partition(BEGIN)[2].partition(END)[0], type=Snapshot)


def test_it_is_up_to_date() -> None:
    pytest.importorskip("ruff")
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_collect.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_needs_the_standard_library_of_python_3_8_alone() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in names)


@pytest.mark.parametrize("python", interpreters("3.8", "3.13"))
def test_old_and_new_pythons_run_it(python: Path) -> None:
    snapshot = block(collected(python))
    assert f"target {python}" in snapshot.calls or "target /home/user" in " ".join(snapshot.calls)
    assert "/proc/meminfo" in snapshot.files


def test_a_json_beside_it_does_not_break_it(tmp_path: Path) -> None:
    copy = tmp_path / "fwaudit-collect.py"
    copy.write_text(SCRIPT.read_text())
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    assert block(collected(sys.executable, copy)).snapshot_version == 1


def test_who_and_where_is_hidden(tmp_path: Path) -> None:
    home = tmp_path / "homes" / "wilhelmina"
    home.mkdir(parents=True)
    secret, uuid = "hf_" + "a1B2" * 8, "GPU-12345678-1234-1234-1234-123456789abc"
    printed = collected(
        sys.executable,
        HOME=str(home),
        USER="wilhelmina",
        PYTHONPATH=str(home / "lib"),
        CUDA_VISIBLE_DEVICES=uuid,
        TORCH_EXTENSIONS_DIR=f"/data/{secret}",
        NCCL_SOCKET_IFNAME="10.1.2.3",
        HF_TOKEN=secret,
        PIP_INDEX_URL="https://me:pass@example.org/simple",
    )
    for told in ("wilhelmina", secret, uuid, "10.1.2.3", "pass@", os.uname().nodename + "."):
        assert told not in printed
    environment = block(printed).environment or {}
    assert environment["PYTHONPATH"] == "/home/user/lib"
    assert environment["CUDA_VISIBLE_DEVICES"].startswith("GPU-")
    assert "HF_TOKEN" not in environment


def test_a_version_is_no_address() -> None:
    printed = collected(sys.executable)
    assert "<address>" not in printed or "address" in printed.partition('"environment"')[2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_probes_read_it_as_a_machine(tmp_path: Path) -> None:
    import platform

    snapshot = block(collected(sys.executable))
    host = SnapshotHost(snapshot)
    python = snapshot.calls["target choice"]["python"]
    facts = Facts({"target.python": known(python), "request.cwd": known(str(tmp_path))})
    for name in ("python", "cgroup", "system", "cpu", "memory", "limits", "pci"):
        found, run = run_probe(load(name), host, facts)
        assert run.status in ("ok", "skipped"), (name, run.reason)
        facts = facts.merged(found)
    assert facts["python.version"].value == platform.python_version()
    assert facts["python.distributions"].value
    assert facts["os.kernel"].value == platform.release()
    assert facts["os.glibc_version"].is_known or facts["os.libc"].value == "musl"
    for key in (
        "os.id",
        "cpu.logical_online",
        "cpu.flags",
        "memory.total_kib",
        "limits.memlock",
        "pci.accelerators",
    ):
        assert facts[key].is_known, (key, facts[key].reason)


def test_an_older_python_is_told_in_a_line() -> None:
    """What Python 2 cannot parse would be a SyntaxError before the first line runs."""
    tree = ast.parse(SCRIPT.read_text())
    newer = (ast.JoinedStr, ast.Nonlocal, ast.YieldFrom, ast.AnnAssign, ast.NamedExpr)
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, newer)]
    unpacked = [node for node in ast.walk(tree) if isinstance(node, ast.Dict) and None in node.keys]
    assert not [node.lineno for node in unpacked]


@pytest.mark.parametrize("python", interpreters("2.7"))
def test_python_2_gets_a_line(python: Path) -> None:
    done = subprocess.run([python, SCRIPT], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 79)
    assert done.stderr.startswith("Python 2.7.")
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_is_told_and_is_exit_3() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, SCRIPT], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert done.stderr == "fwaudit-collect: stdout: No space left on device\n"


def test_variables_are_hidden_in_the_words_of_capture() -> None:
    printed = collected(
        sys.executable,
        TF_CONFIG='{"pw":"hunter2"}',
        MASTER_ADDR="node7.corp",
        NCCL_COMM_ID="10.1.2.3:29500",
        TF_VAR_anything="mine",
        TORCH_RDZV="http://ann:pw@rdzv.corp:1/x",
    )
    found = block(printed).environment or {}
    assert found["TF_CONFIG"] == found["MASTER_ADDR"] == "<hidden>"
    assert found["NCCL_COMM_ID"] == "<ip>:29500"
    assert found["TORCH_RDZV"] == "http://<credentials>@<host>:1/x"
    assert "TF_VAR_anything" not in found


@pytest.mark.parametrize(
    ("arguments", "rc", "out", "err"),
    [
        (["--help"], 0, "usage: python3 fwaudit-collect.py", ""),
        (["-h"], 0, "usage: python3 fwaudit-collect.py", ""),
        (["--bogus"], 2, "", "no such argument: --bogus"),
        (["block.txt"], 2, "", "no such argument: block.txt"),
    ],
)
def test_its_arguments(arguments: list[str], rc: int, out: str, err: str) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == rc
    assert out in done.stdout
    assert err in done.stderr
    assert bool(done.stdout) == bool(out)


def probed(host: Host) -> Facts:
    """Return what all probes say of a machine."""
    facts = Facts({"request.cwd": known("/nowhere"), "target.python": known(sys.executable)})
    return gather(load_each(), host, facts)[0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_the_block_calls_absent_is_absent_on_the_machine(tmp_path: Path) -> None:
    """Two programs and no more on PATH: one is told, the others are not there."""
    for name, version in (("gcc", "12.2.0"), ("nvcc", "Cuda compilation tools, release 12.4, V12")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}/empty:{tmp_path}:/bin"
    block_facts = probed(SnapshotHost(block(collected(sys.executable, PATH=path, CC=""))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)
        patch.setenv("CC", "")
        live = probed(LiveHost())
    assert block_facts.value("compilers.gcc") == "12.2.0"
    assert block_facts.value("cuda.nvcc_version") == "12.4"
    assert block_facts["compilers.cc"].is_known
    absent = {key for key, fact in block_facts.items() if fact.state == "absent"}
    assert {key for key in absent if live[key].state == "known"} == set()


def test_a_recording_of_which_nothing_was_asked_calls_nothing_absent() -> None:
    facts = probed(SnapshotHost(Snapshot(environment={"PATH": "/usr/bin:/bin"})))
    absent = {key for key, fact in facts.items() if fact.state == "absent"}
    by_variables = {"cuda.home", "loader.ld_library_path", "loader.ld_preload", "env.harmful", "env.masks"}
    assert {key for key in absent - by_variables if not key.startswith("orchestrator.")} == set()
    assert not [key for key in ("nvidia.xids", "nvidia.gpus", "cuda.toolkits") if facts[key].is_known]
