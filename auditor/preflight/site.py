"""What a pre-flight shows of the node: nothing that tells whose it is, unless the site's own profile says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Facts
from auditor.model.finding import Finding
from auditor.preflight.gate import Result
from auditor.preflight.judge import Judged
from auditor.preflight.verdict import verdict

if TYPE_CHECKING:  # a node that passes needs neither
    from auditor.model.report import Report
    from auditor.redaction import Redactor

_SERIAL = "serial"


def shown(result: Result, host: Host, *, open_: bool) -> Result:
    """Return the result as its lines may be printed; `open_` (--no-redact) shows everything as it is.

    Under `redact = "site"` each failure names the host and, of a GPU, PCI address and serial number, by which an
    operator finds the card in the rack.
    """
    if open_ or not (result.verdict.failed or result.verdict.warned or result.verdict.unknown):
        return result
    if result.redact == "site":
        return _each(result, lambda finding: _placed(finding, result.facts, host))
    from auditor.audit.redacted import redactor_for

    redactor = redactor_for(host)
    return _each(result, lambda finding: _hidden(finding, redactor))


def _each(result: Result, change: Any) -> Result:
    judged = tuple(
        Judged(row.check, tuple(change(finding) for finding in row.findings)) for row in result.judged
    )
    return msgspec.structs.replace(result, judged=judged, verdict=verdict(judged))


def _hidden(finding: Finding, redactor: Redactor) -> Finding:
    return msgspec.structs.replace(
        finding,
        subject=redactor.text(finding.subject),
        message=redactor.text(finding.message),
        unknown_because=tuple(redactor.text(reason) for reason in finding.unknown_because),
    )


def _placed(finding: Finding, facts: Facts, host: Host) -> Finding:
    where = whereabouts(finding.subject, facts, host)
    if not where or finding.outcome not in ("fail", "crash", "unknown"):
        return finding
    if finding.outcome == "unknown":
        first, *rest = finding.unknown_because or ("no reason given",)
        return msgspec.structs.replace(finding, unknown_because=(f"{first} ({where})", *rest))
    return msgspec.structs.replace(finding, message=f"{finding.message or finding.title} ({where})")


def whereabouts(subject: str, facts: Facts, host: Host) -> str:
    """Return the node's name and, of a subject such as "gpu:3", where the card is and which."""
    from auditor.audit.identity import host_names

    words = [f"host {name}" for name in host_names(host)[-1:]]
    kind, _, index = subject.partition(":")
    for title, field in (("PCI", "pci_bus_id"), (_SERIAL, _SERIAL)) if kind == "gpu" else ():
        value = facts.value(f"gpu[{index}].{field}")
        words += [f"{title} {value}"] if value else []
    return ", ".join(words)


def report_for_site(told: Report, redacted: Report) -> Report:
    """Return the redacted report with what the site's profile shows: the node's name and the cards' serial numbers."""
    kept = {
        key: fact
        for key, fact in told.facts.items()
        if key.startswith("gpu[") and key.endswith(f"].{_SERIAL}")
    }
    return msgspec.structs.replace(
        redacted,
        host=msgspec.structs.replace(redacted.host, name=told.host.name),
        facts={**redacted.facts, **kept},
        options={**redacted.options, "preflight": {**redacted.options["preflight"], "redact": "site"}},
    )
