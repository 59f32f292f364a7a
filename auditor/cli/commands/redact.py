"""`fwaudit redact`: the same redaction for any text."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from auditor.cli import source
from auditor.cli.options import site_key
from auditor.cli.output import OutputError, write
from auditor.cli.pasted import as_utf8
from auditor.redaction import Redactor


@click.command("redact")
@click.argument("file", default="-")
@click.option("-o", "--output", default="-", metavar="FILE", help="Write to FILE instead of stdout.")
@click.option("--show-redactions", is_flag=True, help="Say on stderr what was hidden, by category and count.")
@click.option(
    "--redact-salt", metavar="FILE", help="Key of hashes: texts and reports made with one file correlate."
)
def command(file: str, output: str, redact_salt: str | None, *, show_redactions: bool) -> int:
    """Clean FILE ("-" for stdin): a pasted text, a log, a report, a recording.

    Names of this machine and its user are hidden, and whatever looks like an address, a serial
    number, a UUID or a credential.
    """
    from auditor.cli.delivery import check_folder

    check_folder(output)
    key = site_key(redact_salt)
    from auditor.audit.redacted import redactor_for
    from auditor.host.live import LiveHost

    data = as_utf8(source.read(file))
    if data is None:
        raise click.UsageError(f"{file}: this is binary, not text, and nothing in it would be found")
    redactor = knowing(redactor_for(LiveHost(), key), data)
    text = _shown(cleaned(data, redactor), output)
    try:
        write(output, text)
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return 3
    if show_redactions:
        hidden = ", ".join(f"{name} {n}" for name, n in sorted(redactor.counts.items()))
        click.echo(f"fwaudit: hidden: {hidden or 'nothing'}", err=True)
    return 0


def _shown(text: str, output: str) -> str:
    """Return a text as it is for a file or a pipe; on a terminal nothing in it may act."""
    if output != "-" or sys.stdout is None or not sys.stdout.isatty():
        return text
    from auditor.render.inert import inert

    return inert(text)


def knowing(redactor: Redactor, data: bytes) -> Redactor:
    """Return a redactor that also knows the users and hosts of whom the text itself tells."""
    from msgspec.structs import replace

    from auditor.redaction.places import names_in

    own = redactor.identity
    users, hosts = names_in(data.decode("utf-8", "replace"))
    return Redactor(replace(own, users=(*own.users, *users), hosts=(*own.hosts, *hosts)))


def cleaned(data: bytes, redactor: Redactor) -> str:
    """Return the text redacted; a report or a recording of ours by its facts, anything else by patterns."""
    text = data.decode("utf-8", "surrogateescape")
    if text.lstrip()[:1] == "{":
        return _ours(data, redactor) or redactor.text(text)
    return redactor.text(text)


def _ours(data: bytes, redactor: Redactor) -> str | None:
    from auditor.model.stored import StoredError, decode_report
    from auditor.redaction import redact_report, redact_snapshot
    from auditor.render import render

    try:
        return render(redact_report(decode_report(data), redactor), "json")
    except StoredError:
        pass
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or "snapshot_version" not in value:
        return None
    redacted = redact_snapshot(value, redactor)
    redactor.counts.update(redacted["redaction"]["counts"])
    return json.dumps(redacted, sort_keys=True, indent=1) + "\n"
