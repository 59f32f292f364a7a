"""Prometheus exposition for the node exporter's textfile collector: one value a series, none twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from auditor.model.finding import SEVERITIES
from auditor.model.report import Report
from auditor.model.verdict import exit_code
from auditor.render.inert import one_line
from auditor.render.options import RenderOptions
from auditor.render.parts import details, opening, smoke, waived

_NUMBERED = re.compile(r"gpu\[(\d+)\]\.([a-z0-9_]+)")
_OUTCOMES = ("pass", "unknown", "not-applicable", "fail", "crash")


class Exposition:
    """Collects families; a series given twice keeps its last value, which Prometheus would refuse."""

    def __init__(self) -> None:
        self._families: dict[str, tuple[str, dict[str, str]]] = {}

    def add(self, name: str, about: str, value: float, **labels: str) -> None:
        """Add one gauge, its labels escaped."""
        series = self._families.setdefault(f"fwaudit_{name}", (about, {}))[1]
        series[_labels(labels)] = _number(value)

    def text(self) -> str:
        """Return the families in the order in which they came."""
        lines: list[str] = []
        for name, (about, series) in self._families.items():
            lines += [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
            lines += [f"{name}{labels} {value}" for labels, value in series.items()]
        return "\n".join(lines) + "\n"


def render(report: Report, options: RenderOptions) -> str:
    """Return the verdict, the findings, the workloads and the GPUs' figures as gauges."""
    page = Exposition()
    _about(page, report, options)
    _findings(page, report)
    _smoke(page, report)
    _gpus(page, report)
    return page.text()


def _about(page: Exposition, report: Report, options: RenderOptions) -> None:
    tool = report.tool
    page.add("info", "Who wrote the report.", 1, version=tool.version, knowledge_date=tool.knowledge_date)
    page.add("verdict_info", "What the report comes to.", 1, verdict=opening.verdict(report)[0])
    page.add("exit_code", "Exit code of the scan.", exit_code(report, options.fail_on))
    page.add("incomplete", "1 where the audit could not be completed.", bool(report.incomplete))
    created = _seconds(report.created)
    if created is not None:
        page.add("created_timestamp_seconds", "When the audit was made.", created)


def _findings(page: Exposition, report: Report) -> None:
    worst = Counter(finding.severity for finding in report.findings)
    for severity in SEVERITIES:
        page.add("findings", "Findings by severity.", worst[severity], severity=severity)
    outcomes = Counter("waived" if check.waiver else check.outcome for check in report.checks)
    for outcome in (*_OUTCOMES, "waived"):
        page.add("checks", "Checks that are no findings, by outcome.", outcomes[outcome], outcome=outcome)
    states = Counter(fact.state for fact in report.facts.values())
    for state in ("known", "absent", "unknown"):
        page.add("facts", "Facts by state.", states[state], state=state)
    for finding in report.findings:
        page.add(
            "finding", "A finding of the report.", 1,
            id=finding.id, cause=finding.cause, severity=finding.severity, subject=finding.subject,
        )  # fmt: skip
    for check in waived.findings(report):
        page.add(
            "waived", "A finding that somebody waived, with the reason.", 1,
            id=check.id, cause=check.cause, severity=check.severity, subject=check.subject, reason=check.waiver,
        )  # fmt: skip


def _smoke(page: Exposition, report: Report) -> None:
    for result in report.smoke:
        labels = {"framework": result.framework, "device": result.device, "workload": smoke.workload(result)}
        passed = {"pass": 1.0, "skip": float("nan")}.get(result.status, 0.0)
        page.add("smoke_passed", "1 passed, 0 failed, NaN not tried.", passed, **labels)
        page.add("smoke_duration_seconds", "How long a workload took.", result.duration_s, **labels)
        reached = smoke.rate(result)
        if reached:
            page.add("smoke_rate", "Rate that a workload reached.", reached[0], **labels, unit=reached[1])


def _gpus(page: Exposition, report: Report) -> None:
    for key in sorted(report.facts, key=details.by_instance):
        fact = report.facts[key]
        named = _NUMBERED.fullmatch(key)
        if named and fact.state == "known" and _is_number(fact.value):
            page.add(
                f"gpu_{named[2]}",
                "As the fact of this name; `fwaudit explain` tells more.",
                fact.value,
                gpu=named[1],
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _labels(labels: dict[str, str]) -> str:
    pairs: Iterable[str] = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}" if labels else ""


def _escaped(value: str) -> str:
    return one_line(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    return "NaN" if value != value else f"{float(value):.15g}"


def _seconds(created: str) -> float | None:
    try:
        return datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
