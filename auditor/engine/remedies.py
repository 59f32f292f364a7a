"""Turns a card's remedy into commands for this environment."""

from __future__ import annotations

from auditor.engine.template import Words, fill
from auditor.knowledge.card import RemedySpec, RuleCard
from auditor.model.finding import Remedy

_INSTALLS = ("{pip_install}", "{install}", "{torch_install}")
_TORCH = "{torch_install}"
_REMOVES = ("{pip_uninstall}", "{uninstall}")


def remedy_of(card: RuleCard, variant: str, words: Words) -> Remedy | None:
    """Return the card's remedy (or the named variant of it), filled in."""
    spec = card.variants.get(variant, card.remedy)
    if spec is None:
        return None
    if not _installs(spec):
        words = words.with_value("python", words.environment.interpreter)
    return Remedy(
        summary=fill(spec.summary, words) + _but(spec, words),
        commands=_commands(spec, words),
        who=spec.who,
        reboot=spec.reboot,
        affects_others=spec.affects_others,
        meanwhile=fill(spec.meanwhile, words),
        check=fill(spec.check, words),
    )


def _installs(spec: RemedySpec) -> bool:
    """Return whether something is installed: what comes after it is for the environment that took it."""
    return any(word in line for line in spec.commands for word in _INSTALLS)


def _but(spec: RemedySpec, words: Words) -> str:
    """Return what the plan of the same report says against a line that installs torch."""
    if not any(_TORCH in line for line in spec.commands):
        return ""
    if not words.get("torch_install"):
        return "; no published build of torch fits this machine as it is"
    from auditor.engine.planning.line import leaves_gpu_idle

    idle = leaves_gpu_idle(words.look.facts)
    return "; no build for the GPU fits this machine as it is, this one runs on the CPU" if idle else ""


def _commands(spec: RemedySpec, words: Words) -> tuple[str, ...]:
    """Fill the commands in; into a protected interpreter nothing goes and nothing is removed from it."""
    environment = words.environment
    if any(_TORCH in line for line in spec.commands) and not words.get("torch_install"):
        return ()
    templates = [
        line
        for line in spec.commands
        if not (environment.is_protected and any(word in line for word in _REMOVES))
    ]
    preface = environment.preface if _installs(spec) else ()
    filled = (part for line in templates for part in fill(line, words).splitlines())
    return (*preface, *filled)
