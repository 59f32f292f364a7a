"""`fwaudit compare`: what differs between machines or times, and which difference matters."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import output_option, site_key, warn_unredacted

if TYPE_CHECKING:
    from auditor.compare.differences import Comparison

_FORMATS = ("text", "json", "html")


@click.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="A B...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="text (default), json or html; else by the suffix of -o.",
)
@output_option
@click.option(
    "--tolerance", metavar="SHARE",
    help="Compare measured rates too; figures within this share (0.1 or 10%) are alike.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="List what seldom matters and what always varies, too.")
@click.option(
    "--no-redact", is_flag=True, help="Show names, addresses and serials where a report holds them."
)
@click.option("--redact-salt", metavar="FILE", help="Key of hashes: reports made with one file correlate.")
def command(files: tuple[str, ...], format_: str | None, outputs: tuple[str, ...], **options: Any) -> int:
    """Compare stored reports or recordings: what differs, ranked by whether it matters, and the findings it explains.

    Exit code: 0 the same (but for what always varies, such as uptime), 1 they differ.
    """
    plan = _plan(format_, outputs)
    if len(files) < 2:
        raise click.UsageError(
            "compare needs two reports or recordings, or more, such as good.json bad.json."
        )
    from auditor.compare.differences import compare

    tolerance = share(options["tolerance"])
    comparison = compare(_told(files, options), tolerance)
    if options["no_redact"]:
        warn_unredacted()
    verbose, private = options["verbose"], options["no_redact"]
    written = [
        _written(path, _rendered(comparison, form, path, verbose=verbose), private=private)
        for form, path in plan
    ]
    return max(written) or (0 if comparison.same else 1)


def _plan(format_: str | None, outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (format, destination) pairs.

    Raises:
        click.UsageError: a suffix that names none, or a format that a comparison is not written in.

    """
    from auditor.cli.delivery import plan_outputs

    plan = plan_outputs(format_, outputs)
    for form, path in plan:
        if form not in _FORMATS:
            raise click.UsageError(f"-o {path}: compare writes {', '.join(_FORMATS)}, not {form}.")
    return plan


def _told(files: tuple[str, ...], options: dict[str, Any]) -> list[Any]:
    """Return what each report tells; only one report is in memory at a time."""
    from auditor.audit.identity import machine_key
    from auditor.cli.commands.show import load, redacted
    from auditor.compare.told import Pool, told
    from auditor.host.live import LiveHost

    # one key for all: what is alike must stay so when it is hidden
    # that of this machine, so that a report of it which was redacted by its scan is alike too
    pool, key = Pool(), site_key(options["redact_salt"]) or machine_key(LiveHost()).encode() or os.urandom(32)
    found = []
    for file in files:
        report = load(file, recordings=True)
        found.append(told(file, report if options["no_redact"] else redacted(report, key), pool))
    return found


def share(text: str | None) -> float | None:
    """Return the share that --tolerance gives.

    Raises:
        click.UsageError: no share from 0 to 1.

    """
    if text is None:
        return None
    try:
        share = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise click.UsageError(f"--tolerance {text}: expected a share from 0 to 1, such as 0.1 or 10%.")
    return share


def _rendered(comparison: Comparison, format_: str, output: str, *, verbose: bool) -> str:
    if format_ == "html":
        from auditor.compare.page import html

        return html(comparison)
    if format_ == "json":
        from auditor.render.json import written

        return written(comparison)
    from msgspec.structs import replace

    from auditor.compare.text import text
    from auditor.render import RenderOptions, detect

    how = detect(sys.stdout) if output == "-" else RenderOptions(width=100)
    return text(comparison, replace(how, verbose=verbose))


def _written(output: str, text: str, *, private: bool) -> int:
    from auditor.cli.output import OutputError, write

    try:
        write(output, text, private=private)
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return 3
    return 0
