"""`fwaudit preflight`: may a job start on this node?"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.gatekeeper import disabled, syslog
from auditor.cli.output import tell

if TYPE_CHECKING:
    from auditor.host.protocol import Host
    from auditor.preflight.gate import Result
    from auditor.preflight.request import Request

_BEFORE = 0.05  # seconds that the interpreter and click take, where the kernel does not tell


@click.command("preflight")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME|FILE",
    help="What this node must be; several merge, the later wins.",
)
@click.option(
    "--budget",
    default="2s",
    show_default=True,
    metavar="TIME",
    help="Time for all checks, such as 2s or 500ms.",
)
@click.option(
    "--dialect",
    type=click.Choice(["posix", "nagios", "npd", "slurm"]),
    default="posix",
    show_default=True,
    help="Whose exit codes to speak.",
)
@click.option(
    "--unknown",
    type=click.Choice(["pass", "warn", "fail"]),
    default="warn",
    show_default=True,
    help="What a check that could not be made means.",
)
@click.option(
    "--only", multiple=True, metavar="CHECK", help="Only these checks (names or codes, comma-separated)."
)
@click.option("--skip", multiple=True, metavar="CHECK", help="Not these checks.")
@click.option(
    "--intent",
    "intents",
    multiple=True,
    metavar="WORD",
    help="The kind of job: checks for other kinds do not apply.",
)
@click.option("--observe", is_flag=True, help="Report, but always exit 0.")
@click.option(
    "--strict", is_flag=True, help="With --dialect slurm: fail on unknown, usage errors and own defects too."
)
@click.option("--root", metavar="DIR", help="Check a captured tree.")
@click.option(
    "--snapshot", metavar="FILE", help="Check a machine by its recording (`fwaudit capture`) or report."
)
@click.option("--python", metavar="PATH", help="The job's interpreter, for profiles that name packages.")
@click.option("--format", "format_", metavar="FORMAT", help="text (default), json, ...")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write a report to FILE, format by suffix.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show what passed, too.")
@click.option("--no-redact", is_flag=True, help="Write names, addresses and serials as they are.")
def command(**options: Any) -> int:  # fmt: skip
    """Check whether a job may start on this node; one line says why not.

    Without a profile only what is never acceptable is judged. Exit codes by dialect: docs/preflight.md.
    FWAUDIT_DISABLE=1 or the file /etc/fwaudit/disabled passes at once.
    """
    switch = disabled()
    if switch:
        return _passed_unseen(switch, options)
    from auditor.cli.signals import interruptible
    from auditor.host.processes import kill_all

    with interruptible():
        try:
            return _run(options)
        except KeyboardInterrupt:
            kill_all()
            raise


def _passed_unseen(switch: str, options: dict[str, Any]) -> int:
    """Let the job start, and say in every place that was asked for that nothing was looked at."""
    line = f"fwaudit: disabled by {switch}: passed without a look"
    plan = _plan(options)
    if plan:
        from auditor.cli.delivery import write_all
        from auditor.preflight.outcome import unseen

        write_all(unseen(line, options["dialect"]), plan, rescue=False)
    if all(path != "-" for _, path in plan):
        tell(f"OK - {line}" if options["dialect"] == "nagios" else line)
    return 0


def _run(options: dict[str, Any]) -> int:
    from auditor.audit.hosts import HostError, open_host
    from auditor.knowledge.loading import KnowledgeError
    from auditor.preflight.dialects import exit_code
    from auditor.preflight.gate import preflight

    plan = _plan(options)
    if options["root"] and options["snapshot"]:
        raise click.UsageError("--root and --snapshot name two machines; give one.")
    request = _request(options)
    try:
        host = open_host(options["root"], options["snapshot"])
        result = preflight(request, host)
    except (HostError, KnowledgeError) as error:
        raise click.UsageError(str(error)) from error
    code = exit_code(
        _outcome(result, request), request.dialect, strict=request.strict, observe=request.observe
    )
    return _deliver(result, request, host, code, plan, options)


def _plan(options: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the formats and places, told wrong before any work."""
    if options["format_"] in (None, "text") and not options["outputs"]:
        return []
    from auditor.cli.delivery import plan_outputs

    return plan_outputs(options["format_"], options["outputs"])


def _request(options: dict[str, Any]) -> Request:
    from auditor.preflight.request import Request, duration

    budget = duration(options["budget"])
    if budget.problem:
        raise click.UsageError(f"--budget: {budget.problem}")
    import os

    return Request(
        profiles=options["profiles"],
        budget=budget.seconds,
        started=time.monotonic() - _age(),
        dialect=options["dialect"],
        unknown=options["unknown"],
        only=_words(options["only"]),
        skip=_words(options["skip"]),
        intents=_words(options["intents"]),
        strict=options["strict"],
        observe=options["observe"],
        cwd=os.environ.get("PWD", "/"),
        python=options["python"],
    )


def _age() -> float:
    """Return how many seconds ago this process began (the 22nd field of proc_pid_stat(5), in ticks)."""
    import os

    try:
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as stream:
            ticks = int(stream.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return _BEFORE
    return age if 0 <= age < 60 else _BEFORE  # a container may show another clock


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def _outcome(result: Result, request: Request) -> Any:
    """Return the outcome whose exit code counts: unknown keeps its own unless it means pass or fail."""
    told = result.verdict
    if told.word != "unknown" or (request.dialect == "slurm" and request.unknown != "pass"):
        strict_fail = request.strict and request.unknown == "fail"
        return "fail" if told.word == "unknown" and strict_fail else told.word
    return {"warn": "unknown"}.get(request.unknown, told.under(request.unknown))


def _deliver(
    result: Result,
    request: Request,
    host: Host,
    code: int,
    plan: list[tuple[str, str]],
    options: dict[str, Any],
) -> int:
    from auditor.knowledge.profiles import NOTHING
    from auditor.preflight.site import shown
    from auditor.preflight.text import details, headline

    for name in result.empty:
        click.echo(f"fwaudit: {name}: {NOTHING}", err=True)
    whole, result = result, shown(result, host, open_=options["no_redact"])
    line = headline(result, request)
    written = not plan or _write(whole, request, host, code, plan, options)
    if not written and not result.verdict.failed:
        return _tool_failed(request)
    if not plan or all(path != "-" for _, path in plan):
        tell(line)
    if not plan and (request.dialect == "posix" or options["verbose"]):
        for text in details(result, verbose=options["verbose"]):
            tell(text) if request.dialect == "posix" else click.echo(text, err=True)
    if request.dialect == "slurm" and result.verdict.word != "pass":
        click.echo(line, err=True)
        if host.live:
            syslog(line)
    sys.stdout.flush()
    return code


def _tool_failed(request: Request) -> int:
    """Return the code of a report that could not be written; a proved failure stands all the same."""
    from auditor.cli.gatekeeper import say
    from auditor.preflight.dialects import exit_code

    say("the report could not be written; nothing failed on the node", sys.argv[1:])
    return exit_code("tool", request.dialect, strict=request.strict, observe=request.observe)


def _write(
    result: Result,
    request: Request,
    host: Host,
    code: int,
    plan: list[tuple[str, str]],
    options: dict[str, Any],
) -> bool:
    from auditor.cli.delivery import write_all
    from auditor.preflight.outcome import report

    told = report(result, request, host, code)
    if not options["no_redact"]:
        from auditor.audit.redacted import redacted

        hidden = redacted(told, host)
        if result.redact == "site":
            from auditor.preflight.site import report_for_site

            hidden = report_for_site(told, hidden)
        told = hidden
    return write_all(told, plan, rescue=request.dialect == "posix", verbose=options["verbose"])
