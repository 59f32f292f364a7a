"""`fwaudit explain`: what a rule, a cause or a fact means."""

from __future__ import annotations

import re

import click

from auditor.cli.options import every_goal
from auditor.cli.output import tell

_ALIKE = 0.7  # below, difflib's nearest word is another word: "nosuch" and "os.arch" are 0.62 alike
_SHOWN = 5
_SEPARATORS = re.compile(r"[.\[\]_]+")
_HINT = "`fwaudit list rules` and `fwaudit list facts` show all."


@click.command("explain")
@click.argument("word", metavar="ID|CAUSE|FACT|GOAL")
@click.option(
    "--rules-dir", "rules_dirs", multiple=True, metavar="DIR", help="Add a folder of your own rule cards."
)
def command(word: str, rules_dirs: tuple[str, ...]) -> int:
    """Explain a rule (FWA101), a cause (driver_too_old), a fact (nvidia.driver_version) or goal:research.

    It says what the rule means, how it decides, what mends it, its sources and its examples.
    """
    from auditor.knowledge.words import KnowledgeError

    try:
        text = _explained(word, rules_dirs)
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error
    if not text:
        raise click.UsageError(f"nothing is called {word!r}{_nearest(word, rules_dirs)}")
    tell(text)
    return 0


def _explained(word: str, rules_dirs: tuple[str, ...] = ()) -> str:
    """Return the text for a word, empty where nothing is called so."""
    from auditor.engine.explain import explain_card, explain_fact
    from auditor.engine.predicates import PREDICATES
    from auditor.knowledge import catalogue
    from auditor.knowledge.cards import load_cards

    cards = load_cards(rules_dirs, predicates=PREDICATES, examples=True)
    wanted = word.lower().replace("_", "-")
    found = [card for card in cards if wanted in {name.lower().replace("_", "-") for name in card.names}]
    checks = _checks(wanted)
    if found or checks:
        return "\n\n".join([*(explain_card(card) for card in found), *checks])
    if goal := _goal(word.removeprefix("goal:")):
        return goal
    if criterion := _criterion(wanted.removeprefix("criterion:")):
        return criterion
    if kept := _kept(wanted.removeprefix("keep:")):
        return kept
    from auditor.audit.assume import SHORT

    word = SHORT.get(word, word)
    if catalogue.is_known(word):
        key = catalogue.pattern_of(word)
        return explain_fact(key, catalogue.spec(word), cards, _found_by(key))
    return ""


def _found_by(key: str) -> list[str]:
    """Return the probes of a scan that promise a fact."""
    from auditor.knowledge.catalogue import pattern_of
    from auditor.probes import load_each

    return [probe.name for probe in load_each() if key in {pattern_of(given) for given in probe.provides}]


def _goal(word: str) -> str:
    """Return what a goal means, one of the project's own too; empty where none is called so."""
    from auditor.engine.listing import explain_goal

    goal = every_goal().get(word)
    return explain_goal(goal) if goal else ""


def _criterion(word: str) -> str:
    """Return what a criterion says of each framework, empty where none is called so."""
    from auditor.engine.listing import explain_criterion
    from auditor.knowledge.criteria import load_criteria

    criterion = load_criteria().get(word)
    return explain_criterion(criterion) if criterion else ""


def _kept(word: str) -> str:
    """Return what keeping a thing means, empty where none is called so."""
    from auditor.engine.listing import explain_kept
    from auditor.knowledge.kept import load_kept

    kept = load_kept().get(word)
    return explain_kept(kept) if kept else ""


def _checks(wanted: str) -> list[str]:
    """Return what pre-flight's checks of this name or code mean."""
    from auditor.knowledge.profiles import library

    told = ("must hold: ", "why: ", "what mends it: ", "figure: ", "its source: ")
    return [
        "\n".join(
            [
                f"{raw.get('code')} {raw['name']} (pre-flight, {raw.get('level', 'fail')})",
                *(
                    f"  {word}{raw[key]}"
                    for word, key in zip(told, ("title", "why", "mend", "value", "source"), strict=True)
                    if key in raw
                ),
            ]
        )
        for raw in library().values()
        if wanted in (raw["name"], raw.get("code", "").lower())
    ]


def _nearest(word: str, rules_dirs: tuple[str, ...]) -> str:
    from auditor.knowledge.cards import load_cards
    from auditor.knowledge.catalogue import known_keys
    from auditor.knowledge.words import nearest

    goals = every_goal()
    names = [
        *(name for card in load_cards(rules_dirs) for name in card.names),
        *goals,
        *(f"goal:{name}" for name in goals),
    ]
    keys = sorted(known_keys())
    wanted = word.lower()
    inside = [key for key in keys if wanted in _SEPARATORS.split(key)]
    if inside:
        return f"; facts of that name are {', '.join(inside[:_SHOWN])}" + (
            f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        )
    # an id is written in capitals, and one cut short is still told
    ids = [name for name in names if name.lower().startswith(wanted)] if wanted else []
    close = (
        next(iter(sorted(ids)), "")
        or nearest(wanted.upper(), names, _ALIKE)
        or nearest(wanted, names, _ALIKE)
        or nearest(wanted, keys, _ALIKE)
    )
    return f"; did you mean {close!r}?" if close else f". {_HINT}"
