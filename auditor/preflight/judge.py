"""Holds a profile's checks against the facts: pass, fail, unknown or not-applicable for each subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.engine.conditions import decide, scopes_of
from auditor.engine.logic import Truth
from auditor.engine.look import Look
from auditor.knowledge.card import Condition
from auditor.knowledge.profiles import Check
from auditor.model.fact import Facts
from auditor.model.finding import Finding, Outcome, Remedy, Severity
from auditor.preflight.amounts import readable

SEVERITY: Mapping[str, Severity] = {"fail": "error", "warn": "warning", "note": "note"}
_OUTCOME: Mapping[bool | None, Outcome] = {True: "pass", False: "fail", None: "unknown"}
_COUNTS = {"gpu": ("nvidia.gpu_count", "amd.gpu_count")}
# absent where nothing, neither bus nor driver nor library, shows a card of the vendor
SIGNS: Mapping[str, str] = {"nvidia": "nvidia.source", "amd": "amd.tool_state"}
# lists of what is there: an empty one proves nothing fine, as an empty list of faults does
_INVENTORIES = {
    "node.cards", "node.amd_cards", "node.locality", "node.fabric_ports", "node.nccl_adapters",
    "node.fabric_firmware", "node.memory_errors",
}  # fmt: skip


class Judged(msgspec.Struct, frozen=True):
    """One check and what came of it, a finding for each subject."""

    check: Check
    findings: tuple[Finding, ...]

    def having(self, *outcomes: Outcome) -> list[Finding]:
        """Return the findings of these outcomes that are not waived."""
        return [finding for finding in self.findings if finding.outcome in outcomes and not finding.waiver]


def judge(
    checks: Iterable[Check], facts: Facts, intents: tuple[str, ...] = (), today: str = ""
) -> list[Judged]:
    """Return every check with its findings; a fault of one check is unknown and costs that check alone.

    `intents` are the kinds of jobs that will run: a check for other kinds does not apply. `today` (ISO)
    decides which waivers hold.
    """
    return [Judged(check, tuple(_safely(check, facts, intents, today))) for check in checks]


def _safely(check: Check, facts: Facts, intents: tuple[str, ...], today: str) -> list[Finding]:
    if check.intent and intents and not set(check.intent) & set(intents):
        return [_finding(check, "not-applicable", message=f"it is for {', '.join(check.intent)}")]
    try:
        found = list(_by_card(check, facts) if check.card else _by_condition(check, Look(facts)))
    except Exception as error:
        found = [_finding(check, "unknown", because=(f"{check.name}: {type(error).__name__}: {error}",))]
    if _is_without(check, facts) and all(finding.outcome in ("pass", "unknown") for finding in found):
        return [_finding(check, "not-applicable", message=f"no card of {check.vendor} is here")]
    return [_waived(check, finding, today) for finding in found]


def _is_without(check: Check, facts: Facts) -> bool:
    """Return whether it is proved that no card of the check's vendor is here; a fault that shows stands all the same."""
    sign = SIGNS.get(check.vendor)
    return sign is not None and sign in facts and facts[sign].state == "absent"


def _waived(check: Check, finding: Finding, today: str) -> Finding:
    waiver = check.waiver
    if waiver is None or not today or today < waiver.since or (waiver.until and today > waiver.until):
        return finding
    return msgspec.structs.replace(finding, waiver=f"{waiver.reason} (since {waiver.since})")


def _by_condition(check: Check, look: Look) -> Iterator[Finding]:
    applies = decide(check.applies, look) if check.applies is not None else Truth(True)
    if applies.holds is not True:
        outcome: Outcome = "unknown" if applies.holds is None else "not-applicable"
        yield _finding(check, outcome, because=applies.because)
    elif check.per:
        yield from _by_subject(check, look)
    else:
        yield _decided(check, look, "")


def _by_subject(check: Check, look: Look) -> Iterator[Finding]:
    scopes = scopes_of(check.per, look)
    if isinstance(scopes, Truth):
        yield _finding(check, "unknown", because=scopes.because)
    elif not scopes:
        yield _without_instances(check, look)
    elif "." in check.per:
        yield from _items(check, look, scopes)
    else:
        ours = [scope for scope in scopes if _is_of(check, scope)]
        for scope in ours:
            yield _decided(check, scope, f"{check.per}:{scope.bound[check.per]}")
        if not ours:
            yield _finding(check, "not-applicable", message=f"there is no {check.per} of {check.vendor}")


def _is_of(check: Check, scope: Look) -> bool:
    vendor = scope.facts[scope.key(f"{check.per}[i].vendor")]
    return not check.vendor or not vendor.is_known or vendor.value == check.vendor


def _without_instances(check: Check, look: Look) -> Finding:
    """Say that there is nothing to check, but only where that was seen; an empty list is fine."""
    if "." in check.per:
        seen = look.fact(check.per).is_known and check.per not in _INVENTORIES
        return _finding(check, "pass" if seen else "not-applicable")
    facts = [look.facts[key] for key in _COUNTS.get(check.per, ()) if key in look.facts]
    blind = tuple(f"{check.per}: {fact.reason}" for fact in facts if fact.state == "unknown")
    if blind or (check.per in _COUNTS and not facts):
        return _finding(check, "unknown", because=blind or (f"{check.per}: not looked at",))
    return _finding(check, "not-applicable", message=f"there is no {check.per}")


def _items(check: Check, look: Look, scopes: list[Look]) -> Iterator[Finding]:
    """Judge the items of a list; what is fine folds into one pass."""
    judged = [_decided(check, scope, _subject(check, scope)) for scope in scopes]
    bad = [finding for finding in judged if finding.outcome != "pass"]
    yield from bad or [_finding(check, "pass", look=look, keys=(check.per,))]


def _subject(check: Check, scope: Look) -> str:
    return _card_at(_filled(check.subject, check, scope), scope.facts) if check.subject else ""


def _card_at(subject: str, facts: Facts) -> str:
    """Return "gpu:3" for the PCI address of a card that is known, else the subject as it is."""
    if subject.count(":") < 2:
        return subject
    wanted = _place(subject)
    for index in facts.instances("gpu"):
        if _place(str(facts.value(f"gpu[{index}].pci_bus_id") or "")) == wanted:
            return f"gpu:{index}"
    return subject


def _place(address: str) -> tuple[int, str] | None:
    """Return domain, bus and device of a PCI address, however many digits its writer gives the domain."""
    parts = address.lower().partition(".")[0].split(":")
    try:
        return int(parts[-3], 16), ":".join(parts[-2:])
    except (IndexError, ValueError):
        return None


def _decided(check: Check, look: Look, subject: str) -> Finding:
    item = look.bound.get("item")
    blind = item.get("unknown_because") if isinstance(item, dict) else None
    if blind:
        return _finding(check, "unknown", subject, because=(f"{subject or check.name}: {blind}",))
    assert check.must is not None
    truth = decide(check.must, look)
    if truth.holds is False:
        truth = _proved(check.must, truth, look)
    outcome = _OUTCOME[truth.holds]
    message = readable(_filled(check.says, check, look)) if outcome == "fail" else ""
    return _finding(
        check, outcome, subject, message=message, because=truth.because, look=look, keys=truth.keys
    )


def _proved(must: Condition, truth: Truth, look: Look) -> Truth:
    """Return the failure, or open where nothing but what the machine does not tell speaks for it."""
    wary = look.bind("", None)
    wary.wary = True
    again = decide(must, wary)
    return again if again.holds is None else truth


def _filled(text: str, check: Check, look: Look) -> str:
    if "{" not in text:
        return text
    from auditor.engine.template import Words, fill

    value = check.value
    words = {"value": ", ".join(map(str, value)) if isinstance(value, (list, dict)) else _read(str(value))}
    if check.must is not None and check.must.field and check.must.fact:
        words["figure"] = str((look.fact(check.must.fact).value or {}).get(check.must.field))
    return fill(text, Words(look, words))


def _read(pattern: str) -> str:
    """Return a pattern that `profile learn` made of a name as that name."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return pattern
    return pattern[1:-1].replace("\\", "")


def _finding(
    check: Check,
    outcome: Outcome,
    subject: str = "",
    *,
    message: str = "",
    because: tuple[str, ...] = (),
    look: Look | None = None,
    keys: tuple[str, ...] = (),
) -> Finding:
    failed = outcome == "fail"
    who: Any = "administrator"
    return Finding(
        id=check.code,
        cause=check.cause,
        title=check.title or check.name,
        outcome=outcome,
        severity=SEVERITY[check.level],
        subject=subject,
        message=message,
        why=check.why if failed else "",
        evidence=look.evidence(keys) if look and failed else (),
        unknown_because=because if outcome == "unknown" else (),
        remedy=Remedy(summary=check.mend, who=who) if failed and check.mend else None,
    )


def _by_card(check: Check, facts: Facts) -> Iterator[Finding]:
    """Ask a rule card; where the NVIDIA cards that it is about are not there, nothing is loaded for it."""
    plain = [key for key in check.reads if "[i]" not in key]
    if plain and all(facts[key].is_known and not facts[key].value for key in plain):
        yield _finding(check, "not-applicable", message="nothing that it is about is here")
        return
    if "gpu[i]" in check.reads and not facts.instances("gpu"):
        yield _without_instances(msgspec.structs.replace(check, per="gpu"), Look(facts))
        return
    from auditor._resources import tree
    from auditor.engine.evaluate import evaluate
    from auditor.knowledge.cards import load_card

    card = load_card(tree("rules") / "cards" / f"{check.card}.toml", examples=False)
    for finding in evaluate([card], facts):
        outcome: Outcome = "unknown" if finding.outcome == "crash" else finding.outcome
        severity = max(finding.severity, SEVERITY[check.level], key=("error", "warning", "note").index)
        yield msgspec.structs.replace(finding, outcome=outcome, severity=severity)
