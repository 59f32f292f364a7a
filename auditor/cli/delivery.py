"""Brings a report to where it was asked for: stdout, files, several formats in one run."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from auditor.model.report import Report
from auditor.model.verdict import EXIT_INCOMPLETE, FailOn, exit_code

SUFFIXES = {
    ".json": "json", ".txt": "text", ".text": "text", ".log": "text", ".md": "markdown", ".html": "html", ".htm": "html",
    ".xml": "junit", ".prom": "prometheus",
}  # fmt: skip


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
    for path in outputs:
        check_folder(path)
    _check_twice(outputs)
    return [(_format(path, format_), path) for path in outputs] or [(format_ or "text", "-")]


def _check_twice(outputs: tuple[str, ...]) -> None:
    """Tell that one file is to hold two outputs, of which the last alone would be left.

    Raises:
        click.UsageError: it is named twice, however spelled.

    """
    seen: dict[str, str] = {}
    for path in outputs:
        place = "-" if path == "-" else os.path.realpath(path)
        if place in seen and not place.startswith("/dev/"):
            raise click.UsageError(f"-o {path}: named twice (-o {seen[place]}); one file holds one format.")
        seen[place] = path


def check_folder(path: str) -> None:
    """Tell before any work that an output has no place.

    Raises:
        click.UsageError: its folder is not there, or it is a folder itself.

    """
    folder = os.path.dirname(path)
    if path != "-" and folder and not os.path.isdir(folder):
        raise click.UsageError(f"-o {path}: there is no folder {folder}.")
    if path != "-" and os.path.isdir(path):
        raise click.UsageError(f"-o {path}: this is a folder; name a file in it.")


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


def deliver(report: Report, plan: list[tuple[str, str]], *, fail_on: FailOn, **how: Any) -> int:
    """Render and write each output and return the exit code, 3 where one could not be written."""
    return exit_code(report, fail_on) if write_all(report, plan, fail_on=fail_on, **how) else EXIT_INCOMPLETE


def write_all(report: Report, plan: list[tuple[str, str]], *, rescue: bool = True, **how: Any) -> bool:
    """Render and write each output and return whether all could be; what could not is told on stderr.

    Where only files were asked for and one failed, the report goes to stdout, so that what was
    gathered is not lost; on a terminal as text; not without `rescue`, where stdout is a monitor's. Files that hold what redaction would hide are readable by their owner only.
    `how` are fields of RenderOptions: verbose, max_chars, fail_on.
    """
    failed = [(format_, path) for format_, path in plan if not _write_one(report, format_, path, how)]
    if failed and rescue and all(path != "-" for _, path in plan):
        _write_one(report, "text" if _on_terminal() else failed[0][0], "-", how)
    return not failed


def tell_interrupted(report: Report, plan: list[tuple[str, str]]) -> None:
    """Say on stderr that a run was broken off and where what it had gathered lies: files alone would end it without a word."""
    for reason in report.incomplete:
        if reason.startswith("interrupted"):
            where = ", ".join(path for _, path in plan if path != "-")
            click.echo(
                f"fwaudit: {reason}; what was gathered until then {f'is in {where}' if where else 'stands above'}",
                err=True,
            )
            return


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _write_one(report: Report, format_: str, path: str, how: dict[str, Any]) -> bool:
    from msgspec.structs import replace

    from auditor.cli.output import OutputError, write
    from auditor.render import RenderOptions, detect, render

    options = detect(sys.stdout) if path == "-" else RenderOptions(width=100, colour=False, unicode=True)
    try:
        write(path, render(report, format_, replace(options, **how)), private=not report.redaction.enabled)
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return False
    return True
