"""A project's own goals, what its team knows and what must not change: `fwaudit.toml`, or `[tool.fwaudit]` of `pyproject.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from auditor.knowledge.goals import Goal, Need, Weight, checked
from auditor.knowledge.loading import KnowledgeError, nearest, shaped
from auditor.knowledge.toml import parse

TEAMS = ("pytorch", "tensorflow", "jax")


class OwnGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal under `[goals.NAME]`: weights on criteria that sum to 10, each a number or {weight, why}."""

    weights: dict[str, float | Weight]
    title: str = ""
    why: str = ""
    needs: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ("pytorch", "tensorflow")
    companions: dict[str, tuple[str, ...]] = {}


class Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project states of itself."""

    goals: dict[str, OwnGoal] = {}
    team: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


NOTHING = Own()


def load_own(folder: str, config: str | None = None) -> tuple[Own, Path]:
    """Return what the project in a folder states, and the file that states it; nothing where there is none.

    `config` names the file instead ("" none); the tables of options in it are the commands' business.

    Raises:
        KnowledgeError: the file is malformed.

    """
    paths = [Path(folder) / name for name in ("fwaudit.toml", "pyproject.toml")]
    if config is not None:
        paths = [Path(config)] if config else []
    for path in filter(Path.is_file, paths):
        data = _read(path)
        tool = data.get("tool") if path.name == "pyproject.toml" else {"fwaudit": data}
        part = tool.get("fwaudit") if isinstance(tool, dict) else None
        if isinstance(part, dict):
            own = ("goals", "team", "keep")
            ours = {key: value for key, value in part.items() if config is None or key in own}
            return _checked(ours, path), path
    return NOTHING, Path(folder)


def own_mistakes(part: Mapping[str, Any], path: str, criteria: Iterable[str]) -> list[KnowledgeError]:
    """Return every mistake in what a file's tables state of a project: one a goal, one for its team, one for what it keeps."""
    place, goals, valid = Path(path), part.get("goals", {}), list(criteria)
    pieces = (
        [{"goals": {name: goal}} for name, goal in goals.items()]
        if isinstance(goals, dict)
        else [{"goals": goals}]
    )
    pieces += [{key: part[key]} for key in ("team", "keep") if key in part]
    found = []
    for piece in pieces:
        try:
            own_goals(_checked(piece, place), place, valid)
        except KnowledgeError as error:
            found.append(error)
    return found


def _checked(ours: Mapping[str, Any], path: Path) -> Own:
    try:
        own = shaped(ours, Own, path)
    except KnowledgeError as error:
        raise _placed(error, path) from error
    try:
        team_of(own.team)
    except KnowledgeError as error:
        raise _placed(KnowledgeError("", "team", error.problem), path) from error
    return own


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse(path)
    except (OSError, ValueError) as error:
        if path.name == "pyproject.toml":
            return {}  # another tool's business
        raise KnowledgeError(str(path), "", str(error)) from error


def own_goals(own: Own, path: Path, criteria: Iterable[str]) -> Mapping[str, Goal]:
    """Return the project's goals in the form of the others.

    Raises:
        KnowledgeError: a weight on what is no criterion, weights that do not sum to 10 or are not above zero,
            a need or a framework that there is not.

    """
    found = {}
    for name, goal in own.goals.items():
        try:
            _check_words(goal)
            found[name] = checked(_goal(name, goal), path, list(criteria))
        except KnowledgeError as error:
            raise _placed(KnowledgeError("", f"goals.{name}.{error.key}", error.problem), path) from error
    return found


def _check_words(goal: OwnGoal) -> None:
    """Refuse what no goal can hold, each word with the nearest that it can."""
    for key, words, valid in (
        ("needs", goal.needs, list(get_args(Need))),
        ("avoids", goal.avoids, list(get_args(Need))),
        ("frameworks", goal.frameworks, list(TEAMS)),
        ("companions", tuple(goal.companions), list(TEAMS)),
    ):
        for word in words:
            if word not in valid:
                raise KnowledgeError("", key, f'nothing is called "{word}"{nearest(word, valid)}')
    for criterion, weight in goal.weights.items():
        number = weight.weight if isinstance(weight, Weight) else weight
        if not 0 < number < float("inf"):
            raise KnowledgeError("", f"weights.{criterion}", f"is {number:g}, must be above zero")
    if not goal.frameworks:
        raise KnowledgeError("", "frameworks", "names none, so nothing can be ranked")


def _placed(error: KnowledgeError, path: Path) -> KnowledgeError:
    """Return the error with the line that its key stands on."""
    from auditor.knowledge.toml_lines import line_of

    words = re.findall(r"[\w-]+", error.key.removeprefix("top level"))
    misspelt = re.search("unknown field `([^`]+)`", error.problem)
    words += [misspelt[1]] if misspelt else []
    prefix = ("tool", "fwaudit") if path.name == "pyproject.toml" else ()
    line = line_of(path.read_text(encoding="utf-8", errors="replace"), (*prefix, *words))
    return KnowledgeError(f"{path}:{line}", error.key, error.problem)


def _goal(name: str, goal: OwnGoal) -> Goal:
    weights = {
        criterion: msgspec.to_builtins(weight)
        if isinstance(weight, Weight)
        else {"weight": weight, "why": "the project says so"}
        for criterion, weight in goal.weights.items()
    }
    return msgspec.convert(
        {
            "id": name,
            "title": goal.title or name,
            "why": goal.why or "the project says so",
            "weights": weights,
            "needs": goal.needs,
            "avoids": goal.avoids,
            "frameworks": goal.frameworks,
            "companions": goal.companions,
        },
        Goal,
    )


def team_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return the frameworks that the team knows.

    Raises:
        KnowledgeError: a word that is none.

    """
    found = tuple(dict.fromkeys(word.strip().lower() for word in words))
    for word in found:
        if word not in TEAMS:
            raise KnowledgeError("--team", "", f'no framework "{word}"{nearest(word, list(TEAMS))}')
    return found
