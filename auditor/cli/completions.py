"""What a shell is offered behind an option or for an argument: files, folders, and the words that we know.

Imported only while a shell asks (`_FWAUDIT_COMPLETE` is set); see `fwaudit completion`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
)

if TYPE_CHECKING:
    import click

Words = Callable[[], Iterable[str]]


def install(command: click.Command) -> None:
    """Let each option and argument of a command offer what its metavar stands for."""
    for param in command.params:
        if param.type.name == "text":
            param._custom_shell_complete = offered


class _Joined:
    """Offers the whole word behind `--option=`: zsh puts what is offered in the place of all that was typed."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what click offers, with the option before it where both are one word."""
        whole = [arg for arg in args if arg != "="]
        found: list[CompletionItem] = super().get_completions(whole, incomplete)  # type: ignore[misc]
        name, sign, _ = incomplete.partition("=")
        if not sign or not name.startswith("--"):
            return found
        return [_named(item, name) for item in found]


def _named(item: CompletionItem, option: str) -> CompletionItem:
    whole = item.value if item.value.startswith("--") else f"{option}={item.value}"
    return CompletionItem(whole, type=item.type, help=item.help)


# what each shell asks its own completion of paths with: behind `--option=` the path alone is looked for
_ZSH_PATH = (
    ("_path_files -/", "compset -P '--*='; _path_files -/"),
    ("_path_files -f", "compset -P '--*='; _path_files -f"),
)
_FISH_PATH = tuple(
    (
        f"{function} $metadata[2];",
        f"set -l begun (string match -r -- '^--[^=]+=' $metadata[2]; or echo '');\n"
        f"            {function} (string replace -r -- '^--[^=]+=' '' $metadata[2]) | string replace -r -- '^' \"$begun\";",
    )
    for function in ("__fish_complete_directories", "__fish_complete_path")
)


def teach() -> None:
    """Let each shell be answered as `_Joined` does.

    bash gives `--option`, `=` and the value as three words: the second is left out.
    """
    for shell, changes in ((BashComplete, ()), (ZshComplete, _ZSH_PATH), (FishComplete, _FISH_PATH)):
        script = shell.source_template
        for old, new in changes:
            script = script.replace(old, new.replace("%", "%%"))
        made: Any = type(shell.__name__, (_Joined, shell), {"name": shell.name, "source_template": script})
        add_completion_class(made)


def offered(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return what may stand in a parameter's place and begins with `incomplete`."""
    name = param.name or ""
    metavar = param.metavar or name.upper()
    words = _WORDS.get(name) or _WORDS.get(metavar)
    found = [CompletionItem(word) for word in _begun(words, incomplete)] if words else []
    if found or metavar not in _PLACES:
        return found
    return [CompletionItem(incomplete, type=_PLACES[metavar])]


def _begun(words: Words, incomplete: str) -> list[str]:
    try:
        return [word for word in words() if word.lower().startswith(incomplete.lower())]
    except (OSError, ValueError):
        return []  # rules that cannot be read are told by the command, not between two keys


def _listed(kind: str, column: str, end: str = "") -> Words:
    """Return a column of what `fwaudit list` shows."""

    def words() -> list[str]:
        from auditor.cli.commands.list import KINDS

        return [row[column] + end for row in KINDS[kind][0]()]

    return words


def _formats() -> Iterable[str]:
    from auditor.render import FORMATS

    return FORMATS


def _kinds() -> Iterable[str]:
    from auditor.cli.commands.list import KINDS

    return KINDS


def _teams() -> Iterable[str]:
    from auditor.knowledge.own import TEAMS

    return TEAMS


def _assumed() -> list[str]:
    from auditor.cli.commands.list import KINDS

    short = ["gpu", "driver", "python", "os", "arch", "glibc", "gfx"]
    keys = [row["key"].replace("[i]", "[0]") for row in KINDS["facts"][0]()]
    return [f"{name}=" for name in (*short, *keys)]


def _explained() -> list[str]:
    columns = (("rules", "id"), ("rules", "cause"), ("facts", "key"), ("goals", "id"), ("criteria", "id"))
    return sorted({word for kind, column in columns for word in _listed(kind, column)()})


def _conda() -> list[str]:
    import os

    root = os.environ.get("CONDA_EXE", "").rpartition("/bin/")[0] or os.path.expanduser("~/miniconda3")
    return ["base", *sorted(os.listdir(os.path.join(root, "envs")))]


# by a parameter's name, else by its metavar
_WORDS: dict[str, Words] = {
    "kind": _kinds,
    "keep": _listed("kept", "id"),
    "conda_env": _conda,
    "FORMAT": _formats,
    "GOAL[=WEIGHT]": _listed("goals", "id"),
    "FRAMEWORK": _teams,
    "KEY=VALUE": _assumed,
    "ID=REASON": _listed("rules", "id", "="),
    "RULE=REASON": _listed("rules", "id", "="),
    "ID|CAUSE|FACT|GOAL": _explained,
    "CHECK": _listed("checks", "name"),
    "NAME|FILE": _listed("profiles", "name"),
    "[ID]...": _listed("workloads", "id"),
    "ID": _listed("workloads", "id"),
}
_PLACES = {
    "FILE": "file",
    "FILE...": "file",
    "FILE... | -": "file",
    "A B...": "file",
    "[REPORT.json]": "file",
    "NAME|FILE": "file",
    "PATH": "file",
    "DIR": "dir",
}
