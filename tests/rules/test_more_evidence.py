"""More evidence of the same machine never makes a cause milder, nor puts it behind others."""

from __future__ import annotations

from functools import cache

import pytest

from auditor.audit.diagnose import findings
from auditor.engine.derive import derive
from auditor.engine.predicates import PREDICATES
from auditor.engine.symptoms import symptoms_in
from auditor.knowledge.card import Example, RuleCard
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Fact, Facts, absent, call, known
from auditor.readers import read_lines
from auditor.readers.facts import facts_of
from auditor.readers.lines import split

_RANK = {"error": 2, "warning": 1, "note": 0}
# what is true of most machines, and decides nothing
NEUTRAL = """

RAM: 64 GB
I have tried to install it again, and nothing changed. Any help is welcome!
"""
PACKAGES = """
Package            Version
------------------ -------
pillow             10.4.0
requests           2.32.3
tqdm               4.66.5
"""
# a usual workstation, for messages that say nothing of theirs
WORKSTATION = """
GPU: NVIDIA GeForce RTX 3090
driver 550.54.14
Python 3.10.12
"""


@cache
def cards() -> tuple[RuleCard, ...]:
    return load_cards(predicates=PREDICATES, examples=True)


def told(example: Example) -> dict[str, Fact]:
    facts = {key: known(value, call("example")) for key, value in example.facts.items()}
    return {**facts, **{key: absent("said to be absent") for key in example.absent}}


def place(facts: dict[str, Fact], text: str, cause: str) -> tuple[int, int]:
    """Return the severity (-1 where it is not found) and minus the place of a cause: more is better."""
    lines = split(text)
    hits = symptoms_in(cards(), lines)
    logged = {key: fact for group in hits.values() for hit in group for key, fact in hit.facts.items()}
    read = {**logged, **facts_of(read_lines(lines))} if text else {}
    world = Facts({**read, **facts})
    found = findings(cards(), world.merged(derive(world)), hits, {}, lines)
    problems = [finding for finding in found if finding.is_problem]
    places = [(_RANK[f.severity], -number) for number, f in enumerate(problems) if f.cause == cause]
    return max(places, default=(-1, -99))


def shown(card: RuleCard) -> tuple[list[Example], list[Example]]:
    """Return the examples of facts and those of texts by which a card fails."""
    failing = [example for example in card.examples if example.outcome == "fail"]
    return [e for e in failing if not e.text], [e for e in failing if e.text]


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_facts_and_a_message_together_say_no_less_than_each(card: RuleCard) -> None:
    by_facts, by_text = shown(card)
    alone = [(facts, place(told(facts), "", card.cause)) for facts in by_facts]
    for text in by_text:
        said = place({}, text.text, card.cause)
        for facts, decided in alone:
            severity, first = place(told(facts), text.text, card.cause)
            assert severity >= max(said[0], decided[0]), (facts.facts, text.text)
            assert first >= min(said[1], decided[1]), (facts.facts, text.text)


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_what_decides_nothing_changes_nothing(card: RuleCard) -> None:
    by_facts, by_text = shown(card)
    for example in by_facts:
        assert place(told(example), NEUTRAL, card.cause) >= place(told(example), "", card.cause), example
    for example in by_text:
        alone = place({}, example.text, card.cause)
        for more in (NEUTRAL + PACKAGES, WORKSTATION):
            assert place({}, f"{example.text}\n{more}", card.cause) >= alone, (more, example.text)
