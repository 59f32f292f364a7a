"""`fwaudit show`: a stored report in any format."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import delivery, source
from auditor.cli.options import output_option, report_options, site_key, tell_redactions, warn_unredacted
from auditor.model.report import Report


@click.command("show")
@click.argument("file")
@click.option(
    "--format", "format_", metavar="FORMAT", help="text (default), json, markdown, html, junit or prometheus."
)
@output_option
@click.option("-v", "--verbose", is_flag=True, help="Show every fact, check and timing.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "note", "never"]), help="Exit as scan would have."
)
@click.option(
    "--no-redact", is_flag=True, help="Show names, addresses and serials where the report holds them."
)
@report_options
def command(file: str, **options: Any) -> int:
    """Show the stored report FILE ("-" for stdin) in any format; of a recording, the report on it.

    A report that was stored without redaction is redacted now. The exit code is 0, or with
    --fail-on that of the scan.
    """
    plan = delivery.plan_outputs(options["format_"], options["outputs"])
    key = site_key(options["redact_salt"])
    report = load(file, recordings=True)
    if key and report.redaction.enabled:
        click.echo(
            "fwaudit: --redact-salt: this report was redacted before; its hashes stay as they are", err=True
        )
    foreign = not report.redaction.enabled
    if options["no_redact"] and not report.redaction.enabled:
        warn_unredacted()
    elif not options["no_redact"]:
        report = redacted(report, key)
    if options["show_redactions"]:
        tell_redactions(report, foreign=foreign)
    how = {name: options[name] for name in ("verbose", "max_chars", "flat")}
    if options["fail_on"]:
        return delivery.deliver(report, plan, fail_on=options["fail_on"], **how)
    return 0 if delivery.write_all(report, plan, **how) else 3


def redacted(report: Report, key: bytes) -> Report:
    """Return a stored report as it may be made public, `key` making its hashes; a redacted one as it is."""
    from msgspec.structs import replace

    from auditor.redaction import Redactor, identity_of, redact_report

    return redact_report(report, Redactor(replace(identity_of(report), site_key=key)))


def load(file: str, *, recordings: bool = False) -> Report:
    """Return a stored report; with `recordings` that on a recording or a block of fwaudit-collect.py, too.

    Raises:
        click.UsageError: it cannot be read or is none; says what is wrong, and where.

    """
    from auditor.model.stored import StoredError, decode_report

    data = source.text(file)
    try:
        return decode_report(data)
    except StoredError as error:
        if recordings and (b"BEGIN FWAUDIT COLLECT" in data or "a recording" in str(error)):
            return _audited(data, file)
        raise click.UsageError(f"{file}: {error}") from error


def _audited(data: bytes, file: str) -> Report:
    from auditor.audit.hosts import HostError, decode_snapshot
    from auditor.audit.pipeline import audit
    from auditor.audit.request import Request
    from auditor.host.recording import SnapshotHost

    try:
        return audit(Request(cwd="/", level="none"), SnapshotHost(decode_snapshot(data, file)), None)
    except HostError as error:
        raise click.UsageError(str(error)) from error
