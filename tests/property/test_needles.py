"""Whatever a card's pattern matches holds one of the literals by which it is passed over elsewhere."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.engine.symptoms import needles
from auditor.knowledge.cards import load_cards

PATTERNS = sorted({symptom.pattern for card in load_cards() for symptom in card.symptoms})
ASCII = st.characters(min_codepoint=32, max_codepoint=126)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_every_match_holds_a_needle(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    text = data.draw(st.from_regex(re.compile(pattern), alphabet=ASCII))
    found = re.search(pattern, text)
    assert found is not None
    literals = needles(pattern)
    assert not literals or any(literal in found.group().lower() for literal in literals)


def test_most_patterns_have_one() -> None:
    assert sum(bool(needles(pattern)) for pattern in PATTERNS) >= 0.95 * len(PATTERNS)
