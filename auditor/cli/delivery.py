"""Brings a report to where it was asked for: stdout, files, several formats in one run."""

from __future__ import annotations

import sys

import click

from auditor.model.report import Report
from auditor.model.verdict import FailOn, exit_code

SUFFIXES = {".json": "json", ".txt": "text", ".text": "text", ".log": "text"}


def plan_outputs(format_: str | None, outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (format, destination) pairs, "-" being stdout; wrong words are told before any work.

    Raises:
        click.UsageError: an unknown format, or a suffix that names none.

    """
    from auditor.render import FORMATS

    if format_ is not None and format_ not in FORMATS:
        from difflib import get_close_matches

        near = get_close_matches(format_, FORMATS, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise click.UsageError(f"--format {format_}: no such format.{hint} Formats: {', '.join(FORMATS)}.")
    return [(_format(path, format_), path) for path in outputs] or [(format_ or "text", "-")]


def _format(path: str, asked: str | None) -> str:
    dot = path.rfind(".")
    suffix = path[dot:].lower() if dot > path.rfind("/") else ""
    if asked:
        return asked
    if path == "-" or path.startswith("/dev/"):
        return "text"
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(
            f"-o {path}: no format goes by that suffix; use one of {known}, or name it with --format."
        )
    return SUFFIXES[suffix]


def deliver(report: Report, plan: list[tuple[str, str]], *, verbose: bool, fail_on: FailOn) -> int:
    """Render and write each output and return the exit code.

    A file that cannot be written is told on stderr and makes it 3; the report then goes to stdout
    where nothing else did, so that what was gathered is not lost.
    """
    from auditor.cli.output import OutputError, write
    from auditor.render import RenderOptions, detect, render

    code = exit_code(report, fail_on)
    for format_, path in plan:
        options = detect(sys.stdout) if path == "-" else RenderOptions(width=100, colour=False, unicode=True)
        options = options.with_verbose(verbose)
        try:
            write(path, render(report, format_, options))
        except OutputError as error:
            click.echo(f"fwaudit: {error}", err=True)
            code = 3
    return code
