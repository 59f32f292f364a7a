"""The table of the frameworks in one process, in every form for people."""

from __future__ import annotations

import re

import msgspec
import pytest

from auditor.model.report import HostInfo, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult
from auditor.render import html, markdown, terminal, workloads
from auditor.render.options import RenderOptions

METRICS = {
    "orders": {"torch": "works", "torch then jax": "works", "jax then torch": "crash: killed by SIGSEGV: x"},
    "alone": {"torch": {"libgomp": ["torch/lib/libgomp.so.1"]}, "jax": {}},
    "together": {"torch then jax": {"libgomp": ["torch/lib/libgomp.so.1"]}},
    "borrowed": ["as torch then jax, jax uses a/libcudnn.so.9 instead of its own b/libcudnn.so.9"],
}


RESULT = SmokeResult(
    id="pytorch-together", framework="pytorch", device="cpu", status="crash", metrics=METRICS
)
REPORT = Report(
    tool=Tool("0", ""), created="", host=HostInfo("live", ""), target=TargetInfo("", "", True, ""),
    facts={}, smoke=(RESULT,),
)  # fmt: skip


def flat(text: str) -> str:
    return " ".join(text.split())


def page(verbose: bool) -> str:
    return flat(terminal.render(REPORT, RenderOptions(verbose=verbose, width=200)))


def test_orders_and_libraries_are_told_with_verbose_alone() -> None:
    text = page(verbose=True)
    assert "jax then torch crash: killed by SIGSEGV: x" in text
    assert "mapped alone torch: libgomp: torch/lib/libgomp.so.1" in text
    assert "mapped alone jax: none of those that are looked for" in text
    assert "mapped together in every order: libgomp: torch/lib/libgomp.so.1" in text
    assert METRICS["borrowed"][0] in text
    assert "Frameworks in one process" not in page(verbose=False)


FORMS = {
    "fwaudit smoke": flat(workloads.render(REPORT, {}, RenderOptions(width=80))),
    "markdown": markdown.render(REPORT, RenderOptions()).replace("\\", ""),
    "html": flat(re.sub(r"<[^>]*>", " ", html.render(REPORT, RenderOptions()))),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_for_people_holds_the_table(form: str) -> None:
    text = FORMS[form]
    words = (
        "Frameworks in one process", "jax then torch", "crash: killed by SIGSEGV: x", "works", METRICS["borrowed"][0],
        "mapped alone", "torch: libgomp: torch/lib/libgomp.so.1", "mapped together",
    )  # fmt: skip
    assert not [word for word in words if word not in text]


def test_orders_that_all_work_are_one_line_of_the_smoke_command() -> None:
    metrics = {
        **METRICS,
        "orders": dict.fromkeys(("torch", "jax", "torch then jax", "jax then torch"), "works"),
    }
    fine = msgspec.structs.replace(REPORT, smoke=(msgspec.structs.replace(RESULT, metrics=metrics),))
    lines = workloads.render(fine, {}, RenderOptions(width=80)).splitlines()
    assert "  works            each alone, and every order of importing torch, jax" in lines
    assert max(map(len, lines)) <= 80
