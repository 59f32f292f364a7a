"""A pre-flight's result as a report, from which every format is made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from auditor import __version__
from auditor.audit.identity import host_names
from auditor.host.protocol import Host
from auditor.model.finding import Finding
from auditor.model.report import HostInfo, Redaction, Report, TargetInfo, Tool
from auditor.preflight.gate import Result
from auditor.preflight.reason import reason
from auditor.preflight.request import Request
from auditor.preflight.verdict import gravest_first


def report(result: Result, request: Request, host: Host, exit_code: int) -> Report:
    """Return the report; what is special to a pre-flight stands in `options.preflight`."""
    findings = [finding for row in result.judged for finding in row.findings]
    return Report(
        tool=Tool(__version__),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        host=HostInfo(host.kind, next(iter(host_names(host)), "") if result.redact else ""),
        target=TargetInfo(reason="pre-flight looks at no interpreter unless its profile names packages"),
        facts={key: fact for key, fact in result.facts.items() if key != "request.look"},
        findings=tuple(gravest_first(finding for finding in findings if finding.is_problem)),
        checks=tuple(finding for finding in findings if not finding.is_problem),
        probes=result.runs,
        options={"preflight": _options(result, request, exit_code)},
    )


def unseen(line: str, dialect: str) -> Report:
    """Return the report of a gate that is switched off: it passes, and says that nothing was looked at."""
    told = {"profiles": [], "verdict": "pass", "seen": "disabled", "reason": line, "dialect": dialect,
            "exit_code": 0, "spent_s": 0.0, "skipped": [], "left_behind": [], "checks": []}  # fmt: skip
    return Report(
        tool=Tool(__version__),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        host=HostInfo("live", ""),
        target=TargetInfo(reason=line),
        facts={},
        redaction=Redaction(enabled=True),
        options={"preflight": told},
    )


def _options(result: Result, request: Request, exit_code: int) -> dict[str, Any]:
    told = result.verdict
    return {
        "profiles": list(result.profiles),
        "verdict": told.under(request.unknown),
        "seen": told.word,
        "unknown_means": request.unknown,
        "reason": reason(told.failed or told.unknown or told.warned),
        "dialect": request.dialect,
        "observe": request.observe,
        "exit_code": exit_code,
        "budget_s": request.budget,
        "spent_s": round(result.spent, 3),
        "skipped": list(result.skipped),
        "left_behind": list(result.left_behind),
        "checks": [_row(row) for row in result.judged],
    }


def _row(row: Any) -> dict[str, Any]:
    check = row.check
    told = {
        "name": check.name,
        "code": check.code,
        "level": check.level,
        "source": check.source,
        "tell": check.tell,
    }
    outcomes = [_outcome(finding) for finding in row.findings]
    return {**{key: value for key, value in told.items() if value}, "outcomes": outcomes}


def _outcome(finding: Finding) -> dict[str, Any]:
    """Return what came of a check for one subject, failed or not; what it says stands with it."""
    failed = finding.outcome in ("fail", "crash")
    told = {
        "severity": finding.severity if failed else "",
        "message": finding.message or (finding.title if failed else ""),
        "because": "; ".join(finding.unknown_because),
        "waiver": finding.waiver,
    }
    return {
        "subject": finding.subject,
        "outcome": finding.outcome,
        **{key: value for key, value in told.items() if value},
    }
