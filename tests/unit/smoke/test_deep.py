"""The deep level: sustained load for as long as is asked for, memory patterns, running out of memory."""

from __future__ import annotations

import importlib.util
import runpy
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.app import app
from auditor.smoke import catalog
from auditor.smoke.runner import Deadlines

from .conftest import Bench

torch_here = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed here"
)


def script(name: str) -> dict[str, Any]:
    """Return the names of one of our workloads, as its child process sees them."""
    return runpy.run_path(next(w.path for w in catalog.load() if w.id == name))


def test_the_time_asked_for_reaches_the_workload_and_no_other(bench: Bench) -> None:
    bench.workload("long", "return {'seconds': DURATION_S}", DURATION_S=20, cost=20)
    bench.workload("short", "return {'has': 'DURATION_S' in globals()}")
    asked = {r.id: r.metrics for r in bench.run(duration_s=2.5).results}
    assert asked == {"long": {"seconds": 2.5}, "short": {"has": False}}
    assert {r.id: r.metrics for r in bench.run().results}["long"] == {"seconds": 20}


def test_sustained_load_may_last_longer_than_a_workload_may(bench: Bench) -> None:
    bench.workload(
        "long", "import time\nend = time.monotonic() + DURATION_S\nwhile time.monotonic() < end: pass\nreturn {}",
        DURATION_S=1,
    )  # fmt: skip
    short = Deadlines(still_s=30.0, workload_s=1.0)
    assert bench.run(duration_s=2.0, deadlines=short).results[-1].status == "pass"


@pytest.mark.parametrize(
    ("text", "words"), [("soon", "no duration"), ("10ms", "not between"), ("90000", "not between")]
)
def test_a_time_that_is_none_is_a_usage_error(text: str, words: str) -> None:
    done = CliRunner().invoke(app, ["smoke", "pytorch-sustained", "--duration", text])
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.slow
@torch_here
def test_a_cell_that_another_changes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    work = script("pytorch-memory-all")
    blocks = [torch.empty(1024, dtype=torch.int32) for _ in range(3)]
    work["test"](torch, blocks, 1024)
    right = torch.Tensor.fill_

    def coupled(block: Any, value: int) -> Any:
        if block is blocks[2]:
            blocks[0][7] = 3  # writing one block flips a word of another
        return right(block, value)

    monkeypatch.setattr(torch.Tensor, "fill_", coupled)
    with pytest.raises(Exception, match=r"numbers: 1 of 1024 words of block 0 lost the pattern 0x0"):
        work["test"](torch, blocks, 1024)


@pytest.mark.slow
@torch_here
def test_a_product_that_changes_under_load_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    work = script("pytorch-sustained")
    run = work["run"]
    monkeypatch.setitem(run.__globals__, "DURATION_S", 0.2)
    monkeypatch.setitem(run.__globals__, "CPU_SIDE", 64)
    assert run("cpu")["checked"] >= 1
    right, calls = torch.Tensor.__matmul__, iter(range(10**9))
    monkeypatch.setattr(torch.Tensor, "__matmul__", lambda a, b: right(a, b) + (next(calls) >= 3))
    with pytest.raises(Exception, match="numbers: after 1 s a product is off by 1"):
        run("cpu")


@pytest.mark.slow
@torch_here
def test_memory_that_is_given_though_there_is_none_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    run = script("pytorch-oom")["run"]
    assert "allocate memory" in run("cpu")["said"]
    monkeypatch.setattr(torch, "empty", lambda *_, **__: sys.maxsize)
    with pytest.raises(Exception, match="it gave more memory than the device has"):
        run("cpu")
