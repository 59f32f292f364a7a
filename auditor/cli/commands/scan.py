"""`fwaudit scan`: the whole audit."""

from __future__ import annotations

import sys
from typing import Any

import click

from auditor.cli.options import (
    choice_options,
    duration_option,
    output_option,
    report_options,
    requested,
    site_key,
    sustained,
    target_options,
    tell_redactions,
    warn_unredacted,
)
from auditor.cli.progress import Progress
from auditor.cli.signals import interruptible
from auditor.model.smoke import LEVELS


@click.command("scan")
@click.option(
    "--goal", "goals", multiple=True, metavar="GOAL[=WEIGHT]", help="What you want to do; may be repeated."
)
@choice_options
@click.option(
    "--level", type=click.Choice(LEVELS), default="quick", show_default=True, help="How much to try out."
)
@duration_option
@target_options
@click.option(
    "--root", metavar="DIR", help="Audit a captured tree (/proc, /sys, /etc, /dev) instead of this machine."
)
@click.option(
    "--snapshot",
    metavar="FILE",
    help="Audit a recording of `fwaudit capture`, or a report, instead of this machine.",
)
@click.option("--assume", multiple=True, metavar="KEY=VALUE", help="Take a fact as given; may be repeated.")
@click.option("--busy", is_flag=True, help="Try GPUs that other people are using, too.")
@click.option(
    "--cloud-metadata", is_flag=True, help="Ask the cloud's metadata server (the only network use)."
)
@click.option("--all-envs", is_flag=True, help="List every environment nearby that holds a framework.")
@click.option(
    "--rules-dir", "rules_dirs", multiple=True, metavar="DIR", help="Add a folder of your own rule cards."
)
@click.option(
    "--ignore", multiple=True, metavar="ID=REASON", help="Show a finding as waived, with the reason."
)
@click.option("--fail-on", type=click.Choice(["error", "warning", "note", "never"]), default="error", show_default=True,
              help="Least severity that makes the exit code 1.")  # fmt: skip
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    help="text (default), json, markdown, html, junit or prometheus, on stdout.",
)
@output_option
@click.option("-v", "--verbose", is_flag=True, help="Show every fact, check and timing.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.option("--no-redact", is_flag=True, help="Write names, addresses and serials as they are.")
@report_options
def command(**options: Any) -> int:
    """Audit this machine: what works, what is broken and how to mend it, and what to use.

    Exit code: 0 nothing at or above --fail-on, 1 findings at or above it, 2 usage,
    3 the audit could not be completed.
    """
    from auditor.cli import delivery

    plan = delivery.plan_outputs(options["format_"], options["outputs"])
    if options["root"] and options["snapshot"]:
        raise click.UsageError("--root and --snapshot name two machines; give one.")
    named = [name for name in ("python", "venv", "conda_env") if options[name]]
    if len(named) > 1:
        raise click.UsageError(
            f"--{named[0]} and --{named[1].replace('_', '-')} both choose an interpreter; give one."
        )
    options["duration"] = sustained(options["duration"])
    options["site_key"] = site_key(options["redact_salt"])
    with interruptible():
        with Progress(quiet=options["quiet"]) as progress:
            report = _audit(options, progress)
        if options["show_redactions"]:
            tell_redactions(report)
        how = {name: options[name] for name in ("verbose", "max_chars", "flat", "fail_on")}
        code = delivery.deliver(report, plan, **how)
        delivery.tell_interrupted(report, plan)
        return code


def _audit(options: dict[str, Any], progress: Progress) -> Any:
    from auditor.audit.assume import AssumptionError
    from auditor.audit.hosts import HostError, open_host
    from auditor.audit.pipeline import audit
    from auditor.audit.workspace import workspace
    from auditor.cli.waivers import waivers
    from auditor.knowledge.loading import KnowledgeError
    from auditor.target.select import TargetError

    try:
        host = open_host(options["root"], options["snapshot"])
        request = requested(
            options,
            ignore=waivers(options["ignore"]),
            duration_s=options["duration"],
            progress=progress.say,
        )
        with workspace() as tmpdir:
            report = audit(request, host, tmpdir)
        if options["no_redact"]:
            if sys.stderr.isatty() or options["outputs"]:
                warn_unredacted()
            return report
        from auditor.audit.redacted import redacted  # by now it was imported while children worked

        return redacted(report, host, options["site_key"])
    except (AssumptionError, HostError, TargetError, KnowledgeError) as error:
        raise click.UsageError(str(error)) from error
