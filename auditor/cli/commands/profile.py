"""`fwaudit profile`: learn one from a good node, test it against a machine, find its mistakes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.output import tell

if TYPE_CHECKING:
    from auditor.host.protocol import Host
    from auditor.model.fact import Facts

_ROOT = click.option("--root", metavar="DIR", help="A captured tree instead of this machine.")
_SNAPSHOT = click.option(
    "--snapshot", metavar="FILE", help="A machine by its recording (`fwaudit capture`) or report."
)


@click.group("profile")
def command() -> None:
    """Profiles say what a node must be before a job starts (`fwaudit preflight --profile`)."""


@command.command("learn")
@click.argument("report", required=False, metavar="[REPORT.json]")
@_ROOT
@_SNAPSHOT
@click.option("--name", default="learnt", show_default=True, help="The profile's name.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write it (stdout).")
def learn(report: str | None, root: str | None, snapshot: str | None, name: str, output: str) -> int:
    """Write a profile from a node that is known to be good, or from its report, with tolerances."""
    from auditor.cli.output import OutputError, write
    from auditor.preflight.learn import doubts, profile_text

    host = None if report else _host(root, snapshot)
    facts = _of_machine(host) if host else _of_report(str(report))
    text = profile_text(name, facts, time.strftime("%Y-%m-%d"))
    try:
        write(output, text)
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return 3
    for doubt in doubts(text, facts, host):
        click.echo(f"fwaudit: warning: the node that taught this fails it: {doubt}", err=True)
    return 0


def _of_report(path: str) -> Facts:
    from auditor.cli.source import read
    from auditor.model.fact import Facts
    from auditor.model.stored import StoredError, decode_report

    try:
        return Facts(decode_report(read(path)).facts)
    except StoredError as error:
        raise click.UsageError(f"{path}: {error}") from error


def _of_machine(host: Host) -> Facts:
    from auditor.audit.gather import gather
    from auditor.model.fact import Facts, call, known
    from auditor.preflight.learn import LESSONS, LISTS
    from auditor.preflight.sources import probes_of

    seed = Facts({"request.look": known({}, call("profile learn"))})
    keys = [lesson.fact for lesson in LESSONS]
    probes = probes_of([*keys, "gpu[i].name", *LISTS], seed)
    return gather(probes, host, seed)[0]


def _host(root: str | None, snapshot: str | None) -> Host:
    from auditor.audit.hosts import HostError, open_host

    if root and snapshot:
        raise click.UsageError("--root and --snapshot name two machines; give one.")
    try:
        return open_host(root, snapshot)
    except HostError as error:
        raise click.UsageError(str(error)) from error


@command.command("test")
@click.argument("profile", metavar="NAME|FILE")
@_ROOT
@_SNAPSHOT
@click.option(
    "--expect",
    type=click.Choice(["pass", "warn", "fail", "unknown"]),
    help="The verdict that it should give.",
)
def test(profile: str, root: str | None, snapshot: str | None, expect: str | None) -> int:
    """Hold a machine against a profile and show every check; exit 1 where the verdict is not the expected one.

    Without --expect, a proved failure is exit 1.
    """
    from auditor.knowledge.loading import KnowledgeError
    from auditor.preflight.gate import preflight
    from auditor.preflight.request import Request
    from auditor.preflight.text import details, headline

    request = Request(profiles=(profile,), started=time.monotonic(), budget=60.0)
    try:
        result = preflight(request, _host(root, snapshot))
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error
    tell(headline(result, request))
    for line in details(result, verbose=True):
        tell(line)
    told = result.verdict.word
    tell(f"  verdict: {told}" + (f", expected {expect}" if expect and expect != told else ""))
    return int(told != expect if expect else told == "fail")


@command.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def lint(files: tuple[str, ...]) -> int:
    """Find mistakes in profiles: line, key, and the nearest valid word. Exit 1 where there is one."""
    from auditor.knowledge.profile_check import hints, problems

    wrong = asked = 0
    for name in files:
        path = Path(name)
        if not path.is_file():
            what = "it is no plain file" if path.exists() else "there is no such file"
            raise click.UsageError(f"{name}: {what}")
        found: list[Any] = problems(path)
        wrong += len(found)
        for line, error in found:
            tell(f"{name}:{line}: " + ": ".join(filter(None, (error.key, error.problem))))
        for line, text in [] if found else hints(path):
            asked += 1
            tell(f"{name}:{line}: perhaps not meant: {text}")
    if not wrong:
        questions = f", {asked} perhaps not meant" if asked else ""
        tell(f"{len(files)} profile{'s' if len(files) > 1 else ''}: no mistakes{questions}")
    return int(bool(wrong))
