"""The pipeline's stages, one function each; heavy modules are imported by the stage that needs them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from auditor.audit.assume import AssumptionError
from auditor.audit.request import Request
from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.knowledge.loading import KnowledgeError
from auditor.model.fact import Evidence, Fact, Facts, absent, call, computed, known, unknown
from auditor.model.finding import Finding
from auditor.model.recommendation import CriterionResult, Plan, Recommendation
from auditor.model.report import ProbeRun
from auditor.model.smoke import SmokeResult
from auditor.probes.base import ask
from auditor.target.select import Choice, TargetError

if TYPE_CHECKING:
    from auditor.knowledge.card import RuleCard
    from auditor.knowledge.criteria import Criterion
    from auditor.knowledge.goals import Goal
    from auditor.knowledge.kept import Kept
    from auditor.probes.base import Probe
    from auditor.smoke.values import SmokeOutcome

USER_ERRORS = (TargetError, AssumptionError, KnowledgeError)


_REST = (
    "auditor.target.requirements",
    "auditor.engine.derive",
    "auditor.engine.evaluate",
    "auditor.engine.rank",
    "auditor.engine.recommend",
    "auditor.knowledge.cards",
    "auditor.audit.redacted",
)
FRAMEWORKS = ("pytorch", "tensorflow", "jax")


class NoSmoke(msgspec.Struct, frozen=True):
    """No workload was run, now."""

    results: tuple[SmokeResult, ...] = ()
    facts: dict[str, Fact] = {}


NO_SMOKE: SmokeOutcome | NoSmoke = NoSmoke()
NO_FACTS: Mapping[str, Fact] = {}
NO_FINDINGS: tuple[Finding, ...] = ()
NO_RECOMMENDATION: tuple[tuple[CriterionResult, ...], Recommendation | None] = ((), None)


def assumptions(request: Request) -> dict[str, Fact]:
    """Return the facts that the user assumes; each is marked as assumed."""
    if not request.assume:
        return {}
    from auditor.audit.assume import assumed

    return assumed(request.assume)


def with_assumed(facts: Facts, stated: Mapping[str, Fact]) -> Facts:
    """Return the facts with those that the user states in place of what was seen."""
    if not stated:
        return facts
    from auditor.audit.assume import replaced

    return replaced(facts, stated)


_NEVER_ASKED = "a captured machine's interpreter cannot be asked"


def choose_target(request: Request, host: Host) -> Choice:
    """Return the interpreter to audit. A captured tree has none; a snapshot answers as recorded."""
    if not host.live:
        try:
            return msgspec.convert(host.call("target choice", dict), Choice)
        except NotRecorded:
            return Choice(python=None, because="", usable=False, reason=_NEVER_ASKED)
    from auditor.target.select import choose

    choice = choose(
        host, python=request.python, venv=request.venv, conda_env=request.conda_env, cwd=request.cwd
    )
    host.call("target choice", lambda: msgspec.to_builtins(choice))
    return choice


def working_directory(request: Request, host: Host) -> Fact:
    """Return the folder from which the user works, or worked when the machine was recorded."""
    return ask(lambda: host.call("working directory", lambda: request.cwd), call("getcwd"))


def seed(request: Request, host: Host, choice: Choice) -> Facts:
    """Return the facts that are known before any probe: what was asked for, and the interpreter."""
    option = call("command line")
    reason = choice.reason or "no interpreter was chosen"
    nobody = unknown(reason) if reason == _NEVER_ASKED else absent(reason)
    return Facts(
        {
            "request.goals": known(list(request.goals), option),
            "request.avoids": known(_avoided(request), option),
            "request.cwd": working_directory(request, host),
            "request.cloud_metadata": known(request.cloud_metadata, option),
            "target.python": known(choice.python, Evidence("call", "selection", choice.because))
            if choice.python
            else nobody,
            "target.chosen_because": known(choice.because, call("selection")) if choice.because else nobody,
        }
    )


def _avoided(request: Request) -> list[str]:
    """Return the accelerators that every goal asked for does without; goals are read only where one is asked for."""
    if not request.goals:
        return []
    found = aims(request)
    return sorted(set[str].intersection(*({*map(str, found.goals[name].avoids)} for name in found.asked)))


def probe(facts: Facts, host: Host, request: Request, tmpdir: str | None) -> tuple[Facts, list[ProbeRun]]:
    """Run every probe."""
    from auditor.audit.gather import gather

    request.progress("looking at the machine")
    if tmpdir:
        facts = facts.merged({"request.tmpdir": known(tmpdir)})
    gathered, runs = gather(_probes(request), host, facts, meanwhile=import_the_rest())
    return Facts({key: fact for key, fact in gathered.items() if key != "request.tmpdir"}), runs


def _probes(request: Request) -> Iterator[Probe]:
    from auditor.probes import load_each

    yield from load_each()
    if request.level != "none":
        from auditor.probes import node

        yield from map(node.load, node.WITH_SCAN)


def import_the_rest() -> Iterator[str]:
    """Import and read what comes after the probes, while their children work: it saves a tenth of a scan."""
    from importlib import import_module

    for name in _REST:
        with suppress(Exception):  # it will be raised, and told, by the stage that needs it
            import_module(name)
        yield name
    with suppress(Exception):
        _cards(())


NO_PLACE = (
    "no workload was run: no temporary folder could be made anywhere; "
    "point TMPDIR at a folder that can be written and run it again"
)


def lacks_a_place(request: Request, host: Host, tmpdir: str | None, facts: Facts) -> bool:
    """Return whether workloads are wanted that have nowhere to write what they say."""
    return (
        request.level != "none"
        and host.live
        and tmpdir is None
        and bool(request.workloads or facts.value("python.frameworks"))
    )


def smoke(facts: Facts, host: Host, request: Request, tmpdir: str | None) -> SmokeOutcome | NoSmoke:
    """Run the workloads of the level, where this is the live machine; a stored report tells of its own."""
    if report := getattr(host, "report", None):
        told = {key: fact for key, fact in report.facts.items() if key.startswith("smoke.")}
        return NoSmoke(report.smoke, told)
    if request.level == "none" or not host.live or tmpdir is None:
        return NO_SMOKE
    from auditor.smoke.runner import SmokeRequest, run

    # those that were named answer for a framework that is not there, too
    frameworks = FRAMEWORKS if request.workloads else tuple(facts.value("python.frameworks", ()))
    python = facts.value("target.python")
    if not frameworks or not python:
        return NO_SMOKE
    if facts.instances("gpu"):  # which card is the framework's first: a busy one must not hide the others
        from auditor.engine.masks import derive

        facts = facts.merged(derive(facts))
    return run(
        SmokeRequest(
            python=python,
            frameworks=frameworks,
            level=request.level,
            facts=facts,
            tmpdir=tmpdir,
            cwd=request.cwd,
            busy=request.busy,
            only=request.workloads,
            skip=request.skip,
            duration_s=request.duration_s,
            progress=request.progress,
        )
    )


def rates(
    results: tuple[SmokeResult, ...], facts: Facts
) -> tuple[tuple[SmokeResult, ...], Mapping[str, Fact]]:
    """Hold the rates of named devices against their data sheets and siblings; most runs have none."""
    if not any(result.metrics.get("device_name") for result in results):
        why = "no accelerator's rate was measured"
        return results, {"smoke.rates": absent(why, computed("smoke.results"))} if results else {}
    from auditor.engine.peaks import compared

    told, fact = compared(results, facts)
    return told, {"smoke.rates": fact}


def failed_probes(runs: Sequence[ProbeRun]) -> dict[str, Fact]:
    """Return the fact by which a rule names our own looks that failed."""
    rows = [{"name": run.name, "reason": run.reason} for run in runs if run.status in ("failed", "timeout")]
    return {"audit.failed_probes": known(rows, call("probe runner"))}


def derived(facts: Facts) -> Mapping[str, Fact]:
    """Return what follows from the facts by the tables."""
    from auditor.engine.derive import derive

    return derive(facts)


@cache
def _cards(rules_dirs: tuple[str, ...]) -> tuple[RuleCard, ...]:
    from auditor.engine.predicates import PREDICATES
    from auditor.knowledge.cards import load_cards

    return load_cards(rules_dirs, predicates=PREDICATES)


def cards(request: Request) -> tuple[RuleCard, ...]:
    """Return every card, the site's own included.

    Raises:
        KnowledgeError: a site's card is wrong, or what is to be ignored is no rule.

    """
    found = _cards(request.rules_dirs)
    if request.ignore:
        from auditor.audit.waived import waivers_of

        waivers_of(found, request.ignore)
    return found


def findings(facts: Facts, request: Request) -> tuple[Finding, ...]:
    """Hold every card against the facts, and its symptoms against what tools and imports said."""
    from auditor.engine.evaluate import evaluate
    from auditor.engine.rank import rank

    rules = cards(request)
    found = rank(_with_what_was_said(rules, evaluate(rules, facts), facts))
    if not request.ignore:
        return tuple(found)
    from auditor.audit.waived import waived, waivers_of

    return tuple(waived(found, waivers_of(rules, request.ignore)))


def _with_what_was_said(rules: tuple[RuleCard, ...], found: list[Finding], facts: Facts) -> Sequence[Finding]:
    from auditor.audit.overheard import sayings

    if not any(saying.text for saying in sayings(facts)):
        return found  # the usual case, in which no pattern need be compiled
    from auditor.audit.overheard import overheard
    from auditor.engine.weigh import weigh

    return weigh(rules, found, overheard(rules, facts), facts)


class Aims(NamedTuple):
    """The criteria, the goals, and which of them were asked for with which weight."""

    criteria: Mapping[str, Criterion]
    goals: Mapping[str, Goal]
    asked: Mapping[str, float]
    basis: Literal["published", "today"] = "today"
    team: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()


def aims(request: Request, *, for_both: bool = False) -> Aims:
    """Read what the goals' words mean, before any work is done; `for_both`: two frameworks are planned for.

    Raises:
        KnowledgeError: an unknown goal, with the nearest; a weight that is no number above zero.

    """
    from auditor.knowledge.criteria import load_criteria
    from auditor.knowledge.goals import load_goals, parse_asked
    from auditor.knowledge.own import load_own, own_goals, team_of

    criteria = load_criteria()
    own, path = load_own(request.cwd, request.config)
    goals = {**load_goals(criteria), **own_goals(own, path, criteria)}
    asked = parse_asked(request.goals, goals)
    team = team_of(request.team or own.team)
    return Aims(criteria, goals, asked, request.criteria, team, _kept(request.keep or own.keep, for_both))


def _kept(words: Sequence[str], for_both: bool) -> tuple[Kept, ...]:
    """Return what must not change; its files are read only where something is named."""
    if not words:
        return ()
    from auditor.knowledge.kept import kept_of

    return kept_of(words, by_several=for_both)


def recommendation(
    facts: Facts, results: tuple[SmokeResult, ...], aims: Aims
) -> tuple[tuple[CriterionResult, ...], Recommendation | None]:
    """Weigh the criteria for the goals."""
    from auditor.engine.recommend import recommend

    return recommend(
        facts,
        results,
        aims.criteria,
        aims.goals,
        aims.asked,
        basis=aims.basis,
        team=aims.team,
        kept=aims.kept,
        plans=plans(facts),
    )


def plans(facts: Facts) -> Mapping[str, Plan]:
    """Return what to type for each framework."""
    from auditor.engine.plan import plan

    return {framework: plan(facts, framework) for framework in ("pytorch", "tensorflow")}


def own_failures(runs: Sequence[ProbeRun]) -> list[Finding]:
    """Return a finding for each stage of ours that failed: it must not pass for a healthy machine."""
    return [
        Finding(
            id="FWA901",
            cause="probe_failed",
            title="a part of fwaudit failed",
            outcome="crash",
            severity="warning",
            subject=run.name,
            message=f"fwaudit's own {run.name} failed: {run.reason}. What depends on it is unknown.",
            evidence=(computed(run.name),),
        )
        for run in runs
        if run.status == "failed" and run.name.startswith("stage ")
    ]


def knowledge_date() -> str:
    """Return how old the tables are, as an ISO date."""
    from auditor.knowledge.tables import knowledge_date as date

    return date()


def host_name(host: Host) -> str:
    """Return the machine's name; redaction hides it."""
    from auditor.audit.identity import host_names

    try:
        return (*host_names(host), "")[0]
    except (OSError, NotRecorded, CallFailed):
        return ""


def end_children() -> None:
    """End every child that still runs."""
    from auditor.host.processes import terminate_all

    terminate_all()


def show_traceback(error: BaseException) -> None:
    """Show a defect of ours to its developer, who asks with FWAUDIT_DEBUG."""
    if os.environ.get("FWAUDIT_DEBUG"):
        import traceback

        traceback.print_exception(error)
