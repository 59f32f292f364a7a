"""Control groups, both versions: what they grant to this process.

A limit of any group on the path from the root to our own holds; the smallest counts
(Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the kernel).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, file, known, unknown
from auditor.probes.base import Collected, Probe, ask
from auditor.probes.cgroup_paths import groups, membership, version
from auditor.probes.mounts import mounts
from auditor.probes.processor.cpulist import parse_list

_V1_NO_MEMORY_LIMIT = 1 << 62  # version 1 writes LONG_MAX rounded down to a page for "unlimited"

_PERIOD = "100000"  # microseconds, the kernel's default

Reader = Callable[[Host, str], float | None]


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return the cgroup.* facts."""
    mounted, mine = mounts(host), membership(host)

    def of(controller: str) -> Fact:
        return groups(mounted, mine, controller)

    kib = _smallest(host, of("memory"), _memory_kib, "memory is not limited")
    return {
        "cgroup.v2": version(mounted, mine),
        "cgroup.cpu_quota": _smallest(host, of("cpu"), _cpus, "CPU time is not limited"),
        "cgroup.memory_limit_kib": known(int(kib.value), *kib.evidence) if kib.is_known else kib,
        "cgroup.pids_limit": _smallest(
            host, of("pids"), _processes, "the number of processes is not limited"
        ),
        "cgroup.cpuset": _cpuset(host, of("cpuset")),
    }


def _smallest(host: Host, folders: Fact, read: Reader, unlimited: str) -> Fact:
    """Return the smallest limit along the path; a group that cannot be read makes the answer unknown."""
    if not folders.is_known:
        return folders
    found: list[tuple[float, str]] = []
    for folder in folders.value:
        limit = ask(lambda: read(host, folder), missing=unlimited)  # noqa: B023
        if limit.is_known:
            found.append((limit.value, folder))
        elif limit.state == "unknown":
            return unknown(f"{folder}: {limit.reason}", file(folder))
    if not found:
        return absent(unlimited, file(folders.value[0]))
    value, folder = min(found)
    return known(value, file(folder, str(value)))


def _first_file(host: Host, folder: str, names: Sequence[str]) -> str | None:
    """Return the text of the first of these files that exists; None where none does."""
    for name in names:
        try:
            return host.read(f"{folder}/{name}").strip()
        except FileNotFoundError:
            continue
    return None


def _cpus(host: Host, folder: str) -> float | None:
    """Return the quota in CPUs: time granted in a period, divided by the period."""
    words = (_first_file(host, folder, ["cpu.max"]) or "").split()
    if not words:
        quota = _first_file(host, folder, ["cpu.cfs_quota_us"]) or "max"
        words = [quota, _first_file(host, folder, ["cpu.cfs_period_us"]) or _PERIOD]
    quota, period = [*words, _PERIOD][:2]
    return None if quota == "max" or int(quota) < 0 else int(quota) / int(period)


def _memory_kib(host: Host, folder: str) -> float | None:
    written = _first_file(host, folder, ["memory.max", "memory.limit_in_bytes"])
    if written in (None, "", "max") or int(written or 0) >= _V1_NO_MEMORY_LIMIT:
        return None
    return int(written or 0) // 1024


def _processes(host: Host, folder: str) -> float | None:
    written = _first_file(host, folder, ["pids.max"])
    return None if written in (None, "", "max") else int(written or 0)


def _cpuset(host: Host, folders: Fact) -> Fact:
    """Return the CPUs of our own group, or of the nearest above it that lists any."""
    if not folders.is_known:
        return folders
    names = ["cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus", "cpus"]
    for folder in folders.value:
        cpus = ask(lambda: parse_list(_first_file(host, folder, names) or "") or None)  # noqa: B023
        if cpus.is_known:
            return known(cpus.value, file(folder, f"{len(cpus.value)} CPUs"))
        if cpus.state == "unknown":
            return unknown(f"{folder}: {cpus.reason}", file(folder))
    return absent("no control group restricts the CPUs", file(folders.value[0]))


PROBE = Probe(
    name="cgroup",
    provides=(
        "cgroup.v2",
        "cgroup.cpu_quota",
        "cgroup.memory_limit_kib",
        "cgroup.pids_limit",
        "cgroup.cpuset",
    ),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
)
