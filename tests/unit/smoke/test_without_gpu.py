"""What is of accelerators, on a machine without one: refused, told as not verified, never passed."""

from __future__ import annotations

import importlib.util
import runpy

import pytest

from auditor.smoke import catalog

from .conftest import Bench

OF_ACCELERATORS = [w for w in catalog.load() if w.devices == "accelerator"]
MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}


def needs(framework: str) -> None:
    if importlib.util.find_spec(MODULES[framework]) is None:
        pytest.skip(f"{framework} is not installed here")


@pytest.mark.slow
@pytest.mark.parametrize("workload", OF_ACCELERATORS, ids=lambda w: w.id)
def test_a_processor_is_refused(workload: catalog.Workload) -> None:
    needs(workload.framework)
    run = runpy.run_path(workload.path)["run"]
    with pytest.raises(Exception, match=r"accelerator|CUDA|GPU|all GPUs are tried together") as caught:
        run("CPU:0" if workload.framework == "tensorflow" else "cpu")
    assert type(caught.value).__name__ == "Skip"


def test_each_is_told_as_not_tried_where_the_framework_sees_no_accelerator(bench: Bench) -> None:
    bench.workload("each", cost=0.1)
    bench.workload("fast", DEVICES="accelerator", cost=0.2)
    told = [(r.id, r.device, r.status, r.reason) for r in bench.run().results]
    assert told == [
        ("each", "cpu", "pass", ""),
        ("fast", "accelerator", "skip", "torch sees no accelerator here, so nothing can be said of one"),
    ]


def test_one_that_is_named_says_why_it_did_not_run(bench: Bench) -> None:
    bench.workload("fast", DEVICES="accelerator")
    assert [(r.id, r.status) for r in bench.run(only=("fast",)).results] == [("fast", "skip")]


@pytest.mark.slow
def test_the_rates_are_products_that_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("pytorch")
    import torch

    work = runpy.run_path(next(w.path for w in OF_ACCELERATORS if w.id == "pytorch-rates"))
    monkeypatch.setitem(work["SIDES"], "float32", 64)
    monkeypatch.setitem(work["SIDES"], "bfloat16", 64)
    for name in ("float32", "bfloat16"):
        assert work["measure"](torch, name, work["maker"](torch, name, "cpu"), "cpu") >= 0
    assert [work["maker"](torch, name, "cpu") for name in ("tf32", "float8", "int8")] == [None] * 3
    ones = torch.ones(64, 64)
    with pytest.raises(Exception, match=r"numbers: in float32 a sum of 64 ones is 65\.0"):
        work["measure"](torch, "float32", lambda: ones @ ones + 1, "cpu")
    with pytest.raises(Exception, match="placement: the product is on cpu, not on cuda:0"):
        work["measure"](torch, "float32", lambda: ones @ ones, "cuda:0")
