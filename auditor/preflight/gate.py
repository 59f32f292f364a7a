"""The pre-flight: a profile's checks, the probes they need within the budget, a second look, a verdict."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import msgspec

from auditor.audit.gather import gather
from auditor.host import processes
from auditor.host.protocol import Host
from auditor.knowledge.loading import KnowledgeError, nearest
from auditor.knowledge.profiles import INTENTS, Check, library, load_profile
from auditor.model.fact import Fact, Facts, call, known, unknown
from auditor.model.finding import Finding
from auditor.model.report import ProbeRun
from auditor.preflight.judge import Judged, judge
from auditor.preflight.request import Request
from auditor.preflight.sources import facts_of, names_for, probes_for
from auditor.preflight.verdict import Verdict, verdict
from auditor.probes.base import Probe

_DERIVED = {"env.harmful": "variables", "env.masks": "masks", "env.visible_gpus": "masks"}
RESERVE = 0.15  # seconds of the budget kept for judging, printing and ending
_OF_THE_JOB = ("python.", "torch.", "tensorflow.", "jax.", "node.packages", "node.workloads")
_OF_THE_ROOM = 0.8  # how much of the time that is left a child may take
PAUSE = 0.25  # seconds before a second look


class Result(msgspec.Struct, frozen=True):
    """What a pre-flight saw. `left_behind` are children that could not be ended (state D), `empty` profiles that ask for nothing."""

    profiles: tuple[str, ...]
    judged: tuple[Judged, ...]
    verdict: Verdict
    facts: Facts
    runs: tuple[ProbeRun, ...]
    spent: float
    left_behind: tuple[int, ...] = ()
    redact: str = ""
    empty: tuple[str, ...] = ()

    @property
    def skipped(self) -> tuple[str, ...]:
        """The probes that the budget had no room for, and those that did not answer in time."""
        return tuple(f"{run.name}: {run.reason}" for run in self.runs if run.status in ("skipped", "timeout"))


def preflight(request: Request, host: Host) -> Result:
    """Hold the machine against the profiles.

    Raises:
        KnowledgeError: a profile that cannot be read, or a check that there is not.

    """
    profile = load_profile(request.profiles)
    checks = _chosen(profile.checks, request)
    seed = _seed(profile.checks, checks, request, host)
    facts, runs = _look(checks, seed, request, host)
    facts = _worked(checks, facts, request, host)
    today = time.strftime("%Y-%m-%d")
    judged = judge(checks, facts, request.intents, today)
    judged = _second_look(judged, facts, seed, request, host, today)
    left = processes.kill_all() if host.live else []
    spent = time.monotonic() - request.started
    found = (tuple(judged), verdict(judged), facts, tuple(runs), spent, tuple(left))
    return Result(profile.names, *found, profile.redact, profile.empty)


def _chosen(checks: Iterable[Check], request: Request) -> list[Check]:
    """Return the checks that --only and --skip leave; they take names and codes.

    Raises:
        KnowledgeError: no check of the profile is called so.

    """
    rows = list(checks)
    words = {word: check for check in rows for word in (check.name, check.code)}
    for option, named in (("--only", request.only), ("--skip", request.skip)):
        for word in named:
            if word not in words:
                raise KnowledgeError(
                    option,
                    "",
                    f"no check {word!r} in this profile{nearest(word, [check.name for check in rows])}",
                )
    _check_intents(rows, request.intents)
    kept = [c for c in rows if not request.only or {c.name, c.code} & set(request.only)]
    kept = [c for c in kept if not {c.name, c.code} & set(request.skip)]
    if not kept and request.only:
        raise KnowledgeError("--skip", "", "it leaves nothing of what --only names")
    return kept


def _check_intents(checks: Iterable[Check], intents: Iterable[str]) -> None:
    """Refuse a kind of job that no check knows: those for other kinds would be left out unseen."""
    valid = INTENTS | {word for check in checks for word in check.intent}
    valid |= {word for raw in library().values() for word in raw.get("intent", ())}
    for word in intents:
        if word not in valid:
            raise KnowledgeError("--intent", "", f"no kind of job {word!r}{nearest(word, sorted(valid))}")


def _seed(every: Iterable[Check], checks: Iterable[Check], request: Request, host: Host) -> Facts:
    """Return what is known before any probe: what the profile names for the probes to look at.

    Its checks that are left out count here too: mounts that are named are held against every check.
    """
    look: dict[str, Any] = {}
    for check in every:
        if isinstance(check.value, dict) and check.look:
            look[check.look] = {**look.get(check.look, {}), **check.value}
        elif check.look:
            look[check.look] = list(dict.fromkeys([*look.get(check.look, []), *check.value]))
    option = call("profile")
    facts: dict[str, Fact] = {"request.look": known(look, option), "request.cwd": known(request.cwd, option)}
    if any(key.startswith(_OF_THE_JOB) for check in checks for key in facts_of(check)):
        facts |= _target(request, host)
    return Facts(facts)


def _target(request: Request, host: Host) -> Mapping[str, Fact]:
    """Return the interpreter of the job, where the profile asks about its packages."""
    from auditor.audit.request import Request as AuditRequest
    from auditor.audit.stages import choose_target, seed
    from auditor.target.select import TargetError

    audit = AuditRequest(cwd=request.cwd, python=request.python)
    try:
        return dict(seed(audit, host, choose_target(audit, host)).items())
    except TargetError as error:
        raise KnowledgeError("--python", "", str(error)) from error


def _look(checks: Iterable[Check], seed: Facts, request: Request, host: Host) -> tuple[Facts, list[ProbeRun]]:
    """Run the probes that the checks need, as far as the budget goes."""
    room = max(0.0, request.left - RESERVE)
    fits: list[Probe] = []
    costly: list[Probe] = []
    for probe in probes_for(checks, seed):
        (fits if probe.cost <= room else costly).append(probe)
    skipped = [_skipped(probe, room) for probe in costly]
    blind = {
        key: unknown(run.reason) for probe, run in zip(costly, skipped, strict=True) for key in probe.provides
    }
    if host.live:  # a vendor's tool that hangs ends early enough for those that wait for its probe
        processes.end_by(time.monotonic() + _OF_THE_ROOM * room)
    try:
        facts, runs = gather(fits, host, seed.merged(blind), room)
    finally:
        processes.end_by(None)
    return _derived(checks, facts), [*runs, *skipped]


def _derived(checks: Iterable[Check], facts: Facts) -> Facts:
    """Add what follows from the variables by the tables, where a check asks for it."""
    keys = {key for check in checks for key in facts_of(check) if key in _DERIVED}
    for module in sorted({_DERIVED[key] for key in keys}):
        facts = facts.merged(import_module(f"auditor.engine.{module}").derive(facts))
    return facts


def _worked(checks: Iterable[Check], facts: Facts, request: Request, host: Host) -> Facts:
    """Run the workloads that the profile asks for, once everything else has been looked at."""
    if not any("node.workloads" in facts_of(check) for check in checks):
        return facts
    from auditor.preflight.workloads import run

    wanted = (facts.value("request.look") or {}).get("workloads", {})
    return facts.merged({"node.workloads": run(wanted, facts, request, host)})


def _skipped(probe: Probe, room: float) -> ProbeRun:
    reason = f"budget too small: it takes about {probe.cost:.2g} s, {room:.2g} s were left"
    return ProbeRun(probe.name, "skipped", 0.0, reason)


def _second_look(
    judged: list[Judged], facts: Facts, seed: Facts, request: Request, host: Host, today: str
) -> list[Judged]:
    """Look again at what may pass by itself; where that is not possible, it counts as a warning."""
    doubtful = [
        row for row in judged if row.check.transient and row.check.level == "fail" and row.having("fail")
    ]
    if not doubtful:
        return judged
    checks = [row.check for row in doubtful]
    cost = sum(probe.cost for probe in probes_for(checks, seed))
    if not host.live or request.left < PAUSE + RESERVE + cost:
        again = {row.check.name: Judged(row.check, tuple(map(_doubted, row.findings))) for row in doubtful}
    else:
        again = _again(doubtful, checks, facts, seed, request, host, today)
    return [again.get(row.check.name, row) for row in judged]


def _again(
    doubtful: list[Judged],
    checks: list[Check],
    facts: Facts,
    seed: Facts,
    request: Request,
    host: Host,
    today: str,
) -> dict[str, Judged]:
    time.sleep(PAUSE)
    fresh, _ = _look(checks, seed, request, host)
    second = judge(checks, facts.merged(fresh), request.intents, today)
    rows = {}
    for row, now in zip(doubtful, second, strict=True):
        agrees = {finding.subject for finding in now.having("fail")}
        found = tuple(f if f.outcome != "fail" or f.subject in agrees else _doubted(f) for f in row.findings)
        rows[row.check.name] = Judged(row.check, found)
    return rows


def _doubted(finding: Finding) -> Finding:
    if finding.outcome != "fail":
        return finding
    message = f"{finding.message} (seen once; it may pass)"
    return msgspec.structs.replace(finding, severity="warning", confidence="possible", message=message)


def probe_names(check: Check) -> list[str]:
    """Return the probes that answer for a check."""
    return sorted({name for key in facts_of(check) for name in names_for(key)})
