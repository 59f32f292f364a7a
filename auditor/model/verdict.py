"""What a report comes to: the same for every format and for the exit code."""

from __future__ import annotations

from typing import Literal

from auditor.model.finding import SEVERITIES, Severity
from auditor.model.report import Report

FailOn = Literal["error", "warning", "note", "never"]

EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_INCOMPLETE = 0, 1, 2, 3


def worst(report: Report) -> Severity | None:
    """Return the gravest severity among the findings, or None where nothing was found."""
    present = {finding.severity for finding in report.findings}
    return next((severity for severity in SEVERITIES if severity in present), None)


def _failed(report: Report) -> bool:
    """Return whether workloads failed and no check tells of it: an edited report, as the word BROKEN says it."""
    if report.findings or "preflight" in report.options or any(check.waiver for check in report.checks):
        return False
    return any(result.status in ("fail", "crash", "timeout") for result in report.smoke)


def exit_code(report: Report, fail_on: FailOn = "error") -> int:
    """Return the exit code: 3 where the audit is incomplete, 1 for findings at or above `fail_on`."""
    gate = report.options.get("preflight")
    if isinstance(gate, dict) and isinstance(gate.get("exit_code"), int):
        return int(gate["exit_code"])  # a pre-flight's is its dialect's and its operator's
    if report.incomplete:
        return EXIT_INCOMPLETE
    gravest: Severity | None = "error" if _failed(report) else worst(report)
    if gravest is None or fail_on == "never":
        return EXIT_OK
    return EXIT_FINDINGS if SEVERITIES.index(gravest) <= SEVERITIES.index(fail_on) else EXIT_OK
