"""What options of a file mean beyond their type, tried where the file is read, and where an error of a command stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from auditor.cli.config import Config

Check = Callable[[Sequence[str]], Any]
_REPORTS = (("scan",), ("show",))  # these write every format


def fault_of(key: str, words: tuple[str, ...], texts: Sequence[str]) -> str:
    """Return what is wrong with an option's texts for the command `words`, empty where nothing is."""
    check = _CHECKS.get(key.replace("_", "-"))
    try:
        if check is not None:
            check(texts)
        elif key in ("output", "format") and words in _REPORTS:
            _outputs(key, texts)
    except click.UsageError as error:
        return _bare(error.message)
    except ValueError as error:  # KnowledgeError
        return _bare(str(error))
    return ""


def placed(context: click.Context, error: click.UsageError) -> click.UsageError:
    """Return a command's error with file, line and key where it speaks of an option that stands in a file."""
    from auditor.cli.config import META, taken, words_of
    from auditor.cli.config_values import DEFAULTS, options_of

    config = context.meta.get(META)
    if config is None:
        return error
    for key, value in taken(context).items():
        if _speaks_of(error.message, options_of(context.command)[key].opts, value):
            table = words_of(context)
            at = _spelt(config.tables, table, key) or _spelt(config.tables, (DEFAULTS,), key)
            if at:
                found: click.UsageError = config.wrong(at, _bare(error.message))
                return found
    return error


def _speaks_of(message: str, names: Sequence[str], value: Any) -> bool:
    texts = [str(text) for text in (value if isinstance(value, (list, tuple)) else [value])]
    named = any(re.match(re.escape(name) + r"(?![\w-])", message) for name in names)
    return named or any(
        len(text) > 1 and (message.startswith(f"{text}: ") or repr(text) in message) for text in texts
    )


def _spelt(tables: Any, table: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Return the path of a key as the file spells it, or nothing where it does not stand in this table."""
    for word in table:
        tables = tables.get(word, {}) if isinstance(tables, dict) else {}
    keys = tables if isinstance(tables, dict) else {}
    return next(((*table, raw) for raw in keys if raw.replace("_", "-") == key), ())


def _bare(message: str) -> str:
    """Return an error without the option that it begins with: the key tells it."""
    return re.sub(r"^--?[a-z][a-z-]*:? ", "", message)


def _outputs(key: str, texts: Sequence[str]) -> None:
    from auditor.cli.delivery import plan_outputs

    if key == "format":
        plan_outputs(texts[0], ())
    else:
        plan_outputs(None, tuple(texts))


def _tolerance(texts: Sequence[str]) -> None:
    from auditor.cli.commands.compare import share

    share(texts[0])


def _duration(texts: Sequence[str]) -> None:
    from auditor.cli.options import sustained

    sustained(texts[0])


def _team(texts: Sequence[str]) -> None:
    from auditor.knowledge.own import team_of

    team_of(texts)


def _keep(texts: Sequence[str]) -> None:
    from auditor.knowledge.kept import kept_of

    kept_of(texts, by_several=True)


def _assume(texts: Sequence[str]) -> None:
    from auditor.audit.assume import AssumptionError, assumed

    try:
        assumed(texts)
    except AssumptionError as error:
        raise click.UsageError(str(error)) from error


_CHECKS: dict[str, Check] = {
    "tolerance": _tolerance,
    "duration": _duration,
    "team": _team,
    "keep": _keep,
    "assume": _assume,
}


def mistakes(path: str) -> list[str]:
    """Return every mistake of a whole file: every command's table, the project's goals and its team.

    Raises:
        click.UsageError: it cannot be read or is no TOML.

    """
    from auditor.cli.config import load
    from auditor.cli.config_values import every_command, examined
    from auditor.knowledge.criteria import load_criteria
    from auditor.knowledge.own import own_mistakes

    config = load(path)
    found: list[str] = []
    for words, command in every_command().items():
        _, wrong = examined(config, click.Context(command, info_name=words[-1]), words)
        found += [error.message for error in wrong]
    own = list(map(str, own_mistakes(config.tables, path, load_criteria())))
    found += own or _goals(config)
    return sorted(dict.fromkeys(found), key=_line)


def _goals(config: Config) -> list[str]:
    """Return the goals asked for that neither we nor the project's own tables have."""
    from auditor.knowledge.criteria import load_criteria
    from auditor.knowledge.goals import load_goals, parse_asked
    from auditor.knowledge.own import load_own, own_goals

    criteria = load_criteria()
    own, place = load_own("", config.path)
    goals = {**load_goals(criteria), **own_goals(own, place, criteria)}
    found = []
    for table in ("defaults", "scan", "plan"):
        rows = config.tables.get(table)
        asked = rows.get("goal") if isinstance(rows, dict) else None
        for word in asked if isinstance(asked, list) else [asked]:
            try:
                parse_asked([word] if isinstance(word, str) else [], goals)
            except ValueError as error:
                found.append(config.wrong((table, "goal"), _bare(str(error))).message)
    return found


def _line(mistake: str) -> int:
    found = re.search(r":(\d+): ", mistake)
    return int(found[1]) if found else 0
