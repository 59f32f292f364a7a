"""The plan's own commands for remedies: install, install again, or install into a new environment."""

from __future__ import annotations

from typing import NamedTuple

from auditor.engine.plan import plan
from auditor.model.fact import Facts, known
from auditor.model.recommendation import Plan


class Way(NamedTuple):
    """Commands, the check that ends them, and why there are none."""

    commands: tuple[str, ...] = ()
    check: str = ""
    blocked: str = ""


def install(facts: Facts, framework: str) -> Way:
    """Return how the framework comes into this environment."""
    return _way(plan(facts, framework))


def install_again(facts: Facts, framework: str) -> Way:
    """Return how a broken framework is installed over itself: the same release is not "already satisfied"."""
    way = _way(plan(facts, framework))
    return way._replace(commands=tuple(_forced(line) for line in way.commands))


def install_elsewhere(facts: Facts, framework: str) -> Way:
    """Return how the framework comes into a new environment, and the check that runs there."""
    return _way(plan(facts.merged({"python.kind": known("system")}), framework))


def _way(chosen: Plan) -> Way:
    if not chosen.possible:
        return Way(blocked=next(iter(chosen.blocked_by), "no published build fits this machine"))
    return Way(chosen.steps[:-1], chosen.steps[-1]) if chosen.steps else Way()


def _forced(line: str) -> str:
    installs = " install " in line and "==" in line and "--force-reinstall" not in line
    return f"{line} --force-reinstall" if installs else line
