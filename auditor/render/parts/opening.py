"""The first lines: which interpreter was audited and why, and what the audit comes to."""

from __future__ import annotations

from typing import Any

from auditor.model.fact import Fact
from auditor.model.report import Report
from auditor.model.smoke import SmokeResult
from auditor.model.verdict import failing, waived_faults, worst
from auditor.render.page import Page, Style, count, listed
from auditor.render.parts.wording import facts_of, framework, installed, joined, sentence

KINDS = {"root": "a captured tree", "snapshot": "a recording", "paste": "a pasted text"}


def write(page: Page, report: Report) -> None:
    """Write the interpreter, what was assumed, and the verdict."""
    page.text(audited(report), label="Audited:")
    if report.host.kind != "live":
        page.text(
            f"{KINDS[report.host.kind]} {report.host.source}".strip() + ", not this machine",
            label="Machine:",
        )
    keys = assumed(report)
    if keys:
        page.text(
            listed(f"{key} = {stated(report.facts[key])}" for key in keys), label="Assumed:", style="warn"
        )
    page.blank()
    word, style, text = verdict(report)
    page.text(text, label=word, label_style=style)
    for reason in report.incomplete:
        page.text(sentence(reason), indent=2, style="bad")


def assumed(report: Report) -> list[str]:
    """Return the keys of facts that were given by the user instead of looked at."""
    return sorted(
        key for key, fact in report.facts.items() if any(e.kind == "assumed" for e in fact.evidence)
    )


def stated(fact: Fact) -> str:
    """Return a stated fact's value in words."""
    return in_words(fact.value) if fact.is_known else "none" if fact.state == "absent" else "unknown"


def in_words(value: Any) -> str:
    """Return a value without the marks of a programming language."""
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(item) for item in value) or "none"
    if isinstance(value, dict):
        return " ".join(in_words(item) for item in value.values()) or "none"
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def audited(report: Report) -> str:
    """Return which interpreter was audited and why this one."""
    target, facts = report.target, facts_of(report)
    because = f" - {target.chosen_because}" if target.chosen_because else ""
    if not target.python:
        return f"no Python interpreter{': ' + target.reason if target.reason else ''}{because}"
    if not target.usable:
        reason = target.reason.removeprefix(f"{target.python}: ") or "it gave no answer"
        return f"{target.python} cannot be used: {reason}{because}"
    about = " ".join(
        str(word)
        for word in (
            facts.value("python.implementation", "Python"),
            facts.value("python.version"),
            facts.value("python.kind"),
        )
        if word
    ).replace("CPython", "Python")
    return f"{target.python} ({about}){because}"


def verdict(report: Report) -> tuple[str, Style, str]:
    """Return a word, its style and a sentence; the word never says more than what was proved."""
    gate = report.options.get("preflight")
    if isinstance(gate, dict):
        return _fit(gate)
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = sum(finding.severity == "warning" for finding in report.findings)
    if report.incomplete:
        return "INCOMPLETE", "bad", f"The audit could not be completed; {_found(errors, warnings)}."
    if worst(report) == "error":
        first = next(finding for finding in report.findings if finding.severity == "error")
        more = f" {count(errors - 1, 'more error')} below." if errors > 1 else ""
        return "BROKEN", "bad", sentence(first.title) + more
    if failing(report):
        return _workloads_failed(report)
    return _unbroken(report, warnings)


def _workloads_failed(report: Report) -> tuple[str, Style, str]:
    """Return what workloads that failed come to where no error stands: somebody waived it, or nothing tells of it."""
    failed = f"{count(len(failing(report)), 'workload')} of {len(report.smoke)} failed"
    waived = listed(dict.fromkeys(finding.id for finding in waived_faults(report)), most=3)
    return (
        ("WAIVED", "warn", f"{failed}, which {waived} explains or hides: it is waived here.")
        if waived
        else ("BROKEN", "bad", f"{failed}.")
    )


def _fit(gate: dict[str, Any]) -> tuple[str, Style, str]:
    """Return what a pre-flight came to: may a job start here?"""
    seen, reason = str(gate.get("seen", "")), str(gate.get("reason", ""))
    if seen == "fail":
        return "UNFIT", "bad", f"No job should start on this node: {reason}"
    if seen == "pass":
        return "FIT", "good", f"A job may start on this node: {count(len(gate.get('checks', ())), 'check')}."
    if seen == "disabled":
        return "NOT LOOKED AT", "warn", f"A job may start on this node: {reason}"
    if seen == "warn":
        return "FIT", "warn", f"A job may start on this node, with warnings: {reason}"
    if gate.get("verdict") == "fail":
        return "UNFIT", "bad", f"Not all could be checked, which counts as a failure here: {reason}"
    return "UNKNOWN", "warn", f"Nothing forbids a job here, and not all could be checked: {reason}"


def _unbroken(report: Report, warnings: int) -> tuple[str, Style, str]:
    waived = sum(bool(check.waiver) for check in report.checks)
    noted = f" {count(warnings, 'warning')}" if warnings else f" No {'other ' * bool(waived)}fault found"
    noted += f"; {count(waived, 'finding')} waived" if waived else ""
    matters = sum(check.outcome == "unknown" and check.severity == "error" for check in report.checks)
    noted += f"; {count(matters, 'fault')} could not be ruled out." if matters else "."
    style: Style = "warn" if warnings else "good"
    proved = works(report.smoke)
    if proved:
        return "WORKS", style, proved + noted
    frameworks = installed(report)
    if not frameworks:
        if facts_of(report)["python.frameworks"].state == "unknown":
            return "UNKNOWN", "warn", f"Which framework is here could not be seen.{noted}"
        return "NOTHING TO RUN", "warn", f"No framework is installed here.{noted}"
    names = joined([framework(slug) for slug in frameworks])
    return "NOT TRIED", "warn", f"{names} {'was' if len(frameworks) == 1 else 'were'} not run.{noted}"


def works(results: tuple[SmokeResult, ...]) -> str:
    """Return which framework was proved to work on which devices, or nothing."""
    parts = []
    for slug in dict.fromkeys(result.framework for result in results):
        passed = [result for result in results if result.framework == slug and result.status == "pass"]
        devices = {result.device for result in passed if result.device}  # an import has none
        if devices:
            parts.append((framework(slug), _devices(devices)))
    if len({devices for _, devices in parts}) == 1:
        names = joined([name for name, _ in parts])
        return f"{names} {'works' if len(parts) == 1 else 'work'} here on {parts[0][1]}."
    return "; ".join(f"{name} works here on {devices}" for name, devices in parts) + ("." if parts else "")


def _devices(devices: set[str]) -> str:
    accelerators = [device.lower() for device in devices if not is_processor(device)]
    words = ["the CPU"] if len(accelerators) < len(devices) else []
    kind = "TPU core" if all("tpu" in device for device in accelerators) else "GPU"
    return joined([*words, *([count(len(accelerators), kind)] if accelerators else [])])


def is_processor(device: str) -> bool:
    """Return whether a framework's device is the CPU."""
    return "cpu" in device.lower()


def _found(errors: int, warnings: int) -> str:
    found = [count(errors, "error")] * bool(errors) + [count(warnings, "warning")] * bool(warnings)
    return "so far " + joined(found) if found else "nothing wrong was found so far, which proves little"
