"""Holds every card against the facts. A fault in a card is an outcome, never ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from auditor.engine.conditions import decide, scopes_of
from auditor.engine.logic import Truth
from auditor.engine.look import Look, Undecided
from auditor.engine.predicates import PREDICATES
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.subjects import does_without_gpu
from auditor.engine.template import Words, fill
from auditor.engine.verdict import Verdict, not_applicable, passed, unknown
from auditor.engine.versions import NoVersion
from auditor.knowledge.card import RuleCard
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Facts
from auditor.model.finding import Finding, Severity

_IDLE, _OF_GPUS = "cuda_unavailable", ("driver", "build")
_OUTCOME = {True: "fail", False: "pass", None: "unknown"}


def evaluate(cards: Iterable[RuleCard], facts: Facts) -> list[Finding]:
    """Return one finding for each card and subject: fail, pass, unknown, not-applicable or crash."""
    environment = Environment(facts)
    return [finding for card in cards for finding in _judge(card, facts, environment)]


def _judge(card: RuleCard, facts: Facts, environment: Environment) -> list[Finding]:
    look = Look(facts)
    try:
        return [_finding(card, seen, verdict, environment) for seen, verdict in _verdicts(card, look)]
    except Exception as error:
        return [_crashed(card, error)]


def _verdicts(card: RuleCard, look: Look) -> Iterator[tuple[Look, Verdict]]:
    applies = decide(card.applies, look) if card.applies is not None else Truth(True)
    if applies.holds is not True:
        yield (
            look,
            unknown(*applies.because) if applies.holds is None else not_applicable("it does not apply here"),
        )
    elif card.check:
        yield from _by_predicate(card, look)
    elif card.per:
        yield from _by_subject(card, look)
    else:
        yield look, _by_condition(card, look)


def _by_predicate(card: RuleCard, look: Look) -> Iterator[tuple[Look, Verdict]]:
    try:
        answer = PREDICATES[card.check](look, card.options)
    except Undecided as undecided:
        answer = unknown(*undecided.because)
    except NoVersion as error:
        answer = unknown(f"{next(reversed(look.used), card.check)}: {error}")
    verdicts = [answer] if isinstance(answer, Verdict) else list(answer)
    for verdict in verdicts or [passed()]:
        yield look, verdict


def _by_condition(card: RuleCard, look: Look, subject: str = "") -> Verdict:
    if card.when is None:
        return not_applicable("a message alone tells of it, and none was read", subject)
    truth = decide(card.when, look)
    outcome = _OUTCOME[truth.holds]
    return Verdict(outcome=outcome, subject=subject, because=truth.because, keys=truth.keys)  # type: ignore[arg-type]


def _by_subject(card: RuleCard, look: Look) -> Iterator[tuple[Look, Verdict]]:
    """Judge each instance of `per`, or each item of the list that it names, by itself."""
    scopes = scopes_of(card.per, look)
    if isinstance(scopes, Truth):
        yield look, unknown(*scopes.because)
    elif "." in card.per:
        yield from _by_item(card, look, scopes)
    elif scopes:
        for scope in scopes:
            yield scope, _by_condition(card, scope, _subject(card, scope))
    else:
        yield look, not_applicable(f"there is no {card.per}")


def _by_item(card: RuleCard, look: Look, scopes: list[Look]) -> Iterator[tuple[Look, Verdict]]:
    """Judge the items of a list; those that are fine, or an empty list, fold into one pass."""
    judged = [(scope, _by_condition(card, scope, _subject(card, scope))) for scope in scopes]
    kept = [(scope, _from_list(card, verdict)) for scope, verdict in judged if verdict.outcome != "pass"]
    yield from kept or [(look, Verdict(outcome="pass", keys=(card.per,)))]


def _from_list(card: RuleCard, verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, keys=(card.per, *(verdict.keys or ())))


def _subject(card: RuleCard, scope: Look) -> str:
    if card.subject:
        return fill(card.subject, Words(scope))
    return f"{card.per}:{scope.bound[card.per]}" if card.per in scope.bound else ""


def _finding(card: RuleCard, look: Look, verdict: Verdict, environment: Environment) -> Finding:
    failed = verdict.outcome == "fail"
    words = Words(look, verdict.values, environment)
    return Finding(
        id=card.id,
        cause=card.cause,
        title=card.title,
        outcome=verdict.outcome,
        severity=_severity(card, look, verdict),
        subject=verdict.subject,
        message=fill(card.message, words) if failed else verdict.values.get("not_applicable", ""),
        why=card.why if failed else "",
        evidence=look.evidence(verdict.keys) if verdict.outcome in ("fail", "pass") else (),
        unknown_because=verdict.because if verdict.outcome == "unknown" else (),
        confidence=verdict.confidence or card.confidence,
        remedy=remedy_of(card, verdict.variant, words) if failed else None,
        references=card.references if failed else (),
        explains=_explained(card, verdict) if failed else (),
    )


def _severity(card: RuleCard, look: Look, verdict: Verdict) -> Severity:
    """Return how grave it is: what does no more than keep a GPU from being used is a note where none is wanted."""
    keeps_idle = card.cause == _IDLE or (card.family in _OF_GPUS and _IDLE in card.explains)
    if keeps_idle and does_without_gpu(look):
        return "note"
    return verdict.severity or card.severity


def _explained(card: RuleCard, verdict: Verdict) -> tuple[str, ...]:
    return card.explains if verdict.explains is None else verdict.explains


def _crashed(card: RuleCard, error: Exception) -> Finding:
    """Report a fault in a card as itself, so that the others still count."""
    return Finding(
        id=card.id,
        cause=card.cause,
        title=card.title,
        outcome="crash",
        severity="note",
        message=f"the rule {card.id} ({card.slug}) failed: {type(error).__name__}: {head(str(error), EXCERPT_LIMIT)}",
    )
