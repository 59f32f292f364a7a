"""`fwaudit smoke`: the workloads alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import (
    duration_option,
    requested,
    sustained,
    target_options,
)
from auditor.cli.output import tell
from auditor.cli.progress import Progress
from auditor.cli.signals import interruptible
from auditor.model.report import Report
from auditor.model.smoke import LEVELS

if TYPE_CHECKING:
    from auditor.smoke.catalog import Workload

_FAILED = ("fail", "crash", "timeout")


@click.command("smoke")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--level",
    type=click.Choice(LEVELS[1:]),
    default="standard",
    show_default=True,
    help="How much to try out.",
)
@click.option(
    "--only", multiple=True, metavar="ID", help="Run this workload, whatever its level; may be repeated."
)
@click.option("--skip", multiple=True, metavar="ID", help="Leave this workload out; may be repeated.")
@duration_option
@target_options
@click.option("--busy", is_flag=True, help="Try GPUs that other people are using, too.")
@click.option("--show", is_flag=True, help="Print the script of the workloads named, and run nothing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print the outcome.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(**options: Any) -> int:
    """Run workloads, each of which proves one thing and checks its numbers: all of a level, or those named.

    Exit code: 0 all that ran passed, 1 one failed or the rules found an error, 2 usage,
    3 they could not be run.
    """
    from auditor.smoke.catalog import WorkloadError, choose, load

    named = (*options["ids"], *options["only"])
    duration = sustained(options["duration"])
    try:
        chosen = choose(load(), options["level"], named, options["skip"])
    except WorkloadError as error:
        raise click.UsageError(str(error)) from error
    if options["show"]:
        return _show(chosen, named)
    if not chosen:
        msg = "nothing is left to run: --skip names every workload that was asked for."
        raise click.UsageError(msg)
    with interruptible():
        with Progress(quiet=options["quiet"]) as progress:
            report = _run(options, tuple(workload.id for workload in chosen), duration, progress)
        return _deliver(report, chosen, options["format_"])


def _show(chosen: Sequence[Workload], named: Sequence[str]) -> int:
    """Print scripts that run by themselves."""
    if not named:
        msg = "--show prints the script of a workload: name one; `fwaudit list workloads` shows all."
        raise click.UsageError(msg)
    for workload in chosen:
        with open(workload.path, encoding="utf-8") as stream:
            tell(f"# run it with: python {os.path.basename(workload.path)} [DEVICE]\n{stream.read()}")
    return 0


def _run(
    options: dict[str, Any], asked: tuple[str, ...], duration: float | None, progress: Progress
) -> Report:
    from auditor.audit.hosts import HostError, open_host
    from auditor.audit.pipeline import audit
    from auditor.audit.redacted import redacted
    from auditor.audit.workspace import workspace
    from auditor.target.select import TargetError

    given = [name for name in ("python", "venv", "conda_env") if options[name]]
    if len(given) > 1:
        names = " and ".join("--" + name.replace("_", "-") for name in given)
        raise click.UsageError(f"{names} both choose an interpreter; give one.")
    request = requested(options, workloads=asked, duration_s=duration, progress=progress.say)
    try:
        host = open_host(None, None)
        with workspace() as tmpdir:
            return redacted(audit(request, host, tmpdir), host)
    except (HostError, TargetError) as error:
        raise click.UsageError(str(error)) from error


def _deliver(report: Report, chosen: Sequence[Workload], format_: str) -> int:
    """Print the outcome; every format gives the same exit code."""
    from auditor.cli import delivery
    from auditor.model.verdict import EXIT_FINDINGS, exit_code

    if format_ == "json":
        code = delivery.deliver(report, [("json", "-")], verbose=False, fail_on="error")
    else:
        from auditor.render.options import detect
        from auditor.render.workloads import render

        claims = {workload.id: workload.claim for workload in chosen}
        tell(render(report, claims, detect(sys.stdout)).rstrip("\n"))
        code = exit_code(report)
    failed = any(result.status in _FAILED for result in report.smoke)
    return code or (EXIT_FINDINGS if failed else 0)
