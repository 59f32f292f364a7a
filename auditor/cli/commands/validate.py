"""`fwaudit validate`: whether a file is a report or a recording that fwaudit can read."""

from __future__ import annotations

import click

from auditor.cli import source
from auditor.cli.output import tell


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where all are valid.")
def command(files: tuple[str, ...], *, quiet: bool) -> int:
    """Check that each FILE ("-" for stdin) is a report or a recording as its schema describes it, or a fwaudit.toml.

    Exit code: 0 all are, 1 one is not (it is said what is wrong, and where), 2 one cannot be read.
    """
    wrong = 0
    for file in files:
        kind, fault = checked(file, source.text(file))
        wrong += bool(fault)
        if fault:
            click.echo(fault, err=True)
        elif not quiet:
            tell(f"{file}: {kind}")
    return 1 if wrong else 0


def checked(file: str, data: bytes) -> tuple[str, str]:
    """Return what a file is and, where it is not valid, what is wrong."""
    from auditor.model.stored import StoredError, decode_report

    if file.endswith(".toml"):
        return _options(file)
    try:
        report = decode_report(data)
    except StoredError as error:
        fault = f"{file}: {error}"
    else:
        return f"a report, schema version {report.schema_version}, valid", ""
    recorded = "a recording" in fault or b"BEGIN FWAUDIT COLLECT" in data
    return _recording(file, data) if recorded else ("", fault)


def _recording(file: str, data: bytes) -> tuple[str, str]:
    from auditor.audit.hosts import HostError, decode_snapshot

    try:
        decode_snapshot(data, file)
    except HostError as error:
        return "", str(error)
    return "a recording of a machine, valid", ""


def _options(file: str) -> tuple[str, str]:
    from auditor.cli.config_checks import mistakes

    try:
        found = mistakes(file)
    except click.UsageError as error:
        return "", error.message
    return ("", "\n".join(found)) if found else ("options of fwaudit, valid", "")
