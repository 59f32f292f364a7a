"""Decides a card's `when` and `applies`: three-valued, with the facts that decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.engine.logic import Truth, all_of, any_of, negation
from auditor.engine.look import Look
from auditor.engine.lookup import NotInTable, row_for
from auditor.engine.operators import COMPARISONS
from auditor.knowledge.card import Condition
from auditor.knowledge.tables import table
from auditor.model.fact import Fact


def decide(condition: Condition, look: Look) -> Truth:
    """Return whether a condition holds."""
    if condition.all is not None:
        return all_of(decide(part, look) for part in condition.all)
    if condition.any is not None:
        return any_of(decide(part, look) for part in condition.any)
    if condition.not_ is not None:
        return negation(decide(condition.not_, look))
    if condition.some or condition.each:
        return _walk(condition, look)
    return _compare(condition, look)


def _walk(condition: Condition, look: Look) -> Truth:
    """Hold `where` against every instance of a prefix or every item of a list."""
    name = condition.some or condition.each
    scopes = scopes_of(name, look)
    if isinstance(scopes, Truth):
        return scopes
    where = condition.where
    if where is None:
        return Truth(None, (), (f"{name}: the card says nothing of them",))
    verdicts = (decide(where, scope) for scope in scopes)
    found = any_of(verdicts) if condition.some else all_of(verdicts)
    return Truth(found.holds, (look.key(name), *found.keys), found.because) if "." in name else found


def scopes_of(name: str, look: Look) -> list[Look] | Truth:
    """Return one view for each instance (`gpu`) or item (a list fact); open where the list is unknown."""
    if "." not in name:
        return [look.bind(name, index) for index in look.facts.instances(name)]
    fact = look.fact(name)
    if fact.state == "unknown":
        return Truth(None, (look.key(name),), (f"{look.key(name)}: {fact.reason}",))
    items = fact.value if isinstance(fact.value, list) else []
    return [look.bind("item", item) for item in items]


def _compare(condition: Condition, look: Look) -> Truth:
    key = look.key(condition.fact)
    fact = look.fact(condition.fact)
    keys = () if key.partition(".")[0] == "item" else (key,)
    if condition.op in ("exists", "absent"):
        return _presence(condition, key, fact, keys)
    if fact.state == "unknown":
        return Truth(None, keys, (f"{key}: {fact.reason}",))
    if fact.state == "absent":
        return _without(condition, look, key, keys)
    right = _right(condition, look)
    if isinstance(right, Truth):
        return right
    value = _field(fact.value, condition.field) if condition.field else fact.value
    if value is None:
        return _without(condition, look, f"{key}.{condition.field}", keys)
    try:
        return Truth(COMPARISONS[condition.op](value, right), (*keys, *_other_keys(condition, look)))
    except (TypeError, ValueError) as error:
        return Truth(None, keys, (f"{key}: {error}",))


def _without(condition: Condition, look: Look, name: str, keys: tuple[str, ...]) -> Truth:
    """Return what a comparison with nothing comes to: false, or open to those who take absence for no proof."""
    if look.wary:
        return Truth(None, keys, (f"{name}: the machine tells none",))
    return Truth(condition.op == "ne", keys)


def _presence(condition: Condition, key: str, fact: Fact, keys: tuple[str, ...]) -> Truth:
    if fact.state == "unknown":
        return Truth(None, keys, (f"{key}: {fact.reason}",))
    there = fact.is_known and (not condition.field or _field(fact.value, condition.field) is not None)
    return Truth(there == (condition.op == "exists"), keys)


def _right(condition: Condition, look: Look) -> Any:
    """Return the right side's value, or a Truth where there is none."""
    name = condition.other or (condition.key if condition.table else "")
    if not name:
        return condition.value
    fact = look.fact(name)
    if fact.state == "unknown":
        return Truth(None, (look.key(name),), (f"{look.key(name)}: {fact.reason}",))
    if fact.state == "absent":
        return Truth(
            None if look.wary else False, (look.key(name),), (f"{look.key(name)}: the machine tells none",)
        )
    if not condition.table:
        return fact.value
    source = table(condition.table)
    try:
        row = row_for(source, fact.value)
    except NotInTable as error:
        return Truth(None, (look.key(name),), (f"{look.key(name)}: {error}",))
    look.cite(source)
    return row[condition.column or source.value]


def _other_keys(condition: Condition, look: Look) -> Iterator[str]:
    for name in (condition.other, condition.key):
        if name and name.partition(".")[0] != "item":
            yield look.key(name)


def _field(value: Any, field: str) -> Any:
    return value.get(field) if isinstance(value, dict) else None
