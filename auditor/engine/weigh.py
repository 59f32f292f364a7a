"""Puts messages beside facts: a message decides where its card says so, else it strengthens or raises a possibility."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from auditor.engine.asking import ALONE
from auditor.engine.look import Look
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.remedy.places import is_for_a_place
from auditor.engine.symptoms import Hit, around, quoted
from auditor.engine.template import Words, fill
from auditor.knowledge.card import RemedySpec, RuleCard
from auditor.model.fact import Facts
from auditor.model.finding import SEVERITIES, Confidence, Finding, Remedy

MOST_POSSIBLE = 3
_GIST = 160
_HOLE = re.compile(r"\{[a-z_.\[\]]+\}")
_STRONGER: Mapping[Confidence, Confidence] = {"possible": "likely", "likely": "certain", "certain": "certain"}


def weigh(
    cards: Sequence[RuleCard], findings: Sequence[Finding], hits: Mapping[str, Sequence[Hit]], facts: Facts
) -> list[Finding]:
    """Return the findings with what the messages add to them.

    Where facts decided, the quotes are further evidence. Where they did not, a message that decides makes the
    finding; one that does not leaves the cause possible, as a warning, for three causes at most.
    """
    weighed = list(findings)
    possible: list[Finding] = []
    environment = Environment(facts)
    for card in cards:
        said = hits.get(card.id)
        if not said:
            continue
        mine = [finding for finding in weighed if finding.id == card.id]
        failed = [finding for finding in mine if finding.outcome == "fail"]
        if failed:
            weighed = [_strengthened(f, card, said) if f in failed else f for f in weighed]
        elif any(hit.symptom.decides for hit in said):
            weighed = [f for f in weighed if f.id != card.id] + [_told(card, said, facts, environment, mine)]
        elif _is_open(card, mine):
            possible.append(_possible(card, said, facts, environment, mine))
    symptoms = {card.id for card in cards if card.suspects}
    if any(
        f.outcome == "fail" and f.severity != "note" and f.id in hits and f.id not in symptoms
        for f in weighed
    ):
        return weighed  # the text names a cause already
    return _with_possible(cards, weighed, possible, Words(Look(facts), {}, environment, says_unknown=False))


def _is_open(card: RuleCard, judged: Sequence[Finding]) -> bool:
    """Return whether the facts leave a card's question open; where it has none, messages alone speak of it."""
    return any(finding.outcome == "unknown" for finding in judged) or not (card.check or card.when)


def _with_possible(
    cards: Sequence[RuleCard], weighed: list[Finding], possible: list[Finding], words: Words
) -> list[Finding]:
    """Return the findings with at most three possible causes, where none is certain; a symptom gives way to causes."""
    symptoms = {card.id: card for card in cards if card.suspects}
    failed = [f for f in weighed if f.outcome == "fail" and f.severity == "error"]
    if any(finding.id not in symptoms for finding in failed):
        return weighed
    possible.sort(key=lambda finding: -len(finding.evidence))
    seen = [f for f in (*failed, *possible) if f.id in symptoms]
    causes = [f for f in possible if f.id not in symptoms]
    for symptom in seen:
        but = {finding.id for finding in causes}
        others = [card for card in cards if card.id not in but]
        causes += suspected(others, symptoms[symptom.id], symptom, weighed, words)
    kept = {finding.id for finding in causes[:MOST_POSSIBLE]}
    return [f for f in weighed if f.id not in kept] + causes[:MOST_POSSIBLE]


def suspected(
    cards: Sequence[RuleCard], card: RuleCard, symptom: Finding, judged: Sequence[Finding], words: Words
) -> list[Finding]:
    """Return the causes that a symptom makes one think of and that the facts leave open, the commonest first."""
    found = []
    for cause in card.suspects:
        for other in (other for other in cards if other.cause == cause):
            mine = [f for f in judged if f.id == other.id and f.outcome == "unknown"]
            if mine:
                found.append(_suspect(other, mine, symptom, words))
                break  # one card speaks for its cause
    return found


def _suspect(card: RuleCard, judged: Sequence[Finding], symptom: Finding, words: Words) -> Finding:
    heard = " ".join(piece.excerpt for piece in symptom.evidence)
    return msgspec.structs.replace(
        judged[0],
        outcome="fail",
        severity="warning",
        confidence="possible",
        message=f"it would explain {symptom.message.removeprefix('it was said: ')}",
        why=card.why,
        evidence=symptom.evidence,
        unknown_because=tuple(dict.fromkeys(why for finding in judged for why in finding.unknown_because)),
        remedy=_whole(remedy_of(card, variant_told(card, words, (), heard), words)),
        references=card.references,
        explains=card.explains,
    )


def _strengthened(finding: Finding, card: RuleCard, said: Sequence[Hit]) -> Finding:
    """Return the finding with the quotes; a message from which its own facts were read makes it no surer.

    What the facts alone make a note or a warning has done its harm where a message that decides says so: more
    evidence never makes a finding milder than the message by itself.
    """
    apart = any(not hit.symptom.facts for hit in said)
    milder = SEVERITIES.index(finding.severity) > SEVERITIES.index(card.severity)
    harmful = milder and any(hit.symptom.decides for hit in said)
    return msgspec.structs.replace(
        finding,
        severity=card.severity if harmful else finding.severity,
        evidence=tuple(dict.fromkeys((*quoted(said), *finding.evidence))),
        confidence=_STRONGER[finding.confidence] if apart else finding.confidence,
    )


def _told(
    card: RuleCard, said: Sequence[Hit], facts: Facts, environment: Environment, judged: Sequence[Finding]
) -> Finding:
    """Return the finding that a message makes by itself, as sure as its card; at most likely against the facts."""
    against = any(finding.outcome == "pass" for finding in judged)
    deciding = [hit for hit in said if hit.symptom.decides]
    sure: Confidence = "likely" if against and card.confidence == "certain" else card.confidence
    return _finding(card, [*deciding, *said], facts, environment, sure)


def _possible(
    card: RuleCard, said: Sequence[Hit], facts: Facts, environment: Environment, judged: Sequence[Finding]
) -> Finding:
    because = tuple(dict.fromkeys(why for finding in judged for why in finding.unknown_because)) or (ALONE,)
    finding = _finding(card, said, facts, environment, "possible")
    severity = "warning" if finding.severity == "error" else finding.severity
    return msgspec.structs.replace(finding, severity=severity, unknown_because=because)


def _finding(
    card: RuleCard, said: Sequence[Hit], facts: Facts, environment: Environment, confidence: Confidence
) -> Finding:
    groups = {name: value for hit in said for name, value in hit.groups.items()}
    words = Words(Look(facts), groups, environment, says_unknown=False)
    message = fill(card.message, words)
    return Finding(
        id=card.id,
        cause=card.cause,
        title=card.title,
        outcome="fail",
        severity=card.severity,
        message=f'it was said: "{_gist(said[0])}"' if _untold(card.message, message, facts) else message,
        why=card.why,
        evidence=quoted(said),
        confidence=confidence,
        remedy=_whole(remedy_of(card, variant_told(card, words, said), words)),
        references=card.references,
        explains=card.explains,
    )


def _untold(template: str, message: str, facts: Facts) -> bool:
    """Return whether a card's sentence speaks of what nobody told."""
    named = (hole.strip("{}") for hole in _HOLE.findall(template))
    return bool(_HOLE.search(message)) or any(facts[key].state == "unknown" for key in named if "." in key)


def _gist(hit: Hit) -> str:
    """Return the words of a hit within what stands around them, at most 160 characters."""
    place = max(0, hit.quote.find(hit.words[:40]))
    return around(hit.quote, place, place + len(hit.words), _GIST)


def variant_told(card: RuleCard, words: Words, said: Sequence[Hit], heard: str = "") -> str:
    """Return the variant for what the message, or what was `heard` beside it, names, else the first that needs nothing untold.

    Those called "told" are written for what a message tells alone; a variant of another story is the last resort.
    """
    if variant := _by_asker(card, words, said) or next((hit.symptom.variant for hit in said), ""):
        return variant
    named = " ".join((*(hit.quote for hit in said), heard)).lower()
    whole = [
        name
        for name in ("torch", "tensorflow", "jax")
        if name in card.variants and not _HOLE.search(fill(card.variants[name].summary, words))
    ]
    if meant := [name for name in whole if name in named]:
        return meant[0]
    if any(f"{name} error:" in named and "torch" in card.variants for name in ("runtimeerror: cuda", "cuda")):
        return "torch"  # torch alone words it so
    installed = [name for name in ("torch", "tensorflow", "jax") if words.look.facts.value(f"{name}.version")]
    if len(installed) == 1 and installed[0] in whole and not _misses_library(said):
        return installed[0]  # the one framework that the text tells of
    told = ["", *(n for n in card.variants if n.startswith("told") and not is_for_a_place(n))]
    anywhere = [name for name in card.variants if not is_for_a_place(name)]
    for names, parts in ((told, _everything), (told, _summary), (anywhere, _summary)):
        for name in names:
            spec = card.variants[name] if name else card.remedy
            if spec and not _HOLE.search(fill(parts(spec), words)):
                return name
    return ""


def _by_asker(card: RuleCard, words: Words, said: Sequence[Hit]) -> str:
    """Return the variant for whoever asked for a library that is missing; empty where that is no question."""
    if not _misses_library(said):
        return ""
    who = str(words.look.facts.value("log.library_wanted_by") or "").replace("a module of one's own", "own")
    names = (who, "other") if who else ()
    return next((name for name in names if name in card.variants), "")


def _misses_library(said: Sequence[Hit]) -> bool:
    """Return whether a message names a library that is missing: then whoever asked for it counts."""
    return any("log.missing_library" in hit.symptom.facts.values() for hit in said)


def _everything(spec: RemedySpec) -> str:
    return "\n".join((spec.summary, *spec.commands))


def _summary(spec: RemedySpec) -> str:
    return spec.summary


def _whole(remedy: Remedy | None) -> Remedy | None:
    """Leave out what has a hole where a fact is missing: a command that does not paste helps nobody."""
    if remedy is None:
        return None
    return msgspec.structs.replace(
        remedy,
        summary=re.sub(r"\s?\(?\{[a-z_.\[\]]+\}\)?", "", remedy.summary),
        commands=tuple(line for line in remedy.commands if not _HOLE.search(line)),
        meanwhile="" if _HOLE.search(remedy.meanwhile) else remedy.meanwhile,
        check="" if _HOLE.search(remedy.check) else remedy.check,
    )
