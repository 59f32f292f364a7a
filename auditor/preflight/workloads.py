"""Workloads that a profile asks for: the smoke runner's, within the budget, and held against a least rate."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from auditor.host import processes
from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, known, unknown
from auditor.model.smoke import SmokeResult
from auditor.preflight.request import Request

RESERVE = 0.3  # seconds of the budget kept for ending the children

Row = dict[str, Any]


def run(wanted: Mapping[str, float], facts: Facts, request: Request, host: Host) -> Fact:
    """Return node.workloads: each workload asked for with its status and rate, on every device."""
    if not host.live:
        return unknown("workloads run on the live machine only")
    python = facts.value("target.python")
    if not python:
        return unknown(facts["target.python"].reason)
    answer: list[Fact] = []
    worker = threading.Thread(
        target=lambda: answer.append(_safely(wanted, facts, request, str(python))), daemon=True
    )
    worker.start()
    worker.join(max(0.0, request.left - RESERVE))
    if not answer:
        processes.kill_all()
        worker.join(RESERVE / 2)  # it removes its temporary folder
        return unknown(f"the workloads did not end within the budget of {request.budget:g} s")
    return answer[0]


def _safely(wanted: Mapping[str, float], facts: Facts, request: Request, python: str) -> Fact:
    """Return the answer; a defect of ours is one too, or its thread's end would read as a time-out."""
    try:
        return _run(wanted, facts, request, python)
    except Exception as error:
        return unknown(f"the workloads could not be run: {type(error).__name__}: {error}")


def _run(wanted: Mapping[str, float], facts: Facts, request: Request, python: str) -> Fact:
    from auditor.audit.workspace import workspace
    from auditor.smoke.runner import run as smoke
    from auditor.smoke.values import SmokeRequest

    frameworks = tuple(dict.fromkeys(name.partition("-")[0] for name in wanted))
    with workspace() as tmpdir:
        if tmpdir is None:
            return unknown("no place is writable for temporary files")
        outcome = smoke(
            SmokeRequest(
                python=python, frameworks=frameworks, level="quick", facts=facts, tmpdir=tmpdir,
                cwd=request.cwd, only=tuple(wanted),
            )
        )  # fmt: skip
    rows = [_row(result, wanted) for result in outcome.results if result.id in wanted]
    ran = {row["id"] for row in rows}
    rows += [{"id": name, "unknown_because": "it did not run"} for name in wanted if name not in ran]
    return known(rows, call("smoke runner"))


def _row(result: SmokeResult, wanted: Mapping[str, float]) -> Row:
    row: Row = {"id": result.id, "device": result.device, "least": wanted[result.id], "rate": _rate(result)}
    if result.status == "skip":
        return {**row, "unknown_because": result.reason or "it was left out"}
    return {**row, "status": result.status, "reason": result.reason}


def _rate(result: SmokeResult) -> float:
    """Return the workload's own rate, the first of its figures; 0 where it gives none."""
    figures = [value for name, value in result.metrics.items() if name.endswith(("gflops", "per_s"))]
    return float(figures[0]) if figures else 0.0
