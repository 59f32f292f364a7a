"""Options from a file: `fwaudit.toml` or `[tool.fwaudit]` of `pyproject.toml`, a table a command.

What the working directory's own file may do is bounded, since it may have come with a stranger's archive:
see config_values.py. A file named with --config may set everything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import click

NAMES = ("fwaudit.toml", "pyproject.toml")
META = "auditor.config"  # where a click context keeps the Config that was taken
LIMIT = 1 << 20  # bytes: more is no file of options
# of these the command line's one replaces the file's others
_EITHER = (("python", "venv", "conda_env", "root", "snapshot"), ("outputs", "output", "format_", "form"))


class Config:
    """One file's options: `path` as told to people, `found` where nobody named it, `taken` by option."""

    def __init__(self, path: str, text: str, tables: Mapping[str, Any], *, found: bool) -> None:
        self.path, self.text, self.tables, self.found = path, text, tables, found

    def wrong(self, at: tuple[str, ...], problem: str) -> click.UsageError:
        """Return the error that names file, line and key."""
        from auditor.knowledge.toml_lines import line_of

        inner = ("tool", "fwaudit", *at) if os.path.basename(self.path) == "pyproject.toml" else at
        where = ".".join(at)
        return click.UsageError(f"{self.path}:{line_of(self.text, inner)}: {where}: {problem}")


class _Given(dict[str, Any]):
    """A file's values, without those that something on the command line stands in place of."""

    def __init__(self, context: click.Context, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._context = context

    def __contains__(self, name: object) -> bool:
        from click.core import ParameterSource

        rivals = {other for group in _EITHER if name in group for other in group}
        typed = [
            self._context.get_parameter_source(rival) for rival in rivals
        ]  # typed options are read first
        return super().__contains__(name) and ParameterSource.COMMANDLINE not in typed

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 (it would call itself)


def apply(context: click.Context, named: str | None) -> None:
    """Make the options of a file, the one named or else the working directory's, this command's defaults.

    Raises:
        click.UsageError: the file cannot be read, or says what no option understands: file, line, key, nearest word; every mistake a line.

    """
    config = load(named) if named is not None else find()
    if config is None:
        return
    from auditor.cli.config_values import examined

    found, wrong = examined(config, context, words_of(context))
    if wrong:
        raise click.UsageError("\n".join(error.message for error in wrong))
    context.default_map = _Given(context, found)
    context.meta[META] = config


def load(path: str) -> Config:
    """Return the file that --config names."""
    if not path:
        raise click.UsageError("--config is given an empty value: is a variable unset?")
    from auditor.cli import source

    return _parsed(path, source.read(path), found=False)


def find() -> Config | None:
    """Return the file of the working directory, or None; one that belongs to somebody else is left alone."""
    for name in NAMES:
        try:
            if not os.path.isfile(name):  # a pipe would hold us for ever
                continue
            with open(name, "rb") as stream:
                if not _ours(name, os.fstat(stream.fileno())):
                    return None
                data = stream.read(LIMIT + 1)
        except OSError:
            continue
        if name == NAMES[0] or b"fwaudit" in data:
            config = _parsed(name, data, found=True)
            if name == NAMES[0] or config.tables:
                return config
    return None


def _ours(name: str, stat: os.stat_result) -> bool:
    """Return whether a file in the working directory may be heeded: its writer is root or the user."""
    mine = getattr(os, "geteuid", lambda: stat.st_uid)()
    if stat.st_uid in (mine, 0):
        return True
    if name == NAMES[0]:
        click.echo(
            f"fwaudit: {name} belongs to another user (uid {stat.st_uid}) and is not read; "
            f"--config {name} reads it",
            err=True,
        )
    return False


def _parsed(path: str, data: bytes, *, found: bool) -> Config:
    import tomllib

    try:
        text = data.decode("utf-8")
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if found and path == NAMES[1] and not is_ours(data):
            return Config(path, "", {}, found=found)  # another tool's business
        raise click.UsageError(f"{path}: {error}") from error
    if len(data) > LIMIT:
        raise click.UsageError(f"{path}: larger than {LIMIT >> 20} MiB, which no file of options is")
    if os.path.basename(path) == NAMES[1]:
        tool = tables.get("tool")
        tables = tool.get("fwaudit", {}) if isinstance(tool, dict) else {}
    if not isinstance(tables, dict):
        from auditor.knowledge.toml_lines import line_of

        line = line_of(text, ("tool", "fwaudit"))
        raise click.UsageError(f"{path}:{line}: tool.fwaudit: expected a table of options")
    return Config(path, text, tables, found=found)


def is_ours(data: bytes) -> bool:
    """Return whether a pyproject.toml that cannot be parsed has a table of ours all the same."""
    return re.search(rb"^\s*\[{1,2}\s*tool\s*\.\s*fwaudit\b", data, re.MULTILINE) is not None


def words_of(context: click.Context) -> tuple[str, ...]:
    """Return the command's words, such as ("profile", "learn")."""
    words: list[str] = []
    here: click.Context | None = context
    while here is not None and here.parent is not None:
        words.insert(0, here.info_name or "")
        here = here.parent
    return tuple(words)


def taken(context: click.Context) -> dict[str, Any]:
    """Return what counts of the file's options, by the key that it stands under."""
    from click.core import ParameterSource

    from auditor.cli.config_values import options_of

    return {
        key: context.params.get(option.name or "")
        for key, option in options_of(context.command).items()
        if context.get_parameter_source(option.name or "") is ParameterSource.DEFAULT_MAP
    }


def announce(context: click.Context) -> None:
    """Say on stderr what a file that nobody named has set, even where quiet was asked for."""
    config = context.meta.get(META)
    told = taken(context) if config is not None and config.found else {}
    if config is None or not told:
        return
    from auditor.render.inert import inert

    words = ", ".join(f"{key} = {_shown(value)}" for key, value in told.items())
    click.echo(f"fwaudit: {config.path} sets {inert(words)} (--no-config leaves it out)", err=True)


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
