"""Holds a file's tables against the options of the commands: what they are called, take, and may be set by a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.app import COMMANDS, app
from auditor.cli.config_checks import fault_of

if TYPE_CHECKING:
    from auditor.cli.config import Config

DEFAULTS = "defaults"
_OWN = ("goals", "team", "keep")  # what a project states of itself: read by knowledge/own.py
_HERE = ("config", "no_config")
# what a failure to read this very file means to a scheduler cannot stand in it (cli/gatekeeper.py reads the arguments)
_TYPED_ONLY = {"preflight": ("dialect", "strict", "observe")}
# what harms others, opens a connection takes redaction off or opens its hashes is asked for by a person, not by a folder
_NAMED_ONLY = ("no_redact", "redact_salt", "cloud_metadata", "index_check", "busy")


def examined(
    config: Config, context: click.Context, words: tuple[str, ...]
) -> tuple[dict[str, Any], list[click.UsageError]]:
    """Return this command's options by parameter, and every mistake in them and in the tables' names."""
    valid = (*COMMANDS, *_OWN, DEFAULTS)
    wrong = [
        config.wrong((name,), f"no command or table is called so{_nearest(name, valid)}")
        for name in config.tables
        if name not in valid
    ]
    found: dict[str, Any] = {}
    for table, taken in (((DEFAULTS,), _default), (words, _own)):
        try:
            rows = _table(config, table)
        except click.UsageError as error:
            wrong.append(error)
            continue
        for raw, value in rows.items():
            try:
                found |= taken(config, context, words, raw, value)
            except click.UsageError as error:
                wrong.append(error)
    return found, wrong


def _default(
    config: Config, context: click.Context, words: tuple[str, ...], raw: str, value: Any
) -> dict[str, Any]:
    """Return what a key of [defaults] means to this command, if anything."""
    option = _option(context.command, raw)
    if option is not None:
        return {option.name or "": _value(config, context, (DEFAULTS, raw), option, value, words)}
    if not _known_anywhere(raw):
        raise config.wrong((DEFAULTS, raw), f"no command has this option{_near(raw, _every())}")
    return {}


def _own(
    config: Config, context: click.Context, words: tuple[str, ...], raw: str, value: Any
) -> dict[str, Any]:
    option = _option(context.command, raw)
    if option is None:
        problem = f"`fwaudit {' '.join(words)}` has no such option"
        raise config.wrong((*words, raw), problem + _near(raw, _keys(context.command)))
    return {option.name or "": _value(config, context, (*words, raw), option, value, words)}


def _table(config: Config, words: tuple[str, ...]) -> Mapping[str, Any]:
    table: Any = config.tables
    for depth, word in enumerate(words):
        table = table.get(word, {})
        if not isinstance(table, dict):
            raise config.wrong(words[: depth + 1], "expected a table of options")
    found: Mapping[str, Any] = table
    return found


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Return a command's options by the key that a file gives them: the long name without its dashes."""
    found = {}
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in _HERE:
            long = max(option.opts, key=len)
            found[long.lstrip("-")] = option
    return found


def _option(command: click.Command, key: str) -> click.Option | None:
    return options_of(command).get(key.replace("_", "-"))


def _keys(command: click.Command) -> list[str]:
    return list(options_of(command))


def _every() -> list[str]:
    return sorted({key for command in every_command().values() for key in _keys(command)})


def every_command() -> dict[tuple[str, ...], click.Command]:
    """Return every command that takes options, by its words."""
    found: dict[tuple[str, ...], click.Command] = {}
    for name in COMMANDS:
        command = app.get_command(click.Context(app), name)
        if isinstance(command, click.Group):
            found |= {(name, inner): command.commands[inner] for inner in command.commands}
        elif command is not None:
            found[name,] = command
    return found


def _known_anywhere(key: str) -> bool:
    return key.replace("_", "-") in _every()


def _nearest(name: str, tables: Iterable[str]) -> str:
    """Return what a table's or option's name at the top of a file should have been."""
    if _known_anywhere(name):
        return f"; {name!r} is an option: it stands in [{DEFAULTS}] or in the table of a command"
    return _near(name, tables)


def _near(word: str, valid: Iterable[str]) -> str:
    near = get_close_matches(word.replace("_", "-"), list(valid), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _value(
    config: Config,
    context: click.Context,
    at: tuple[str, ...],
    option: click.Option,
    raw: Any,
    words: tuple[str, ...],
) -> Any:
    """Return a value as the option takes it, tried by the option's own type."""
    _bounded(config, at, option, raw)
    if option.is_flag:
        if not isinstance(raw, bool):
            raise config.wrong(at, f"expected true or false, got {raw!r}")
        return raw
    value = _listed(raw, option) if option.multiple else raw
    if isinstance(value, (bool, dict, list)) and not option.multiple:
        raise config.wrong(at, f"expected one value, got {raw!r}")
    texts = value if option.multiple else [value]
    if not all(
        isinstance(text, (str, int, float)) and not isinstance(text, bool) and text != "" for text in texts
    ):
        raise config.wrong(at, f"expected text or numbers, got {raw!r}")
    try:
        option.type_cast_value(context, [str(text) for text in texts] if option.multiple else str(value))
    except click.BadParameter as error:
        raise config.wrong(at, error.message) from error
    given = [str(text) for text in texts]
    fault = fault_of(at[-1], words, given)
    if fault:
        raise config.wrong(at, fault)
    return given if option.multiple else given[0]


def _listed(raw: Any, option: click.Option) -> list[Any]:
    """Return a list; one value is a list of one, and a table is a list of KEY=VALUE where the option takes such."""
    if isinstance(raw, dict) and "=" in (option.metavar or ""):
        return [f"{key}={value}" for key, value in raw.items()]
    return raw if isinstance(raw, list) else [raw]


def _bounded(config: Config, at: tuple[str, ...], option: click.Option, raw: Any) -> None:
    """Refuse what does not belong into a file, or not into one that nobody named."""
    if option.name in _TYPED_ONLY.get(at[0], ()):
        raise config.wrong(
            at, "stands on the command line only, where it holds whatever becomes of this file"
        )
    if not config.found:
        return
    if option.name in _NAMED_ONLY and raw:
        raise config.wrong(
            at, f"a file that was only found cannot set it: type --{at[-1]}, or name the file with --config"
        )
    if option.name in ("outputs", "output"):
        for path in raw if isinstance(raw, list) else [raw]:
            if path != "-" and not _inside(str(path)):
                raise config.wrong(at, f"{path!r} lies outside of this folder, where a file that was only found "
                                       "writes nothing: type -o, or name the file with --config")  # fmt: skip


def _inside(path: str) -> bool:
    here = os.path.realpath(".")
    real = os.path.realpath(path)
    return os.path.dirname(real).startswith((here + os.sep,)) or os.path.dirname(real) == here
