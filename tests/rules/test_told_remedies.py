"""A remedy that a message alone brings about has no hole where a fact is missing."""

from __future__ import annotations

import re

import pytest

from auditor.engine.look import Look
from auditor.engine.predicates import PREDICATES
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.template import Words
from auditor.engine.weigh import variant_told
from auditor.knowledge.card import RuleCard
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts

HOLE = re.compile(r"\{[a-z_.\[\]]+\}")
CARDS = [card for card in load_cards(predicates=PREDICATES) if card.symptoms or card.suspects]


@pytest.mark.parametrize("card", [pytest.param(card, id=f"{card.id}-{card.slug}") for card in CARDS])
def test_a_remedy_by_message_alone_is_whole(card: RuleCard) -> None:
    facts = Facts()
    words = Words(Look(facts), {}, Environment(facts), says_unknown=False)
    made = remedy_of(card, variant_told(card, words, ()), words)
    assert made is not None
    assert HOLE.findall(made.summary) == []
    assert made.summary
    # a command that names no package installs none
    assert [
        line
        for line in made.commands
        if re.search(r"\b(?:pip|conda) (?:install|remove|uninstall)(?: -\S+)*\s*$", line)
    ] == []
    if any(symptom.decides for symptom in card.symptoms) and card.family in ("build", "libraries"):
        assert [line for line in made.commands if HOLE.search(line)] == []
