"""The table of the frameworks in one process, in the verbose text."""

from __future__ import annotations

from auditor.model.report import HostInfo, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult
from auditor.render.options import RenderOptions
from auditor.render.terminal import render

METRICS = {
    "orders": {"torch": "works", "torch then jax": "works", "jax then torch": "crash: killed by SIGSEGV: x"},
    "alone": {"torch": {"libgomp": ["torch/lib/libgomp.so.1"]}, "jax": {}},
    "together": {"torch then jax": {"libgomp": ["torch/lib/libgomp.so.1"]}},
    "borrowed": ["as torch then jax, jax uses a/libcudnn.so.9 instead of its own b/libcudnn.so.9"],
}


def page(verbose: bool) -> str:
    result = SmokeResult(
        id="pytorch-together", framework="pytorch", device="cpu", status="crash", metrics=METRICS
    )
    report = Report(
        tool=Tool("0", ""), created="", host=HostInfo("live", ""), target=TargetInfo("", "", True, ""),
        facts={}, smoke=(result,),
    )  # fmt: skip
    return " ".join(render(report, RenderOptions(verbose=verbose, width=200)).split())


def test_orders_and_libraries_are_told_with_verbose_alone() -> None:
    text = page(verbose=True)
    assert "jax then torch crash: killed by SIGSEGV: x" in text
    assert "mapped alone torch: libgomp: torch/lib/libgomp.so.1" in text
    assert "mapped alone jax: none of those that are looked for" in text
    assert "mapped together torch then jax: libgomp: torch/lib/libgomp.so.1" in text
    assert METRICS["borrowed"][0] in text
    assert "Frameworks in one process" not in page(verbose=False)
