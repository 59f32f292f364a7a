"""`fwaudit completion`: how to let a shell complete commands and options."""

from __future__ import annotations

import os

import click

from auditor.cli.output import tell

_LINES = {
    "bash": ('eval "$(_FWAUDIT_COMPLETE=bash_source fwaudit)"', "~/.bashrc"),
    "zsh": (
        "whence compdef >/dev/null || { autoload -Uz compinit && compinit; }; "
        'eval "$(_FWAUDIT_COMPLETE=zsh_source fwaudit)"',
        "~/.zshrc",
    ),
    "fish": ("_FWAUDIT_COMPLETE=fish_source fwaudit | source", "~/.config/fish/completions/fwaudit.fish"),
}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_LINES)), required=False)
def command(shell: str | None) -> int:
    """Print the line that turns on completion, for the SHELL you name or else your own.

    Nothing is written: put the line where it belongs, as stderr says.
    """
    named = shell or os.path.basename(os.environ.get("SHELL", ""))
    if named not in _LINES:
        raise click.UsageError(f"which shell? Name one of {', '.join(_LINES)}.")
    line, place = _LINES[named]
    tell(line)
    click.echo(f"Put this line into {place}; it holds from the next shell on.", err=True)
    return 0
