"""`fwaudit plan`: which build runs here, or on a machine that is described, and what to type."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import choice_options, requested, target_options

if TYPE_CHECKING:
    from auditor.audit.advise import Advice
    from auditor.engine.planning.wish import Wish

FRAMEWORKS = ("pytorch", "tensorflow", "jax", "both")
FORMS = ("pip", "uv", "conda", "requirements", "pyproject", "dockerfile")
NOT_POSSIBLE = 1


@click.command("plan")
@click.option("--goal", "goals", multiple=True, metavar="GOAL[=WEIGHT]",
              help="What you want to do; may be repeated.")  # fmt: skip
@click.option(
    "--framework", type=click.Choice(FRAMEWORKS), help="Plan for this framework, whatever the goals rank."
)
@click.option("--assume", multiple=True, metavar="KEY=VALUE",
              help="Take a fact as given (gpu, driver, python, os, arch, glibc, gfx or any fact); may be repeated.")  # fmt: skip
@click.option(
    "--snapshot", metavar="FILE", help="Plan for a machine by its recording (`fwaudit capture`) or report."
)
@click.option("--root", metavar="DIR", help="Plan for a captured tree.")
@target_options
@choice_options
@click.option(
    "--pin", "pins", multiple=True, metavar="NAME=VERSION", help="Fix a choice, such as torch=2.13.0."
)
@click.option("--with", "requirements", multiple=True, metavar="REQUIREMENT",
              help="A package that must come along, such as 'torchvision>=0.25'.")  # fmt: skip
@click.option("--output-as", "form", type=click.Choice(FORMS), help="Print the plan in this form alone.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
@click.option(
    "--index-check", is_flag=True, help="Ask the index whether each file exists (uses the network)."
)
@click.option("-v", "--verbose", is_flag=True, help="Show every build that was rejected, too.")
@click.option("--no-redact", is_flag=True, help="Write names and folders as they are.")
def command(**options: Any) -> int:
    """Plan an installation: the newest build that this machine, or a described one, truly runs.

    Once a card, driver, system or architecture is assumed, nothing of this machine is read.
    Exit code: 0 a build fits, 1 none does, 2 usage.
    """
    advice = _advice(options)
    _print(advice, options)
    return 0 if advice.plan.possible else NOT_POSSIBLE


def _advice(options: dict[str, Any]) -> Advice:
    from auditor.audit.assume import AssumptionError
    from auditor.audit.hosts import HostError
    from auditor.engine.planning.wish import WishError
    from auditor.knowledge.loading import KnowledgeError
    from auditor.target.select import TargetError

    named = [name for name in ("python", "venv", "conda_env", "root", "snapshot") if options[name]]
    if len(named) > 1:
        raise click.UsageError(
            f"--{named[0]} and --{named[1].replace('_', '-')} name two machines; give one."
        )
    try:
        return _advised(options)
    except (AssumptionError, HostError, KnowledgeError, TargetError, WishError) as error:
        raise click.UsageError(str(error) if options["no_redact"] else _public(str(error))) from error


def _public(message: str) -> str:
    """Return a message without the credentials that a requirement's address may hold."""
    from auditor.redaction import Identity, Redactor

    return Redactor(Identity()).text(message)


def _advised(options: dict[str, Any]) -> Advice:
    from auditor.audit.advise import advise, redacted_advice
    from auditor.audit.hosts import open_host
    from auditor.audit.workspace import workspace

    request = requested(options, level="none")
    host = open_host(options["root"], options["snapshot"])
    with workspace() as tmpdir:
        advice = advise(
            request,
            host,
            tmpdir,
            options["framework"] or "",
            _wish(options),
            options["form"] or "",
            options["index_check"],
        )
    return advice if options["no_redact"] else redacted_advice(advice, host)


def _wish(options: dict[str, Any]) -> Wish:
    from auditor.engine.planning.wish import parse_pin, parse_requirement, wished

    return wished(
        [parse_pin(text) for text in options["pins"]],
        [parse_requirement(text) for text in options["requirements"]],
    )


def _print(advice: Advice, options: dict[str, Any]) -> None:
    import msgspec

    from auditor.cli.output import OutputError, write
    from auditor.render.options import detect
    from auditor.render.plan import render

    look = msgspec.structs.replace(detect(sys.stdout), verbose=options["verbose"])
    as_is = options["form"] and options["format_"] == "text" and advice.plan.possible
    text = advice.plan.output if as_is else render(advice.plan, options["format_"], look)
    try:
        write("-", text)
    except OutputError as error:
        raise click.ClickException(str(error)) from error
