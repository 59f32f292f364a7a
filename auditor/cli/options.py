"""What several commands share: options of the interpreter, the choice and the report, and what is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from auditor.audit.request import Request
    from auditor.knowledge.goals import Goal
    from auditor.model.report import Report

LONGEST_S = 86400.0  # of sustained load: a burn-in of a day
LEAST_SALT = 16  # bytes: fewer could be guessed, and with them every hash


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the audited interpreter."""
    for option in (
        click.option("--conda-env", metavar="NAME", help="Audit the interpreter of this conda environment."),
        click.option("--venv", metavar="DIR", help="Audit the interpreter of this virtual environment."),
        click.option("--python", metavar="PATH", help="Audit this interpreter."),
    ):
        function = option(function)
    return function


def choice_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that the choice between frameworks rests on, beside the goals."""
    team = click.option(
        "--team", multiple=True, metavar="FRAMEWORK", help="What the team knows; may be repeated."
    )
    keep = click.option("--keep", multiple=True, metavar="NAME",
                        help="What must not change, such as keras-code or onnx-target (`fwaudit list kept`); may be repeated.")  # fmt: skip
    claims = click.option("--criteria", type=click.Choice(["published", "today"]), default="today", show_default=True,
                          help="Weigh the comparison as it was published, or as it holds today.")  # fmt: skip
    return claims(keep(team(function)))


def duration_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --duration, which `sustained` reads."""
    add = click.option(
        "--duration", metavar="TIME", help="How long sustained load lasts (level deep), such as 90s or 5m."
    )
    return add(function)


def sustained(text: str | None) -> float | None:
    """Return the seconds that --duration asks for.

    Raises:
        click.UsageError: no time, or none that a burn-in takes.

    """
    if text is None:
        return None
    from auditor.preflight.request import duration

    told = duration(text, 1.0, LONGEST_S)
    if told.problem:
        msg = f"--duration: {told.problem}"
        raise click.UsageError(msg)
    return told.seconds


def output_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add -o, which may be repeated: several formats in one run."""
    add = click.option("-o", "--output", "outputs", multiple=True, metavar="FILE",
                       help="Write to FILE, format by suffix; may be repeated.")  # fmt: skip
    return add(function)


def report_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --max-chars, --flat, --show-redactions and --redact-salt."""
    for option in (
        click.option("--redact-salt", metavar="FILE", help="Key of hashes: reports made with one file correlate."),
        click.option("--show-redactions", is_flag=True, help="Say on stderr what was hidden, by category and count."),
        click.option("--flat", is_flag=True, help="Markdown without folded parts: for Jira, which shows HTML as text."),
        click.option("--max-chars", type=click.IntRange(min=2_000), default=60_000, show_default=True, metavar="N",
                     help="Most characters of Markdown."),
    ):  # fmt: skip
        function = option(function)
    return function


def site_key(path: str | None) -> bytes:
    """Return the content of the file that --redact-salt names, b"" where none is named.

    Raises:
        click.UsageError: it cannot be read, or is too short to be a secret.

    """
    if path is None:
        return b""
    from auditor.cli import source

    key = source.read(path).strip()
    if len(key) < LEAST_SALT:
        raise click.UsageError(
            f"--redact-salt {path}: {len(key)} bytes are no secret; give {LEAST_SALT} or more"
        )
    return key


def tell_redactions(report: Report, *, foreign: bool = False) -> None:
    """Say on stderr what was hidden, and how far its hashes correlate; `foreign` was stored unredacted."""
    from auditor.render.parts.closing import hidden

    within = {
        "site": "hashes correlate between all reports made with the same --redact-salt",
        "machine": "hashes correlate between the reports of this machine",
        "run": "hashes hold within this one report: "
        + (
            "their key is made for this run, as it is not known to be of this machine"
            if foreign
            else "there is no /etc/machine-id to make a lasting key from"
        ),
    }
    meaning = within.get(report.redaction.key, "") if report.redaction.enabled else ""
    click.echo(f"fwaudit: {hidden(report)}" + (f"; {meaning}" if meaning else ""), err=True)


def warn_unredacted() -> None:
    """Say on stderr that nothing is hidden, as --no-redact asked."""
    click.echo("fwaudit: --no-redact: names, addresses and serials are not hidden", err=True)


def working_directory() -> str:
    """Return the folder from which the user works."""
    try:
        return os.getcwd()
    except OSError:
        return "/"  # the working directory was removed under us


def config_file() -> str:
    """Return the file that options were taken from, "" where there is none."""
    context = click.get_current_context(silent=True)  # none while a shell completes a word
    config = context.meta.get("auditor.config") if context else None
    return config.path if config is not None else ""


def every_goal() -> Mapping[str, Goal]:
    """Return the goals of the rules and those of the project's own file.

    Raises:
        click.UsageError: the file says what no goal can hold.

    """
    from auditor.knowledge.criteria import load_criteria
    from auditor.knowledge.goals import load_goals
    from auditor.knowledge.own import load_own, own_goals
    from auditor.knowledge.words import KnowledgeError

    criteria = load_criteria()
    try:
        own, path = load_own(working_directory(), config_file() or None)
        return {**load_goals(criteria), **own_goals(own, path, criteria)}
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error


def from_file() -> dict[str, Any]:
    """Return what a report tells of the file: its path and the options that count; nothing where there is none."""
    if not config_file():
        return {}
    from auditor.cli.config import taken

    return {"file": config_file(), "options": taken(click.get_current_context())}


def requested(options: Mapping[str, Any], **more: Any) -> Request:
    """Return what the user asked for: every option that bears the name of a field of Request, and `more`."""
    from auditor.audit.request import Request

    given = {name: options[name] for name in Request.__struct_fields__ if name in options}
    here = {"cwd": working_directory(), "config": config_file(), "settings": from_file()}
    return Request(**{**here, **given, **more})
