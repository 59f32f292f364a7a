"""The text of one rule card or fact, for `fwaudit explain`: plain lines without colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from auditor.engine.asking import commands_for
from auditor.engine.predicates import PREDICATES
from auditor.knowledge.card import Condition, Example, RemedySpec, RuleCard, Symptom
from auditor.knowledge.catalogue import FactSpec

WIDTH = 80
_GIST = 160  # characters of a log that an example shows
_FIELDS = ("op", "value", "other", "table", "key", "column")


def explain_card(card: RuleCard) -> str:
    """Return what a rule says, why, how it decides, what mends it, its sources and its examples."""
    head = f"{card.id} {card.slug}: {card.title}"
    facts = f"cause: {card.cause}   severity: {card.severity}   confidence: {card.confidence}   since: {card.since}"
    sections = [
        ("Says", [card.message]),
        ("Why", [card.why]),
        ("Decides by", list(_decision(card))),
        ("Explains", [", ".join(card.explains)] if card.explains else []),
        ("Mends it", list(_remedies(card))),
        ("Seen in logs", [_symptom(symptom) for symptom in card.symptoms]),
        ("Sources", [f"{ref.title} ({ref.date}): {ref.url}" for ref in card.references]),
        ("Examples", [_example(example) for example in card.examples]),
    ]
    body = [line for title, lines in sections if lines for line in ("", title, *_wrapped(lines))]
    return "\n".join([*(part for line in (head, facts) for part in _broken(line)), *body])


def explain_fact(key: str, spec: FactSpec, cards: Sequence[RuleCard], probes: Sequence[str] = ()) -> str:
    """Return what a fact is, where it comes from, what to run where it was not told, and the rules that name it."""
    unit = f" in {spec.unit}" if spec.unit else ""
    users = [f"{card.id} {card.slug}" for card in cards if key in keys_of(card)]
    used = ["", "Rules that name it", *_wrapped(users)] if users else []
    told = ["", "Comes from", *_wrapped(list(_origin(key, probes)))]
    return "\n".join([f"{key}: {spec.type}{unit}", *_wrapped([spec.doc]), *told, *used])


def _origin(key: str, probes: Sequence[str]) -> Iterator[str]:
    """Return who tells of a fact: a scan's probes, or what a reporter can run and paste."""
    if probes:
        yield f"a scan's probe {', '.join(probes)} (`fwaudit list probes`)"
    if key.startswith("smoke."):
        yield "a scan's short runs (`fwaudit smoke`)"
        return
    for command in commands_for([f"{key}: not told"]):
        # what asks for a text rather than a command is no line to type
        yield f"a reporter's paste: {command}" if command.startswith("the ") else f"$ {command}"


def _broken(line: str) -> list[str]:
    """Return a heading's line, broken at the width between words."""
    kept = line.replace(": ", ":\N{NO-BREAK SPACE}")
    rows = textwrap.wrap(kept, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [row.replace("\N{NO-BREAK SPACE}", " ") for row in rows]


def keys_of(card: RuleCard) -> set[str]:
    """Return the facts that a card's conditions, examples and texts name."""
    named = {key for example in card.examples for key in (*example.facts, *example.absent)}
    named |= {key for symptom in card.symptoms for key in symptom.facts.values()}
    for condition in (card.when, card.applies):
        named |= set(_condition_keys(condition))
    return {_pattern(key) for key in named | {card.per}}


def _pattern(key: str) -> str:
    from auditor.knowledge.catalogue import pattern_of

    return pattern_of(key)


def _condition_keys(condition: Condition | None) -> Iterator[str]:
    if condition is None:
        return
    yield from (condition.fact, condition.other, condition.key)
    for part in (*(condition.all or ()), *(condition.any or ()), condition.not_, condition.where):
        yield from _condition_keys(part)


def _decision(card: RuleCard) -> Iterator[str]:
    if card.applies is not None:
        yield f"only where {_words(card.applies)}"
    if card.per:
        yield f"for each of {card.per}"
    if card.when is not None:
        yield f"fails where {_words(card.when)}"
    if card.check:
        doc = (PREDICATES[card.check].__doc__ or "").strip().splitlines()
        options = ", ".join(f"{name} = {value}" for name, value in card.options.items())
        yield (
            f"the predicate {card.check}"
            + (f" ({options})" if options else "")
            + (f": {doc[0]}" if doc else "")
        )

    if not (card.check or card.when):
        yield "what logs and tracebacks say: no fact tells of it"


def _symptom(symptom: Symptom) -> str:
    """Return a pattern with what it does where it is found."""
    told = [f"tells {', '.join(symptom.facts.values())}"] if symptom.facts else []
    does = [*(["decides alone"] if symptom.decides else []), *told]
    return f"{symptom.pattern}  ({'; '.join(does) or 'adds evidence'})"


def _words(condition: Condition) -> str:
    """Return a condition as a sentence."""
    for name, parts in (("and", condition.all), ("or", condition.any)):
        if parts is not None:
            return "(" + f" {name} ".join(_words(part) for part in parts) + ")"
    if condition.not_ is not None:
        return f"not {_words(condition.not_)}"
    if condition.where is not None:
        kind = "some" if condition.some else "each"
        return f"{kind} of {condition.some or condition.each} has {_words(condition.where)}"
    fact = f"{condition.fact}.{condition.field}" if condition.field else condition.fact
    return " ".join(
        [
            fact,
            *(
                _shown(getattr(condition, name))
                for name in _FIELDS
                if getattr(condition, name) not in ("", None)
            ),
        ]
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _remedies(card: RuleCard) -> Iterator[str]:
    specs = {"": card.remedy, **card.variants}
    for name, spec in specs.items():
        if spec is not None:
            yield from _remedy(name, spec)


def _remedy(name: str, spec: RemedySpec) -> Iterator[str]:
    marks = [name] if name else []
    marks += ["by an administrator"] if spec.who == "administrator" else []
    marks += ["with a reboot"] if spec.reboot else []
    yield spec.summary + (f" ({', '.join(marks)})" if marks else "")
    yield from (f"$ {line}" for line in spec.commands)
    if spec.check:
        yield f"then check: {spec.check}"


def _example(example: Example) -> str:
    if example.text:
        return (
            f"{example.outcome}: "
            + (f"{example.name}: " if example.name else "")
            + f'"{_gist(example.text)}"'
        )
    facts = ", ".join(
        [f"{key} = {value!r}" for key, value in example.facts.items()]
        + [f"{key} absent" for key in example.absent]
    )
    return (
        f"{example.outcome}: " + (f"{example.name}: " if example.name else "") + (facts or "nothing is known")
    )


def _gist(text: str) -> str:
    """Return a text in one line of at most 160 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _GIST else line[: _GIST - 3] + "..."


def _wrapped(lines: Sequence[str]) -> list[str]:
    """Return the lines indented by two and wrapped at 80 columns; commands and addresses stay whole."""
    return [
        piece
        for line in lines
        for piece in textwrap.wrap(
            line,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
