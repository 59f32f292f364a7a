"""Reads rule cards: one TOML file a card under `rules/cards/<family>/<slug>.toml`, strictly."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec

from auditor._resources import tree
from auditor.knowledge.card import Condition, Example, RemedySpec, RuleCard, Symptom
from auditor.knowledge.check import check_card
from auditor.knowledge.toml import parse
from auditor.knowledge.words import KnowledgeError, unknown_word
from auditor.model.finding import Reference

_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_AT = re.compile(r" - at `\$?\.?([^`]*)`")
_EXAMPLES = "\n[[examples]]"


def load_cards(
    dirs: Iterable[Path | str] = (),
    *,
    predicates: Collection[str] | None = None,
    examples: bool = False,
) -> tuple[RuleCard, ...]:
    """Return the program's own cards and those under `dirs`, sorted by id.

    Args:
        dirs: further folders that hold `<family>/<slug>.toml`.
        predicates: names that `check` may use; None leaves them unchecked.
        examples: also read the examples, which stand last in a file and cost most of its time.

    Raises:
        KnowledgeError: names file, key and the nearest valid word.

    """
    cards = _in(tree("rules") / "cards", predicates, examples)
    for folder in dirs:
        theirs = _in(_site_folder(Path(folder)), predicates, examples)
        for card in theirs:
            _refuse_costly_patterns(card)
        cards += theirs
    cards.sort(key=lambda card: card.id)
    _refuse_duplicates(cards)
    return tuple(cards)


def _in(folder: Path, predicates: Collection[str] | None, examples: bool) -> list[RuleCard]:
    paths = sorted(folder.glob("*/*.toml"))
    return [load_card(path, predicates=predicates, examples=examples) for path in paths]


def _refuse_costly_patterns(card: RuleCard) -> None:
    """Hold a site's patterns to the rule that a test holds ours to: linear time on any line."""
    from auditor.knowledge.patterns import faults

    for number, symptom in enumerate(card.symptoms):
        if found := faults(symptom.pattern):
            raise KnowledgeError(card.file, f"symptoms[{number}].pattern", "; ".join(dict.fromkeys(found)))


def _site_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise KnowledgeError(str(folder), "", "no such folder of rule cards")
    if not any(folder.glob("*/*.toml")):
        raise KnowledgeError(str(folder), "", "holds no rule card; one is <family>/<slug>.toml")
    return folder


def load_card(path: Path, *, predicates: Collection[str] | None = None, examples: bool = True) -> RuleCard:
    """Return the card in one file; its family is the folder's name, its slug the file's."""
    file = f"cards/{path.parent.name}/{path.name}"
    raw = _parse(file, path, examples)
    raw |= {"family": path.parent.name, "slug": path.stem, "file": file}
    try:
        card = msgspec.convert(raw, RuleCard)
    except msgspec.ValidationError as error:
        raise _explained(file, str(error)) from error
    check_card(card, predicates)
    return card


def _parse(file: str, path: Path, examples: bool) -> dict[str, Any]:
    try:
        raw = parse(path, before="" if examples else _EXAMPLES)
    except ValueError as error:
        raise KnowledgeError(file, "", str(error)) from error
    if not examples:
        raw.pop("examples", None)
    return raw


def _explained(file: str, problem: str) -> KnowledgeError:
    """Turn msgspec's sentence into ours, with the nearest valid key."""
    found = _AT.search(problem)
    key = found[1] if found else ""
    unknown = _UNKNOWN_FIELD.search(problem)
    if unknown is None:
        return KnowledgeError(file, key, _AT.sub("", problem))
    full = f"{key}.{unknown[1]}" if key else unknown[1]
    return KnowledgeError(file, full, unknown_word("key", unknown[1], _fields_at(key)))


def _fields_at(key: str) -> tuple[str, ...]:
    """Return the keys that are valid at a place of a card."""
    kinds: tuple[tuple[str, type[msgspec.Struct]], ...] = (
        ("when", Condition), ("applies", Condition), ("remedy", RemedySpec), ("variants", RemedySpec),
        ("examples", Example), ("symptoms", Symptom), ("references", Reference),
    )  # fmt: skip
    kind = next((struct for name, struct in kinds if key.startswith(name)), RuleCard)
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


def _refuse_duplicates(cards: list[RuleCard]) -> None:
    seen: dict[str, RuleCard] = {}
    for card in cards:
        if card.id in seen:
            problem = f"{card.id} is taken by {seen[card.id].file}; ids are never reused"
            raise KnowledgeError(card.file, "id", problem)
        seen[card.id] = card
