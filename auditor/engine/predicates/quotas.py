"""Limits on processes and memory: the user's own (rlimits) and the control group's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.engine.look import Look, Undecided
from auditor.engine.subjects import nvidia_gpus
from auditor.engine.verdict import Verdict, fail, passed

Options = Mapping[str, Any]

_MIB = 1024  # KiB
# a user's limit from which on it is not what refuses threads: RHEL sets 4096, schedulers some ten thousand
_ROOMY = 65536
_THREADS_A_CPU = 4  # pools of BLAS, OpenMP and the framework, and the loaders


def cgroup_limit_small(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Hold memory and processes of the control group against what a framework takes (`least_memory_mib`)."""
    memory, pids = look.fact("cgroup.memory_limit_kib"), look.fact("cgroup.pids_limit")
    found = [*_memory(look, memory.value, options["least_memory_mib"]), *_pids(look, pids.value)]
    for name, fact in (("memory_limit_kib", memory), ("pids_limit", pids)):
        if not found and fact.state == "unknown":
            raise Undecided(f"cgroup.{name}: {fact.reason}")
    return found or passed()


def _memory(look: Look, limit: int | None, least: int) -> Iterator[Verdict]:
    if limit is None:
        return
    cards = [look.maybe(f"gpu[{index}].memory_total_mib") or 0 for index in nvidia_gpus(look)]
    said = f"memory is limited to {limit // _MIB} MiB"
    if limit < least * _MIB:
        yield fail("memory", said=said)
    elif cards and limit < max(cards) * _MIB:
        yield fail("memory", said=f"{said}, less than a card's {max(cards)} MiB: a checkpoint that fits the card does"
                   " not fit the host", severity="note", variant="card")  # fmt: skip


def _pids(look: Look, limit: int | None) -> Iterator[Verdict]:
    """Yield a limit of processes that pools of threads will meet, or have met where no other limit stands."""
    own, refused = look.maybe("limits.nproc"), look.maybe("log.thread_refused")
    processors = look.maybe("cpu.assumed_by_libraries") or 0
    if limit is not None and (refused or limit < max(256, _THREADS_A_CPU * processors)):
        yield fail("processes", said=f"{limit} processes and threads are allowed", variant="pids")
    elif refused and own is not None and _is_roomy(own):
        said = f"threads were refused although the user's own limit is {'none' if own < 0 else own}"
        yield fail("processes", said=said, confidence="likely", variant="pids")


def _is_roomy(limit: int) -> bool:
    return limit < 0 or limit >= _ROOMY


def nproc_limit(look: Look, options: Options) -> Verdict:
    """Report a limit of the user's processes below `least`, or one by which threads were refused."""
    refused, limit = look.maybe("log.thread_refused"), look.fact("limits.nproc")
    if limit.state == "unknown":
        if refused:
            return fail(said="threads or processes were refused", confidence="likely")
        raise Undecided(f"limits.nproc: {limit.reason}")
    own = limit.value
    if own is None or _is_roomy(own) or (not refused and own >= options["least"]):
        return passed()
    return fail(
        said=f"this user may run {own} processes and threads{', and some were refused' if refused else ''}"
    )
