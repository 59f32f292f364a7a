"""Reads rule cards: one TOML file a card under `rules/cards/<family>/<slug>.toml`, strictly."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, get_args

import msgspec

from auditor._resources import tree
from auditor.knowledge.card import Condition, Example, RemedySpec, RuleCard, Symptom
from auditor.knowledge.check import COMMAND_WORDS, check_card, words_of
from auditor.knowledge.toml import parse
from auditor.knowledge.words import KnowledgeError, nearest, unknown_word
from auditor.model.finding import Reference

_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_BAD_WORD = re.compile(r"Invalid enum value '([^']*)'")
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
        examples: also read the examples, which stand last in a file of ours and cost most of its time;
            a site's files are read whole.

    Raises:
        KnowledgeError: names file, key and the nearest valid word.

    """
    cards = _in(tree("rules") / "cards", predicates, examples)
    for folder in dirs:
        cards += _of_site(Path(folder), predicates, cards)
    cards.sort(key=lambda card: card.id)
    _refuse_duplicates(cards)
    return tuple(cards)


def _of_site(folder: Path, predicates: Collection[str] | None, ours: list[RuleCard]) -> list[RuleCard]:
    """Return a site's cards, each named by its own path; their parts may stand in any order."""
    cards = [
        load_card(path, predicates=predicates, file=path.as_posix()) for path in _site_files(Path(folder))
    ]
    causes = {card.cause for card in (*ours, *cards)}
    known = COMMAND_WORDS.union(*map(words_of, ours))
    for card in cards:
        _refuse_costly_patterns(card)
        _refuse_unknown_words(card, known)
        for key, words in (("explains", card.explains), ("suspects", card.suspects)):
            for word in words:
                if word not in causes:
                    raise KnowledgeError(card.file, key, unknown_word("cause", word, causes))
    return cards


def _in(folder: Path, predicates: Collection[str] | None, examples: bool) -> list[RuleCard]:
    paths = sorted(folder.glob("*/*.toml"))
    return [load_card(path, predicates=predicates, examples=examples) for path in paths]


def _refuse_unknown_words(card: RuleCard, known: Collection[str]) -> None:
    """Refuse `{pip_instal}`: a command with a word that nothing fills would be left out without a sound.

    A shell's own braces, and what a predicate says that no card of ours uses, resemble no known word.
    """
    own = {name for symptom in card.symptoms for name in re.compile(symptom.pattern).groupindex}
    for word, key in words_of(card).items():
        if word not in known and word not in own and nearest(word, COMMAND_WORDS, 0.75):
            raise KnowledgeError(card.file, key, unknown_word("placeholder", word, COMMAND_WORDS))


def _refuse_costly_patterns(card: RuleCard) -> None:
    """Hold a site's patterns to the rule that a test holds ours to: linear time on any line."""
    from auditor.knowledge.patterns import faults

    for number, symptom in enumerate(card.symptoms):
        if found := faults(symptom.pattern):
            raise KnowledgeError(card.file, f"symptoms[{number}].pattern", "; ".join(dict.fromkeys(found)))


def _site_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise KnowledgeError(str(folder), "", "no such folder of rule cards")
    if not (paths := sorted(folder.glob("*/*.toml"))):
        raise KnowledgeError(str(folder), "", "holds no rule card; one is <family>/<slug>.toml")
    return paths


def load_card(
    path: Path, *, predicates: Collection[str] | None = None, examples: bool = True, file: str = ""
) -> RuleCard:
    """Return the card in one file, called `file` in errors; its family is the folder's name, its slug the file's."""
    file = file or f"cards/{path.parent.name}/{path.name}"
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
    except (OSError, ValueError) as error:
        raise KnowledgeError(file, "", str(error)) from error
    if not examples:
        raw.pop("examples", None)
    return raw


def _explained(file: str, problem: str) -> KnowledgeError:
    """Turn msgspec's sentence into ours, with the nearest valid key."""
    found = _AT.search(problem)
    key = found[1] if found else ""
    unknown = _UNKNOWN_FIELD.search(problem)
    if word := _BAD_WORD.search(problem):
        return KnowledgeError(file, key, unknown_word("word", word[1], _words_at(key)))
    if unknown is None:
        return KnowledgeError(file, key, _AT.sub("", problem))
    full = f"{key}.{unknown[1]}" if key else unknown[1]
    return KnowledgeError(file, full, unknown_word("key", unknown[1], _fields_at(key)))


def _fields_at(key: str) -> tuple[str, ...]:
    """Return the keys that are valid at a place of a card."""
    return tuple(field.encode_name for field in msgspec.structs.fields(_kind_at(key)))


def _words_at(key: str) -> tuple[str, ...]:
    """Return the words that are valid for a key whose values are a closed set."""
    name = key.rpartition(".")[2]
    kind = next(field.type for field in msgspec.structs.fields(_kind_at(key)) if field.encode_name == name)
    parts = (kind, *get_args(kind))
    return tuple(word for part in parts for word in get_args(part) if isinstance(word, str))


def _kind_at(key: str) -> type[msgspec.Struct]:
    kinds: tuple[tuple[str, type[msgspec.Struct]], ...] = (
        ("when", Condition), ("applies", Condition), ("remedy", RemedySpec), ("variants", RemedySpec),
        ("examples", Example), ("symptoms", Symptom), ("references", Reference),
    )  # fmt: skip
    return next((struct for name, struct in kinds if key.startswith(name)), RuleCard)


def _refuse_duplicates(cards: list[RuleCard]) -> None:
    seen: dict[str, RuleCard] = {}
    for card in cards:
        if card.id in seen:
            problem = f"{card.id} is taken by {seen[card.id].file}; ids are never reused"
            raise KnowledgeError(card.file, "id", problem)
        seen[card.id] = card
