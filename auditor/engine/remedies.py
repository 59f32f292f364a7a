"""Turns a card's remedy into commands for this environment."""

from __future__ import annotations

from auditor.engine.template import Words, fill
from auditor.knowledge.card import RemedySpec, RuleCard
from auditor.model.finding import Remedy

_INSTALLS = ("{pip_install}", "{install}", "{torch_install}")
_REMOVES = ("{pip_uninstall}", "{uninstall}")


def remedy_of(card: RuleCard, variant: str, words: Words) -> Remedy | None:
    """Return the card's remedy (or the named variant of it), filled in."""
    spec = card.variants.get(variant, card.remedy)
    if spec is None:
        return None
    return Remedy(
        summary=fill(spec.summary, words),
        commands=_commands(spec, words),
        who=spec.who,
        reboot=spec.reboot,
        affects_others=spec.affects_others,
        meanwhile=fill(spec.meanwhile, words),
        check=fill(spec.check, words),
    )


def _commands(spec: RemedySpec, words: Words) -> tuple[str, ...]:
    """Fill the commands in; into a protected interpreter nothing goes and nothing is removed from it."""
    environment = words.environment
    templates = [
        line
        for line in spec.commands
        if not (environment.is_protected and any(word in line for word in _REMOVES))
    ]
    installs = any(word in line for line in templates for word in _INSTALLS)
    preface = environment.preface if installs else ()
    return (*preface, *(fill(line, words) for line in templates))
