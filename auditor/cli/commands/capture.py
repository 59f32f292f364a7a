"""`fwaudit capture`: record what the probes read of this machine, for replay anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from auditor import __version__
from auditor.cli.options import target_options, warn_unredacted
from auditor.cli.progress import Progress
from auditor.cli.signals import interruptible


@click.command("capture")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write the recording (JSON).")
@target_options
@click.option("--root", metavar="DIR", help="Record a captured tree instead of this machine.")
@click.option("--no-redact", is_flag=True, help="Keep names, addresses and serials as they are.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(**options: Any) -> int:
    """Record this machine for `fwaudit scan --snapshot FILE`, redacted.

    Nothing is recorded but what the probes asked for and what the machine answered.
    """
    from auditor.cli.delivery import check_folder

    check_folder(options["output"])
    from auditor.audit.capture import capture
    from auditor.audit.hosts import HostError, open_host
    from auditor.audit.workspace import workspace
    from auditor.cli.options import requested
    from auditor.cli.output import OutputError, write
    from auditor.target.select import TargetError

    try:
        with Progress(quiet=options["quiet"]) as progress, interruptible(), workspace() as tmpdir:
            request = requested(options, level="none", progress=progress.say)
            recorded = capture(request, open_host(options["root"]), tmpdir, redact=not options["no_redact"])
    except (HostError, TargetError) as error:
        raise click.UsageError(str(error)) from error
    recorded["tool"] = f"fwaudit {__version__}"
    recorded["created"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if options["no_redact"]:
        warn_unredacted()
    text = msgspec.json.format(msgspec.json.encode(recorded, order="sorted"), indent=1).decode() + "\n"
    try:
        write(options["output"], text, private=options["no_redact"])
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return 3
    return 0
