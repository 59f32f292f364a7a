"""Runs the workloads of a level in the audited interpreter: one child a framework, side by side."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence

import msgspec
import psutil

from auditor.model.fact import Fact, Facts, call, known
from auditor.model.smoke import SmokeResult
from auditor.smoke import catalog, environment, gpus, outcome
from auditor.smoke.catalog import Workload
from auditor.smoke.child import Limits
from auditor.smoke.supervisor import Supervisor
from auditor.smoke.values import MODULES, Deadlines, Interrupted, SmokeOutcome, SmokeRequest

__all__ = ["Deadlines", "Interrupted", "SmokeOutcome", "SmokeRequest", "run"]

MEMORY_LIMIT_MIB = 8192
# what importing a framework and the quick level take (TensorFlow 2.21: 600 MiB resident), with room
FRAMEWORK_MIB = 1536
_LOOK_S = 0.5
_ENDING_S = 5.0  # for children to be ended when we are interrupted


def run(request: SmokeRequest) -> SmokeOutcome:
    """Run what `request` asks for; every framework has an answer, whatever its children do.

    Raises:
        Interrupted: Ctrl-C; it carries what was done. Every child is gone.
        catalog.WorkloadError: a name in `only` or `skip` that no workload has.

    """
    if not request.live:
        return _nothing(request, "workloads run on the machine itself, not on a recorded one")
    if request.level == "none":
        return _nothing(request, "no workload was asked for")
    upto = "deep" if request.only or request.skip else request.level
    chosen = catalog.choose(catalog.load(request.workloads, upto), request.level, request.only, request.skip)
    chosen = _lasting(request, chosen)
    mask = gpus.mask(request.facts, busy=request.busy)
    try:
        request = msgspec.structs.replace(
            request, tmpdir=tempfile.mkdtemp(prefix="smoke-", dir=request.tmpdir)
        )
        ours = {**environment.prepare(request.tmpdir, os.environ), **mask.env}
    except OSError as error:
        return _nothing(
            request, f"the run's temporary folder cannot be written to: {error.strerror or error}"
        )
    supervisors = _supervisors(request, chosen, mask, {**os.environ, **ours})
    needed = len(_present(request, [supervisor.seen.framework for supervisor in supervisors]))
    room = needed * FRAMEWORK_MIB <= available_mib(request.facts)
    # rates of cards are compared with each other: two frameworks at work on one would make it a straggler
    rated = request.level in ("standard", "deep") and len(request.facts.instances("gpu")) > 1
    try:
        _run(supervisors, together=room and not mask.one_at_a_time and not rated)
    except KeyboardInterrupt:
        raise Interrupted(_gather(request, supervisors, chosen, mask, ours)) from None
    return _gather(request, supervisors, chosen, mask, ours)


def available_mib(facts: Facts) -> int:
    """Return the memory that may be used, in MiB: MemAvailable within the control group's limit."""
    free = facts.value("memory.available_kib") or psutil.virtual_memory().available >> 10
    return int(min(free, facts.value("memory.usable_kib") or free)) >> 10


def _lasting(request: SmokeRequest, chosen: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """Give sustained load the time that was asked for."""
    if request.duration_s is None:
        return chosen
    seconds = request.duration_s
    return tuple(
        msgspec.structs.replace(w, duration_s=seconds, cost_s=w.cost_s - w.duration_s + seconds)
        if w.duration_s
        else w
        for w in chosen
    )


def _supervisors(
    request: SmokeRequest, chosen: Sequence[Workload], mask: gpus.Mask, env: dict[str, str]
) -> list[Supervisor]:
    names = [name for name in dict.fromkeys(request.frameworks) if name in MODULES]
    present = _present(request, names)
    whose = {w.id: catalog.owner(w, present) for w in chosen}
    if request.only:
        names = [name for name in names if name in whose.values()]
    # half of what there is, or less where several share it: the machine must stay usable
    share = available_mib(request.facts) // max(2, len(present))
    limits = Limits(request.deadlines, request.memory_limit_mib or min(MEMORY_LIMIT_MIB, share))
    return [
        Supervisor(name, [w for w in chosen if whose[w.id] == name], request, mask, env, limits)
        for name in names
    ]


def _present(request: SmokeRequest, names: Sequence[str]) -> list[str]:
    """Return the frameworks that take memory: those whose distribution is there."""
    installed = request.facts.value("python.frameworks", names)
    return [name for name in names if name in installed]


def _run(supervisors: Sequence[Supervisor], *, together: bool) -> None:
    """Run them side by side or one after another; whatever interrupts us ends their children."""
    try:
        for batch in [supervisors] if together else [[s] for s in supervisors]:
            for supervisor in batch:
                supervisor.thread.start()
            for supervisor in batch:
                # a signal that comes just before a wait without end is not seen until it ends
                while not supervisor.ended.wait(_LOOK_S):
                    pass
    except BaseException:
        deadline = time.monotonic() + _ENDING_S
        for supervisor in supervisors:
            supervisor.stop.set()
        for supervisor in supervisors:
            if supervisor.thread.ident is not None:
                supervisor.ended.wait(max(0.0, deadline - time.monotonic()))
        raise


def _gather(
    request: SmokeRequest,
    supervisors: Sequence[Supervisor],
    chosen: Sequence[Workload],
    mask: gpus.Mask,
    ours: dict[str, str],
) -> SmokeOutcome:
    results: list[SmokeResult] = []
    facts: dict[str, Fact] = {}
    for supervisor in supervisors:
        seen = supervisor.seen
        results += seen.results
        if seen.import_state == "ok":
            results += outcome.hidden_results(seen.framework, chosen, mask, request.facts)
            results += outcome.without_device(seen, chosen, results)
        hidden = bool(mask.hidden) and outcome.may_use_gpus(seen.framework, request.facts)
        facts |= outcome.facts_of(seen, hidden=hidden)
    set_by_us = {name: value.replace(request.tmpdir, "TMP") for name, value in sorted(ours.items())}
    facts["smoke.environment"] = known(set_by_us, call("smoke runner"))
    facts["smoke.results"] = outcome.rows(results)
    return SmokeOutcome(tuple(results), facts)


def _nothing(request: SmokeRequest, reason: str) -> SmokeOutcome:
    facts: dict[str, Fact] = {}
    for name in request.frameworks:
        facts |= outcome.not_run(name, reason)
    return SmokeOutcome((), facts)
