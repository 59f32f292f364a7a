"""A report as it may be made public: model values in, new values out."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.model.fact import Evidence, Fact
from auditor.model.report import Redaction, Report
from auditor.redaction import policy
from auditor.redaction.redactor import Redactor

# fields that are words of ours (identifiers, closed sets, dates), in any part but a fact's value
_OURS = (
    "id", "cause", "outcome", "severity", "confidence", "framework", "status", "kind", "state", "verdict", "criterion",
    "url", "date", "since", "created", "knowledge_date", "version", "who", "explains", "explained_by", "goal",
)  # fmt: skip
_COMMANDS = ("commands", "check", "steps", "meanwhile", "alternatives")


def redact_report(report: Report, redactor: Redactor) -> Report:
    """Return the report with everything hidden that may not leave the machine.

    A report that was redacted before is returned as it is: hashing a hash would break correlation.
    """
    if report.redaction.enabled:
        return report
    counted = redactor.counts.copy()
    redactor.foresee(_texts(report))
    parts: dict[str, Any] = {name: _walk(getattr(report, name), name, redactor) for name in _WALKED}
    facts = {key: _fact(key, fact, redactor) for key, fact in report.facts.items()}
    counts = {name: n for name, n in sorted((redactor.counts - counted).items()) if n}
    return msgspec.structs.replace(
        report,
        **parts,
        host=_host(report, redactor),
        facts=facts,
        redaction=Redaction(enabled=True, counts=counts, key=redactor.identity.key_source),
    )


def _texts(report: Report) -> set[str]:
    """Return every text of a report, those too that stay as they are."""
    found: set[str] = set()
    parts: list[Any] = [msgspec.to_builtins(report)]
    while parts:
        value = parts.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            found.update(value)
            parts.extend(value.values())
        elif isinstance(value, (list, tuple)):
            parts.extend(value)
    return found


def redact_part(part: Any, name: str, redactor: Redactor) -> Any:
    """Return one part of a report, such as its plan, with everything hidden that may not leave the machine."""
    return _walk(part, name, redactor)


_WALKED = (
    "target", "findings", "checks", "smoke", "criteria", "recommendation", "probes", "options", "incomplete",
)  # fmt: skip


def _host(report: Report, redactor: Redactor) -> Any:
    name = report.host.name
    if name and not name.startswith("<"):
        redactor.counts["host"] += 1
        name = "<host>"
    return msgspec.structs.replace(report.host, name=name, source=redactor.text(report.host.source))


def _fact(key: str, fact: Fact, redactor: Redactor) -> Fact:
    rule = policy.rule(key)
    return msgspec.structs.replace(
        fact,
        value=redactor.value(fact.value, key),
        reason=redactor.text(fact.reason),
        evidence=tuple(_evidence(item, redactor, rule) for item in fact.evidence),
    )


def _evidence(evidence: Evidence, redactor: Redactor, fact: policy.Rule = "text") -> Evidence:
    """Redact an excerpt as strictly as its fact: it holds the same identifier."""
    rule = policy.variable(evidence.ref) if evidence.kind == "env" else "text"
    excerpt = redactor.ruled(evidence.excerpt, fact if fact in ("hash", "drop") else rule)
    return Evidence(evidence.kind, redactor.text(evidence.ref), excerpt)


def _walk(value: Any, field: str, redactor: Redactor) -> Any:
    """Return a value of the model with its texts redacted; `field` is the name it stands under."""
    if isinstance(value, str):
        if field in _OURS:
            return value
        return redactor.command(value) if field in _COMMANDS else redactor.text(value)
    if isinstance(value, tuple):
        return tuple([_walk(item, field, redactor) for item in value])
    if isinstance(value, Evidence):
        return _evidence(value, redactor)
    if isinstance(value, msgspec.Struct):
        return _struct(value, redactor)
    return redactor.value(value, field) if isinstance(value, (dict, list)) else value


def _struct(value: msgspec.Struct, redactor: Redactor) -> msgspec.Struct:
    """Return the struct itself where nothing in it is hidden: most checks are such."""
    changed = {}
    for name in value.__struct_fields__:
        old = getattr(value, name)
        new = _walk(old, name, redactor) if old else old
        if new != old:
            changed[name] = new
    return msgspec.structs.replace(value, **changed) if changed else value
