"""Several places that may hold one answer, the best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from auditor.host.protocol import Host
from auditor.model.fact import Evidence, Fact, absent, file, unknown
from auditor.probes.base import ask


def first_known(*attempts: Callable[[], Fact]) -> Fact:
    """Return the first known answer; the later places are not looked at then.

    Where none knows: unknown with the reasons if any place could not be looked at, else absent.
    """
    failures: list[Fact] = []
    for attempt in attempts:
        fact = attempt()
        if fact.is_known:
            return fact
        failures.append(fact)
    blind = [fact for fact in failures if fact.state == "unknown"]
    if not blind:
        return absent(failures[-1].reason, *_evidence(failures))
    return unknown("; ".join(dict.fromkeys(fact.reason for fact in blind)), *_evidence(blind))


def _evidence(facts: Iterable[Fact]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence for fact in facts for evidence in fact.evidence))


def text(host: Host, path: str, missing: str = "") -> Fact:
    """Return a small file's text without surrounding white space; an empty one counts as none."""
    fact = ask(lambda: host.read(path).strip(" \t\n\0") or None, file(path), missing=missing)
    return Fact("known", fact.value, "", (file(path, fact.value),)) if fact.is_known else fact


def whole_number(host: Host, path: str, missing: str = "") -> Fact:
    """Return a small file's text as an integer."""
    return ask(lambda: int(host.read(path)), file(path), missing=missing)
