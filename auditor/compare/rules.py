"""What a rule looks at, as told by its own examples: a difference there explains a finding."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any


def speaks_of(ids: Collection[str]) -> dict[str, set[str]]:
    """Return, by rule, the keys ("fact:torch.version", "package:numpy", "variable:PYTHONPATH") of its examples.

    A rule of a site's own, or one that this version no longer has, is left out.
    """
    if not ids:
        return {}
    from auditor.engine.predicates import PREDICATES
    from auditor.knowledge.cards import load_cards

    cards = [card for card in load_cards(predicates=PREDICATES, examples=True) if card.id in ids]
    return {card.id: {key for example in card.examples for key in _keys(example.facts)} for card in cards}


def _keys(facts: Mapping[str, Any]) -> set[str]:
    """Return the keys of an example's facts, any instance as "[i]", with the pieces of lists apart."""
    keys = {f"fact:{general(key)}" for key in facts}
    packages = facts.get("python.distributions")
    for row in packages if isinstance(packages, list) else ():
        if isinstance(row, dict):
            keys.add(f"package:{row.get('name')}")
    variables = facts.get("env.variables")
    return keys | {f"variable:{name}" for name in (variables if isinstance(variables, dict) else ())}


def general(key: str) -> str:
    """Return a key with "[i]" for any instance."""
    return re.sub(r"\[\d+\]", "[i]", key)
