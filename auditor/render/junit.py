"""JUnit XML: a check is a test case, unknown is skipped, and red means what the exit code means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.model.finding import SEVERITIES, Finding
from auditor.model.report import Report
from auditor.model.smoke import SmokeResult
from auditor.model.verdict import FAILED, exit_code, waived_faults
from auditor.render.markup.xml import element, text
from auditor.render.options import RenderOptions
from auditor.render.parts import details, opening, smoke
from auditor.render.parts.problems import evidence_line
from auditor.render.parts.wording import framework


class Case(NamedTuple):
    """A test case: `kind` is "failure", "error", "skipped", or empty where it passed."""

    suite: str
    name: str
    kind: str = ""
    message: str = ""
    type_: str = ""
    body: str = ""
    seconds: float = 0.0


def render(report: Report, options: RenderOptions) -> str:
    """Return one suite each for the audit, the checks and the workloads."""
    word, _, words = opening.verdict(report)
    code = exit_code(report, options.fail_on)
    given = {"verdict": word, "summary": words, "exit_code": code, "tool": f"{report.tool.name} {report.tool.version}",
             "knowledge": report.tool.knowledge_date}  # fmt: skip
    properties = "".join(
        element("property", "", {"name": name, "value": value}) for name, value in given.items()
    )
    excused = _excused(report, options)
    suites = {
        "audit": [_whole(report), *_gate(report)],
        "checks": [_check(check, options) for check in (*report.findings, *report.checks)],
        "smoke": [_workload(result, excused) for result in report.smoke],
    }
    body = "".join(_suite(name, cases, report, properties) for name, cases in suites.items() if cases)
    totals = _totals([case for cases in suites.values() for case in cases])
    del totals[
        "skipped"
    ]  # only a suite's in the schema that Jenkins checks: junit-10.xsd of its xunit-plugin
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + element(
        "testsuites", "\n" + body, {"name": "fwaudit", **totals}
    )


def _suite(name: str, cases: list[Case], report: Report, properties: str) -> str:
    given = {"name": f"fwaudit.{name}", **_totals(cases), "timestamp": report.created.rstrip("Z")}
    content = element("properties", "\n" + properties) if name == "audit" else ""
    return element("testsuite", "\n" + content + "".join(map(_element, cases)), given)


def _totals(cases: Iterable[Case]) -> dict[str, object]:
    kinds = [case.kind for case in cases]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": len(kinds), **{name: kinds.count(kind) for name, kind in counted.items()}}


def _element(case: Case) -> str:
    given = {"classname": f"fwaudit.{case.suite}", "name": case.name, "time": f"{case.seconds:.3f}"}
    if not case.kind:
        return element("testcase", "\n" + element("system-out", text(case.body)) if case.body else "", given)
    more = {"message": case.message, **({"type": case.type_} if case.type_ else {})}
    return element("testcase", "\n" + element(case.kind, text(case.body), more), given)


def _whole(report: Report) -> Case:
    missing = "; ".join(report.incomplete)
    return Case(
        "audit", "the audit is complete", "error" if missing else "", missing, "incomplete" if missing else ""
    )


def _gate(report: Report) -> Iterator[Case]:
    """Yield a pre-flight's verdict, which the operator may have made a failure of what is unknown."""
    gate = report.options.get("preflight")
    if isinstance(gate, dict):
        failed = gate.get("verdict") == "fail"
        kind = "failure" if failed else "skipped" if gate.get("seen") == "disabled" else ""
        yield Case(
            "audit", "a job may start on this node", kind, str(gate.get("reason") or "") if kind else ""
        )


def _check(check: Finding, options: RenderOptions) -> Case:
    name = f"{check.id} {check.title}" + (f" [{check.subject}]" if check.subject else "")
    case = Case("checks", name)
    if check.waiver:
        return case._replace(kind="skipped", message=f"waived: {check.waiver}")
    if check.outcome == "unknown":
        return case._replace(kind="skipped", message="unknown" + details.because(check))
    if check.outcome == "not-applicable":
        return case._replace(kind="skipped", message="does not apply here")
    return _problem(check, case, options) if check.is_problem else case


def _problem(check: Finding, case: Case, options: RenderOptions) -> Case:
    """Return a case that is red where the finding makes the exit code 1, else green with its words."""
    words = [f"{check.severity}: {check.message or check.title}"]
    if check.remedy:
        words += [f"To mend it: {check.remedy.summary}", *(f"  {line}" for line in check.remedy.commands)]
    case = case._replace(body="\n".join([*words, *map(evidence_line, check.evidence)]))
    counts = options.fail_on != "never" and SEVERITIES.index(check.severity) <= SEVERITIES.index(
        options.fail_on
    )
    if not counts:
        return case
    kind = "error" if check.outcome == "crash" else "failure"
    return case._replace(kind=kind, message=check.message or check.title, type_=check.cause)


def _excused(report: Report, options: RenderOptions) -> str:
    """Return why a workload that failed is not red: its fault is waived, or nothing counts; empty where it is."""
    waived = ", ".join(f"{finding.id}: {finding.waiver}" for finding in waived_faults(report))
    return f"waived: {waived}" if waived else "--fail-on never" if options.fail_on == "never" else ""


def _workload(result: SmokeResult, excused: str) -> Case:
    where = f" on {result.device}" if result.device else ""
    name = f"{framework(result.framework)} {smoke.workload(result)}{where}"
    case = Case("smoke", name, seconds=result.duration_s)
    if result.status == "skip":
        return case._replace(kind="skipped", message=result.reason or "skipped")
    if result.status not in FAILED:
        reached = smoke.rate(result)
        return case._replace(body=f"{reached[0]:g} {reached[1]}" if reached else "")
    if excused:
        return case._replace(
            kind="skipped", message=f"{result.status}, {excused}", body=result.reason or result.status
        )
    kind = "failure" if result.status == "fail" else "error"
    return case._replace(
        kind=kind, message=result.reason or result.status, type_=result.status, body=result.stderr_tail
    )
