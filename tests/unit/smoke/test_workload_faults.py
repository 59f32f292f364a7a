"""One workload's fault is its own: it is named for what it is, and the rest still run."""

from __future__ import annotations

import textwrap

import pytest

from auditor.smoke.outcome import kind

from .conftest import Bench

FAULTS = {
    "wrong numbers": (
        "raise Wrong('numbers: 3 is not 4')",
        "fail",
        "wrong numbers: 3 is not 4",
        "wrong-result",
    ),
    "wrong place": ("raise Wrong('placement: on cpu')", "fail", "wrong placement: on cpu", "wrong-placement"),
    "an exception": (
        "raise RuntimeError('no kernel image')",
        "fail",
        "RuntimeError: no kernel image",
        "fail",
    ),
    "out of memory": ("raise MemoryError", "fail", "out of memory: MemoryError", "out-of-memory"),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", "crash", "killed by SIGSEGV", "crash"),
    "a hang": ("import time; time.sleep(600)", "timeout", "no progress for", "timeout"),
    "a spin": ("while True: pass", "timeout", "not done after", "timeout"),
    "a process of its own that hangs": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'], timeout=0.5)",
        "timeout",
        "a process of its own did not end",
        "timeout",
    ),
    "leaving": ("import os; os._exit(0)", "crash", "it left without a word (exit code 0)", "crash"),
    "sys.exit": ("raise SystemExit(0)", "fail", "SystemExit: 0", "fail"),
}


@pytest.mark.parametrize(("body", "status", "reason", "sort"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_and_the_rest_still_run(
    bench: Bench, body: str, status: str, reason: str, sort: str
) -> None:
    bench.workload("first", cost=0.1)
    bench.workload("second", body, cost=0.2)
    bench.workload("third", cost=0.3)
    results = {result.id: result for result in bench.run().results}
    assert [results[name].status for name in ("first", "second", "third")] == ["pass", status, "pass"]
    assert reason in results["second"].reason
    assert kind(results["second"]) == sort


# body, status, seconds it takes at least: its beginning is seen a tick late, on a loaded machine several
PLACES = {
    "a hang": ("import time\ntime.sleep(600)", "timeout", 1.4),
    "a crash": ("import ctypes, time\ntime.sleep(1.2)\nctypes.string_at(0)", "crash", 0.3),
}


@pytest.mark.parametrize(("body", "status", "least_s"), PLACES.values(), ids=PLACES)
def test_a_process_that_dies_tells_where_and_after_how_long(
    bench: Bench, body: str, status: str, least_s: float
) -> None:
    outer = textwrap.dedent(body).replace("\n", "\n    ")
    bench.workload("only", f"def the_place():\n    {outer}\ndef between():\n    the_place()\nbetween()")
    result = bench.run().results[-1]
    frames = [line for line in result.stderr_tail.splitlines() if line.startswith("  File")]
    assert result.status == status
    assert result.duration_s >= least_s
    last = [frame.rpartition(" in ")[2] for frame in frames if "only.py" in frame]
    assert last == ["run", "between", "the_place"]
    assert not [frame for frame in frames if "_child.py" in frame]


# threads that wait deep in their stacks, of which faulthandler writes some behind the one that dies
CROWD = """
import ctypes, threading, time
def deep(count):
    deep(count - 1) if count else time.sleep(60)
def the_place():
    time.sleep(0.3)
    ctypes.string_at(0)
dying = threading.Thread(target=the_place)
for _ in range(3):
    threading.Thread(target=deep, args=(20,), daemon=True).start()
dying.start()
dying.join()
"""


def test_of_many_threads_the_one_that_died_comes_last(bench: Bench) -> None:
    bench.workload("only", CROWD)
    result = bench.run().results[-1]
    assert result.status == "crash"
    *_, before, last = result.stderr_tail.splitlines()
    assert before.endswith(" in the_place")
    assert last.endswith(" in string_at")


def test_a_crash_after_the_result_was_written_is_a_crash(bench: Bench) -> None:
    bench.torch("import atexit\natexit.register(ctypes.string_at, 0)")
    bench.workload("first", cost=0.1)
    bench.workload("second", cost=0.2)
    first, second = bench.run().results
    assert (first.status, second.status) == ("pass", "crash")
    assert second.reason == "killed by SIGSEGV when its process ended (the result was: pass)"


def test_a_process_that_does_not_end_is_told(bench: Bench) -> None:
    bench.workload(
        "only", "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\nreturn {}"
    )
    result = bench.run().results[-1]
    assert result.status == "timeout"
    assert "when its process ended" in result.reason


def test_eating_memory_costs_one_workload(bench: Bench) -> None:
    bench.workload("first", "kept = []\nwhile True: kept.append(b'x' * (8 << 20))", cost=0.1)
    bench.workload("second", cost=0.2)
    results = {result.id: result for result in bench.run(memory_limit_mib=300).results}
    assert kind(results["first"]) == "out-of-memory"
    assert results["second"].status == "pass"


def test_a_framework_that_always_dies_is_given_up(bench: Bench) -> None:
    for number in range(15):
        bench.workload(f"w{number:02}", "import os; os._exit(3)")
    results = bench.run().results
    assert [result.status for result in results[:-1]] == ["crash"] * 12
    assert results[-1].id == "pytorch-rest"
    assert "died 12 times" in results[-1].reason


def test_a_poisoned_device_gets_a_fresh_process(bench: Bench) -> None:
    bench.workload(
        "first",
        "import torch; torch.bad = True\nraise RuntimeError('CUDA error: illegal memory access')",
        cost=0.1,
    )
    bench.workload("second", "import torch\nreturn {'fresh': not hasattr(torch, 'bad')}", cost=0.2)
    results = {result.id: result for result in bench.run().results}
    assert results["first"].status == "fail"
    assert results["second"].metrics == {"fresh": True}


def test_listing_devices_that_kills_leaves_the_cpu_to_be_tried(bench: Bench) -> None:
    bench.torch(
        "if os.environ.get('CUDA_VISIBLE_DEVICES') != '':\n    cuda.is_available = staticmethod(lambda: ctypes.string_at(0))"
    )
    bench.workload("one")
    outcome = bench.run()
    assert [(r.id, r.status) for r in outcome.results] == [
        ("pytorch-devices", "crash"),
        ("one", "pass"),
    ]
    assert outcome.facts["smoke.pytorch.import"].value == "ok"
    assert "SIGSEGV" in outcome.facts["smoke.pytorch.devices"].reason


def test_a_system_that_is_not_installed_is_skipped_with_the_line_that_installs_it(bench: Bench) -> None:
    bench.workload("one", NEEDS=("no_such_thing",), INSTALL="pip install no-such-thing")
    result = bench.run().results[-1]
    assert result.status == "skip"
    assert result.reason == "no_such_thing is not installed; install it with: pip install no-such-thing"


def test_metrics_that_json_cannot_hold_do_not_cost_the_result(bench: Bench) -> None:
    bench.workload("one", "return {'loss': float('nan'), 'shape': (1, 2), 'kind': object}")
    assert bench.run().results[-1].metrics == {"loss": "nan", "shape": [1, 2], "kind": "<class 'object'>"}
