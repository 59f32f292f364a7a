"""What `fwaudit smoke` prints: results, causes with their remedies, the sum, within the width."""

from __future__ import annotations

import pytest

from auditor.model.finding import Finding, Remedy
from auditor.model.report import HostInfo, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult
from auditor.render.options import RenderOptions
from auditor.render.workloads import render

STACK = "\n".join(f'  File "a.py", line {n} in frame_{n}' for n in range(9))
INSTALL = "torch is not installed; install it with: pip install torch"
FAILED = SmokeResult(
    id="pytorch-compile", framework="pytorch", device="cpu", status="fail", reason="no compiler\nand more"
)
CAUSE = Finding(
    id="FWA338",
    cause="c_compiler_missing",
    title="There is no C compiler",
    outcome="fail",
    severity="error",
    remedy=Remedy("Install one", ("sudo apt install build-essential",), check="cc --version"),
)
EFFECT = Finding(
    id="FWA614", cause="smoke_failed", title="A workload fails", outcome="fail", severity="error",
    explained_by=("c_compiler_missing",),
)  # fmt: skip
CASES = {
    "a pass": (
        [SmokeResult(id="x-a", framework="x", device="cpu", status="pass", duration_s=1.26)],
        [],
        ["pass      x-a on cpu, 1.3 s", "          what a shows", "1 passed, 0 failed, 0 skipped"],
    ),
    "rates, held against the data sheet and the siblings": (
        [
            SmokeResult(
                id="x-a", framework="x", device="cuda:0", status="pass",
                metrics={
                    "float16_tflops": 412.4, "peak_float16_tflops": 989.0, "float16_tflops_percent_of_peak": 41.7,
                    "float16_tflops_percent_of_siblings": 58.0, "gflops": 31.26,
                },
            )
        ],
        [],
        [
            "          float16 412 TFLOP/s (41.7 % of its data sheet, 58 % of its siblings),",
            "          31.3 GFLOP/s",
        ],
    ),
    "skips of one reason": (
        [SmokeResult(id=name, framework="x", reason=INSTALL) for name in ("x-a", "x-b")],
        [],
        ["skip      x-a, x-b", "          torch is not installed; install it with:", "            pip install torch"],
    ),
    "an install line that is a sentence": (
        [SmokeResult(id="x-a", framework="x", reason=f"{INSTALL}, of the same release")],
        [],
        ["          torch is not installed; install it with this, of the same release:", "            pip install torch"],
    ),
    "a hang, with its place and seconds": (
        [SmokeResult(id="x-a", framework="x", status="timeout", duration_s=75.2, reason="still", stderr_tail=STACK)],
        [],
        ["timeout   x-a, 75.2 s", '              File "a.py", line 8 in frame_8', "0 passed, 1 failed, 0 skipped"],
    ),
    "the cause before what follows, with its remedy's commands": (
        [FAILED, SmokeResult(id="x-a", framework="x", status="pass")],
        [CAUSE, EFFECT],
        [
            "pass      x-a, 0.0 s",
            "fail      pytorch-compile on cpu, 0.0 s",
            "          no compiler",
            "1. There is no C compiler [FWA338]",
            "     sudo apt install build-essential",
            "     cc --version",
            "2. A workload fails [FWA614]",
            "   This follows from 1: mend that first.",
            "1 passed, 1 failed, 0 skipped",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("results", "findings", "lines"), CASES.values(), ids=CASES)
def test_the_lines_stand_in_this_order(
    results: list[SmokeResult], findings: list[Finding], lines: list[str]
) -> None:
    report = Report(
        tool=Tool("1", ""), created="", host=HostInfo("live", ""), target=TargetInfo("/python", "", True),
        facts={}, findings=tuple(findings), smoke=tuple(results),
    )  # fmt: skip
    text = render(report, {"x-a": "what a shows"}, RenderOptions(width=80))
    found = text.splitlines()
    places = [
        next(n for n, row in enumerate(found) if row.strip().startswith(line.strip())) for line in lines
    ]
    assert places == sorted(places)
    assert all(len(row) <= 80 for row in found)
    assert [row for row in lines if not any(row.rstrip() == one[: len(row)] for one in found)] == []
