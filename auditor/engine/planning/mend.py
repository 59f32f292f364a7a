"""The plan's own commands for remedies: install, install again, or install into a new environment."""

from __future__ import annotations

from typing import NamedTuple

from auditor.engine.plan import plan
from auditor.engine.remedy.environment import Environment
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
    if by_conda := _by_conda(facts, framework):
        return by_conda
    way = _same_release(facts, framework) or _way(plan(facts, framework))
    return way._replace(commands=tuple(_forced(line) for line in way.commands))


def _by_conda(facts: Facts, framework: str) -> Way | None:
    """Return conda's command where conda installed the framework: wheels over its files would break both."""
    name, called = {"pytorch": ("torch", "pytorch")}.get(framework, (framework, framework))
    rows = facts.value("python.distributions") or []
    owned = any(row.get("name") == name and row.get("installer") == "conda" for row in rows)
    environment = Environment(facts)
    if not (owned and environment.is_conda):
        return None
    return Way((f"conda install{environment.conda_place} --force-reinstall {called}",))


def _same_release(facts: Facts, framework: str) -> Way | None:
    """Return how the installed release and build comes, where they can still be had for this machine."""
    chosen = _pinned(facts, framework)
    if chosen is None:
        return None
    way = _way(chosen)
    # its own files alone: to install all that it requires again would change releases that others need
    lines = (f"{_flavoured(line, facts)} --no-deps" if "==" in line else line for line in way.commands)
    return way._replace(commands=tuple(lines))


def _pinned(facts: Facts, framework: str) -> Plan | None:
    """Return the plan that keeps the installed release, where it can still be had for this machine."""
    from auditor.engine.planning.wish import Wish, WishError, parse_pin

    name = {"pytorch": "torch"}.get(framework, framework)
    try:
        chosen = plan(facts, framework, Wish(pins=(parse_pin(f"{name}={facts.value(f'{name}.version')}"),)))
    except WishError:
        return None
    return chosen if chosen.possible and chosen.steps else None


def _flavoured(line: str, facts: Facts) -> str:
    """Name TensorFlow as it is installed: `tensorflow` would come over `tensorflow-cpu`."""
    installed = facts.value("tensorflow.distribution") or "tensorflow"
    return line.replace(" tensorflow==", f" {installed}==")


def install_elsewhere(facts: Facts, framework: str) -> Way:
    """Return how the framework comes into a new environment, in its release if it can be, and the check that runs there."""
    elsewhere = facts.merged({"python.kind": known("system")})
    return _way(_pinned(elsewhere, framework) or plan(elsewhere, framework))


def _way(chosen: Plan) -> Way:
    if not chosen.possible:
        return Way(blocked=next(iter(chosen.blocked_by), "no published build fits this machine"))
    return Way(chosen.steps[:-1], chosen.steps[-1]) if chosen.steps else Way()


def _forced(line: str) -> str:
    installs = " install " in line and "==" in line and "--force-reinstall" not in line
    return f"{line} --force-reinstall" if installs else line
