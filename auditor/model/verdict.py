"""What a report comes to: the same for every format and for the exit code."""

from __future__ import annotations

from typing import Literal

from auditor.model.finding import SEVERITIES, Finding, Severity
from auditor.model.report import Report
from auditor.model.smoke import SmokeResult

FailOn = Literal["error", "warning", "note", "never"]

FAILED = ("fail", "crash", "timeout")
EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_INCOMPLETE = 0, 1, 2, 3


def worst(report: Report) -> Severity | None:
    """Return the gravest severity among the findings, or None where nothing was found."""
    present = {finding.severity for finding in report.findings}
    return next((severity for severity in SEVERITIES if severity in present), None)


def failing(report: Report) -> tuple[SmokeResult, ...]:
    """Return the workloads that failed, crashed or ran out of time."""
    return tuple(result for result in report.smoke if result.status in FAILED)


def waived_faults(report: Report) -> tuple[Finding, ...]:
    """Return the errors that somebody knows of and waived: what workloads failed by does not count then."""
    return tuple(check for check in report.checks if check.waiver and check.severity == "error")


def gravest(report: Report) -> Severity | None:
    """Return what the report comes to; workloads that failed are an error of their own unless one was waived."""
    return "error" if failing(report) and not waived_faults(report) else worst(report)


def exit_code(report: Report, fail_on: FailOn = "error") -> int:
    """Return the exit code: 3 where the audit is incomplete, 1 for findings at or above `fail_on`."""
    gate = report.options.get("preflight")
    if isinstance(gate, dict) and isinstance(gate.get("exit_code"), int):
        return int(gate["exit_code"])  # a pre-flight's is its dialect's and its operator's
    if report.incomplete:
        return EXIT_INCOMPLETE
    found = gravest(report)
    if found is None or fail_on == "never":
        return EXIT_OK
    return EXIT_FINDINGS if SEVERITIES.index(found) <= SEVERITIES.index(fail_on) else EXIT_OK
