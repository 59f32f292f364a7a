"""Checks a card's words against the catalogue, the operators, the tables and the predicates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from auditor.knowledge import catalogue, tables
from auditor.knowledge.card import OPERATORS, Condition, RemedySpec, RuleCard
from auditor.knowledge.words import KnowledgeError, unknown_word

_ID = re.compile(r"FWA\d{3}")
_CAUSE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# a placeholder that names a fact: it holds a dot
_FACT_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\[i\])?\.[a-z0-9_.\[\]]+)\}")
# placeholders that the environment fills with its commands; a test holds them against auditor/engine/remedy/environment.py
COMMAND_WORDS = frozenset(
    [
        "python",
        "python_minor",
        "torch_for_driver",
        "pip_install",
        "pip_uninstall",
        "install",
        "conda_install",
        "uninstall",
        "torch_install",
        "torch_uninstall",
        "torch_newest",
        "torch_again",
        "tensorflow_install",
        "jax_install",
        "tensorflow_minor",
        "driver_install",
        "kernel_headers",
        "module_rebuild",
        "mok_key",
        "restart",
        "memory",
        "processes",
        "gpu_memory",
        "compiler",
        "python_headers",
        "container_toolkit",
        "iommu_passthrough",
        "numpy_here",
        "pip_check",
        "unmet_requirements",
    ]
)
# one that names a command or what a predicate says: it holds none; a shell's ${name} is the shell's
_WORD = re.compile(r"(?<![${])\{([a-z][a-z0-9_]*)\}(?!\})")
_UNARY = ("exists", "absent")


def check_card(card: RuleCard, predicates: Collection[str] | None) -> None:
    """Raise KnowledgeError at the first thing in `card` that means nothing."""
    _check_names(card)
    if card.check and card.when is not None:
        raise KnowledgeError(card.file, "when", "a card decides by either `when` or `check`")
    if not (card.check or card.when or any(symptom.decides for symptom in card.symptoms)):
        raise KnowledgeError(card.file, "when", "a card decides by `when`, `check` or a symptom that decides")
    if card.check and predicates is not None and card.check not in predicates:
        raise KnowledgeError(card.file, "check", unknown_word("predicate", card.check, predicates))
    if card.per and not _is_prefix(card.per):
        _check_fact(card, "per", card.per)
    for key, condition in (("when", card.when), ("applies", card.applies)):
        if condition is not None:
            _check_condition(card, key, condition)
    for number, symptom in enumerate(card.symptoms):
        if symptom.variant and symptom.variant not in card.variants:
            problem = unknown_word("variant", symptom.variant, card.variants)
            raise KnowledgeError(card.file, f"symptoms[{number}].variant", problem)
        for name in symptom.facts.values():
            _check_fact(card, f"symptoms[{number}].facts", re.sub(r"\[\d+\]", "[i]", name))
    for number, example in enumerate(card.examples):
        for name in (*example.facts, *example.absent):
            _check_fact(card, f"examples[{number}].facts", re.sub(r"\[\d+\]", "[i]", name))
    for key, text in _templates(card):
        for name in _FACT_PLACEHOLDER.findall(text):
            _check_fact(card, key, name)


def words_of(card: RuleCard) -> dict[str, str]:
    """Return each placeholder without a dot -> the key of the card where it stands first."""
    found: dict[str, str] = {}
    for key, text in _templates(card):
        for name in _WORD.findall(text):
            found.setdefault(name, key)
    return found


def _check_names(card: RuleCard) -> None:
    if not _ID.fullmatch(card.id):
        raise KnowledgeError(card.file, "id", f"{card.id!r} is not FWA and three digits")
    for key, word in (("cause", card.cause), *(("explains", word) for word in card.explains)):
        if not _CAUSE.fullmatch(word):
            raise KnowledgeError(card.file, key, f"{word!r} is no slug such as driver_too_old")


def _is_prefix(word: str) -> bool:
    return any(key.startswith(f"{word}[i].") for key in catalogue.known_keys())


def _check_fact(card: RuleCard, key: str, name: str) -> None:
    if name == "item" or name.startswith("item.") or catalogue.is_known(name):
        return
    problem = unknown_word("fact", name, catalogue.known_keys())
    raise KnowledgeError(card.file, key, problem)


def _check_condition(card: RuleCard, key: str, condition: Condition) -> None:
    forms = _forms(condition)
    if len(forms) != 1:
        problem = "needs exactly one of all, any, not, some, each, fact" + (
            f"; has {', '.join(forms)}" if forms else ""
        )
        raise KnowledgeError(card.file, key, problem)
    for name, part in _parts(condition):
        _check_condition(card, f"{key}.{name}", part)
    if condition.fact:
        _check_comparison(card, key, condition)
    walked = condition.some or condition.each
    if walked:
        if condition.where is None:
            raise KnowledgeError(card.file, f"{key}.where", f"{forms[0]!r} needs `where`")
        if not _is_prefix(walked):
            _check_fact(card, f"{key}.{forms[0]}", walked)


def _forms(condition: Condition) -> list[str]:
    given = {
        "all": condition.all is not None,
        "any": condition.any is not None,
        "not": condition.not_ is not None,
        "some": bool(condition.some),
        "each": bool(condition.each),
        "fact": bool(condition.fact),
    }
    return [name for name, there in given.items() if there]


def _parts(condition: Condition) -> Iterator[tuple[str, Condition]]:
    for name, parts in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(parts or ()):
            yield f"{name}[{index}]", part
    for name, one in (("not", condition.not_), ("where", condition.where)):
        if one is not None:
            yield name, one


def _check_comparison(card: RuleCard, key: str, condition: Condition) -> None:
    _check_fact(card, f"{key}.fact", condition.fact)
    if condition.op not in OPERATORS:
        raise KnowledgeError(card.file, f"{key}.op", unknown_word("operator", condition.op, OPERATORS))
    sides = [condition.value is not None, bool(condition.other), bool(condition.table)]
    wanted = 0 if condition.op in _UNARY else 1
    if sum(sides) != wanted:
        problem = f"{condition.op!r} takes {wanted} right side: value, other or table"
        raise KnowledgeError(card.file, key, problem)
    if condition.other:
        _check_fact(card, f"{key}.other", condition.other)
    if condition.table:
        if condition.table not in tables.names():
            problem = unknown_word("table", condition.table, tables.names())
            raise KnowledgeError(card.file, f"{key}.table", problem)
        _check_fact(card, f"{key}.key", condition.key)


def _templates(card: RuleCard) -> Iterator[tuple[str, str]]:
    yield "message", card.message
    yield "subject", card.subject
    remedies = ([("remedy", card.remedy)] if card.remedy else []) + [
        (f"variants.{name}", spec) for name, spec in card.variants.items()
    ]
    for key, spec in remedies:
        for text in _texts(spec):
            yield key, text


def _texts(spec: RemedySpec) -> tuple[str, ...]:
    return (spec.summary, *spec.commands, spec.meanwhile, spec.check)
