"""Writes docs/fwaudit.1 from the commands' own help: `python tools/make_man.py`, with `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from auditor import __version__
from auditor.cli.app import COMMANDS, app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fwaudit.1"
FILES = (
    "options by command (in pyproject.toml below [tool.fwaudit]), a project's own goals and what its team knows; "
    "taken from the working directory, or from where --config says"
)
EXIT = (
    ("0", "nothing was found at or above --fail-on; reports are the same; a plan is possible"),
    ("1", "findings at or above --fail-on; reports differ; no plan is possible"),
    ("2", "the command was given wrongly: the message says what, where, and the nearest valid word"),
    ("3", "the audit could not be completed, or an output could not be written"),
)


def page() -> str:
    """Return the manual page in roff."""
    parts = [
        f'.TH FWAUDIT 1 "" "fwaudit {__version__}" "User Commands"',
        ".SH NAME\nfwaudit \\- audits a machine for deep learning",
        ".SH SYNOPSIS\n.B fwaudit\n.I COMMAND\n[OPTIONS] [ARGUMENTS]",
        f".SH DESCRIPTION\n{roff(app.help or '')}",
        ".SH COMMANDS",
        *(_command(name) for name in COMMANDS),
        ".SH EXIT STATUS",
        *(f".TP\n.B {code}\n{roff(meaning)}" for code, meaning in EXIT),
        ".SH ENVIRONMENT",
        ".TP\n.B NO_COLOR, FORCE_COLOR\nno colours; colours even where the output is no terminal",
        ".TP\n.B COLUMNS\nthe width of the text",
        ".SH FILES",
        ".TP\n.B fwaudit.toml, pyproject.toml\n" + roff(FILES),
    ]
    return "\n".join(parts) + "\n"


def _command(name: str) -> str:
    context = click.Context(app, info_name="fwaudit")
    command = app.get_command(context, name)
    assert command is not None
    inner = click.Context(command, info_name=name, parent=context)
    usage = " ".join(piece for piece in command.collect_usage_pieces(inner))
    lines = [f".SS fwaudit {name} {roff(usage)}", roff(command.help or "")]
    for parameter in command.get_params(inner):
        record = parameter.get_help_record(inner)
        if record:
            lines.append(f".TP\n.B {roff(record[0])}\n{roff(record[1])}")
    return "\n".join(lines)


def roff(text: str) -> str:
    """Return text in which roff reads nothing as a request."""
    paragraphs = [" ".join(part.split()) for part in text.replace("\b", "").split("\n\n")]
    escaped = [part.replace("\\", "\\e").replace("-", "\\-") for part in paragraphs]
    return "\n.PP\n".join("\\&" + part if part[:1] in ".'" else part for part in escaped)


def main() -> int:
    """Write or compare; 1 where the page is out of date."""
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        print("" if current else f"{PAGE.name} is out of date: run tools/make_man.py")
        return 0 if current else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
