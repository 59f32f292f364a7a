"""Memory: what there is, what is free, huge pages, and the shared memory that data loaders need."""

from __future__ import annotations

import os

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, call, computed, file, known, unknown
from auditor.probes.base import Collected, Probe, ask

_MEMINFO = "/proc/meminfo"
_THP = "/sys/kernel/mm/transparent_hugepage/enabled"
_SHM = "/dev/shm"
_FIELDS = {
    "memory.total_kib": "MemTotal",
    "memory.available_kib": "MemAvailable",
    "memory.swap_total_kib": "SwapTotal",
    "memory.swap_free_kib": "SwapFree",
    "memory.hugepages_total": "HugePages_Total",
    "memory.hugepages_free": "HugePages_Free",
    "memory.hugepage_kib": "Hugepagesize",
}


def collect(host: Host, facts: Facts) -> Collected:
    """Return the memory.* facts."""
    meminfo = ask(lambda: parse_meminfo(host.read(_MEMINFO)), file(_MEMINFO), missing="no /proc/meminfo")
    found = {key: _field(meminfo, name) for key, name in _FIELDS.items()}
    thp = ask(
        lambda: _chosen(host.read(_THP)), file(_THP), missing="this kernel has no transparent huge pages"
    )
    limit = facts["cgroup.memory_limit_kib"]
    usable = _usable(found["memory.total_kib"], limit)
    return {**found, "memory.thp": thp, "memory.usable_kib": usable, **_shared(host)}


def parse_meminfo(text: str) -> dict[str, int]:
    """Return the numbers of /proc/meminfo: KiB, or counts where no unit stands."""
    fields = {}
    for line in text.splitlines():
        key, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            fields[key.strip()] = int(words[0])
    return fields


def _field(meminfo: Fact, name: str) -> Fact:
    if not meminfo.is_known:
        return unknown(meminfo.reason, *meminfo.evidence)
    value = meminfo.value.get(name)
    if value is None:
        return absent(f"this kernel does not report {name}", file(_MEMINFO))
    return known(value, file(_MEMINFO, f"{name}: {value}"))


def _chosen(text: str) -> str:
    """Return the word in brackets of "always [madvise] never"."""
    return text[text.index("[") + 1 : text.index("]")]


def _usable(total: Fact, limit: Fact) -> Fact:
    if not total.is_known or limit.state == "unknown":
        return unknown(total.reason or limit.reason)
    smaller = min(total.value, limit.value) if limit.is_known else total.value
    return known(smaller, computed("memory.total_kib", "cgroup.memory_limit_kib"))


def _shared(host: Host) -> dict[str, Fact]:
    space = ask(
        lambda: host.call(f"statvfs:{_SHM}", lambda: _kib(os.statvfs(_SHM))),
        call(f"statvfs({_SHM})"),
        missing="there is no /dev/shm",
    )
    if not space.is_known:
        return {"memory.shm_total_kib": space, "memory.shm_free_kib": space}
    total, free = space.value
    return {
        "memory.shm_total_kib": known(total, *space.evidence),
        "memory.shm_free_kib": known(free, *space.evidence),
    }


def _kib(info: os.statvfs_result) -> list[int]:
    return [info.f_blocks * info.f_frsize // 1024, info.f_bavail * info.f_frsize // 1024]


PROBE = Probe(
    name="memory",
    provides=(
        *_FIELDS, "memory.usable_kib", "memory.thp", "memory.shm_total_kib", "memory.shm_free_kib",
    ),
    needs=("cgroup.memory_limit_kib",),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
)  # fmt: skip
