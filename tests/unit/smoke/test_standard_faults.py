"""Faults of the machine under real workloads of the standard and deep levels."""

from __future__ import annotations

import importlib.util
import runpy
import socket
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from auditor.model.fact import Facts
from auditor.model.smoke import SmokeResult
from auditor.smoke import catalog
from auditor.smoke.outcome import kind
from auditor.smoke.runner import SmokeRequest, run

from .conftest import Bench


def only(name: str) -> SmokeResult:
    """Run one of our workloads in this interpreter; nothing may be left behind."""
    workload = next(w for w in catalog.load() if w.id == name)
    if importlib.util.find_spec({"pytorch": "torch"}.get(workload.framework, workload.framework)) is None:
        pytest.skip(f"{workload.framework} is not installed here")
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with tempfile.TemporaryDirectory() as short:  # a test's own folder is too long for a socket's path
        outcome = run(
            SmokeRequest(
                python=sys.executable,
                frameworks=(workload.framework,),
                level="deep",
                facts=Facts(),
                tmpdir=short,
                only=(name,),
            )
        )
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not left, left
    return outcome.results[-1]


@pytest.mark.slow
def test_a_port_that_others_hold_is_told_and_another_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed here")
    path = next(w.path for w in catalog.load() if w.id == "tensorflow-collective-workers")
    names = runpy.run_path(path)["run"].__globals__
    free, right, tried = names["free_ports"](), names["workers"], []
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        ports = [held.getsockname()[1], free[1]]
        told = right(ports)

    def workers(ports: list[int]) -> list[tuple[int, str, str]]:
        tried.append(ports)
        return told

    assert told[1][0] == names["KILLED"]  # nobody waited for it
    monkeypatch.setitem(names, "free_ports", lambda: ports)
    monkeypatch.setitem(names, "workers", workers)
    with pytest.raises(RuntimeError, match=r"were taken by others each of 3 times"):
        names["run"]("CPU:0")
    assert len(tried) == 3


PATCHES = {
    "an all-reduce that adds one": (
        "import torch.distributed as d\nright = d.all_reduce\n"
        "def wrong(t, *a, **k):\n    right(t, *a, **k)\n    t += 1\nd.all_reduce = wrong\n",
        "pytorch-distributed-gloo",
        "wrong numbers: all_reduce gives",
    ),
    "an export that forgets": (
        "import torch.export as e\nright = e.load\ndef wrong(f):\n    p = right(f)\n"
        "    for t in p.state_dict.values():\n        t.data.mul_(1.5)\n    return p\ne.load = wrong\n",
        "pytorch-export",
        "wrong numbers: the exported graph gives",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("patch", "name", "reason"), PATCHES.values(), ids=PATCHES)
def test_wrong_numbers_are_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patch: str, name: str, reason: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(patch)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = only(name)
    assert result.status == "fail"
    assert result.reason.startswith(reason)


def gone(pid: int) -> bool:
    """Whether a process that was killed is over, within five seconds."""
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_a_grandchild_that_is_left_is_ended(bench: Bench) -> None:
    body = "import subprocess\nreturn {'pid': subprocess.Popen(['sleep', '600']).pid}"
    bench.workload("one", body)
    result = bench.run().results[-1]
    assert result.status == "pass"
    assert gone(result.metrics["pid"])


def test_full_shared_memory_is_told_and_the_rest_runs(bench: Bench) -> None:
    bench.workload("first", "raise OSError(28, 'No space left on device', '/dev/shm/torch_1')", cost=0.1)
    bench.workload("second", cost=0.2)
    first, second = bench.run().results
    assert (first.status, second.status) == ("fail", "pass")
    assert "/dev/shm" in first.reason
    assert kind(first) == "fail"


def test_a_system_that_its_makers_ended_says_what_follows_it(bench: Bench) -> None:
    bench.workload("one", NEEDS=("no_such_thing",), ENDED="ended in 2024; use other-thing")
    bench.workload("two", "raise ImportError('undefined symbol')", ENDED="ended in 2024; use other-thing")
    one, two = bench.run().results
    assert (one.status, one.reason) == (
        "skip",
        "no_such_thing is not installed; ended in 2024; use other-thing",
    )
    assert (two.status, two.reason) == (
        "fail",
        "ImportError: undefined symbol (ended in 2024; use other-thing)",
    )


def test_the_rest_of_a_long_run_is_told(bench: Bench) -> None:
    said: list[tuple[str | float, ...]] = []
    bench.workload("one", cost=4)
    bench.workload("two", cost=20)
    bench.run(progress=lambda *told: said.append(told))
    assert said == [
        ("importing torch",),
        ("running one on cpu, 1 of 2", 24.0),
        ("running two on cpu, 2 of 2", 20.0),
    ]


@pytest.mark.slow
def test_a_folder_too_long_for_a_socket_is_no_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    result = only("pytorch-dataloader")
    assert result.status == "skip"
    assert "set TMPDIR to a shorter one" in result.reason
