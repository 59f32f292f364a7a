"""The processors: what they are, how they are grouped, and how many this process may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.host.protocol import Host
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Evidence, Fact, Facts, absent, call, computed, known, unknown
from auditor.probes.base import Collected, Probe
from auditor.probes.processor import lscpu, topology
from auditor.probes.processor.counts import Counts
from auditor.probes.processor.cpuinfo import CpuInfo
from auditor.probes.processor.identity import ML_FLAGS, microarchitecture, model_name, vendor_id, x86_64_level
from auditor.probes.processor.look import Look
from auditor.probes.processor.siblings import refusal
from auditor.probes.processor.usable import affinity, assumed, frequency, usable


def collect(host: Host, facts: Facts) -> Collected:
    """Return the cpu.* facts."""
    look = Look(host)
    allowed = affinity(host)
    return {
        **_identity(look),
        **_names(look, facts),
        **_counts(look),
        **frequency(host),
        "cpu.affinity": allowed,
        "cpu.usable": usable(allowed, facts),
        "cpu.assumed_by_libraries": assumed(host),
    }


def _identity(look: Look) -> dict[str, Fact]:
    flags = _field(look.info, lambda i: i.flags, "this kernel lists no instruction-set flags")
    chosen = sorted(ML_FLAGS.intersection(flags.value)) if flags.is_known else None
    return {
        "cpu.model_name": _field(look.info, model_name, "the kernel names no model"),
        "cpu.vendor_id": _field(look.info, vendor_id, "the kernel names no vendor"),
        "cpu.flags": flags,
        "cpu.ml_flags": known(chosen, *flags.evidence) if chosen is not None else flags,
    }


def _field(info: Fact, read: Callable[[CpuInfo], Any], missing: str) -> Fact:
    """Return one field of the processors; where they cannot be read, nothing is known of it."""
    if not info.is_known:
        return unknown(info.reason, *info.evidence)
    value = read(info.value)
    source = info.evidence[0]
    if value is None:
        return absent(missing, source)
    excerpt = " ".join(value) if isinstance(value, list) else str(value)
    return known(value, Evidence(source.kind, source.ref, head(excerpt, EXCERPT_LIMIT)))


def _names(look: Look, facts: Facts) -> dict[str, Fact]:
    """Return the names that follow from architecture and flags."""
    family = look.family(facts)
    if family is None or not look.info.is_known:
        blind = unknown("the architecture is not known" if look.info.is_known else look.info.reason)
        return {"cpu.x86_64_level": blind, "cpu.microarchitecture": blind}
    return {
        "cpu.x86_64_level": _level(family, look.info),
        "cpu.microarchitecture": _archspec(family, look.info),
    }


def _level(family: str, info: Fact) -> Fact:
    if family != "x86_64":
        return absent(f"this is {family}", *info.evidence)
    flags = info.value.flags
    if flags is None:
        return unknown("no flags were found", *info.evidence)
    return known(x86_64_level(frozenset(flags)), computed("cpu.flags"))


def _archspec(family: str, info: Fact) -> Fact:
    try:
        return known(microarchitecture(family, info.value), call("archspec", family))
    except Exception as error:  # archspec or its data may be missing or of another shape
        return unknown(f"archspec cannot be used: {error}", call("archspec", family))


def _counts(look: Look) -> dict[str, Fact]:
    """Return how many processors there are, and how they are grouped."""
    online = look.online
    cpus = online.value if online.is_known else []
    counts = topology.count(look.host, cpus, look.cpuinfo.value if look.cpuinfo.is_known else None)
    logical = known(len(cpus), *online.evidence) if cpus else _counted(look, online)
    # On a live machine lscpu reads the same files and fills gaps by guessing.
    if not (look.host.live and cpus) and not counts.complete and look.lscpu.is_known:
        counts = counts.filled(Counts(*lscpu.counts(look.lscpu.value), *look.lscpu.evidence))
    why = "this machine does not say how its processors are grouped"
    if not counts.complete:
        why = online.reason or (refusal(look.host, cpus) if cpus else "") or why
    return {
        "cpu.logical_online": logical,
        "cpu.sockets": _count(counts.sockets, counts, why),
        "cpu.cores": _count(counts.cores, counts, why),
        "cpu.threads_per_core": _count(counts.threads, counts, why),
    }


def _counted(look: Look, online: Fact) -> Fact:
    """Return the number of processors where they are not listed one by one."""
    count = look.cpuinfo.value.count if look.cpuinfo.is_known else None
    if count is not None:
        return known(count, *look.cpuinfo.evidence)
    if look.lscpu.is_known and (written := lscpu.number(look.lscpu.value, "CPU(s)")):
        return known(written, *look.lscpu.evidence)
    return unknown(online.reason, *online.evidence)


def _count(value: int | None, counts: Counts, why: str) -> Fact:
    return unknown(why) if value is None else known(value, counts.source)


PROBE = Probe(
    name="cpu",
    provides=(
        "cpu.model_name", "cpu.vendor_id", "cpu.logical_online", "cpu.sockets", "cpu.cores", "cpu.threads_per_core",
        "cpu.flags", "cpu.ml_flags", "cpu.x86_64_level", "cpu.microarchitecture", "cpu.governor",
        "cpu.scaling_driver", "cpu.max_mhz", "cpu.affinity", "cpu.usable", "cpu.assumed_by_libraries",
    ),
    needs=("os.arch", "cgroup.cpuset", "cgroup.cpu_quota"),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
)  # fmt: skip
