"""Cores and sockets by the topology folders of sysfs (Documentation/admin-guide/cputopology.rst).

Sets of siblings come first, as in lscpu and hwloc: the ids beside them repeat between books and
drawers (s390x), are -1 (POWER guests) or all 0 (sparc64).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from auditor.host.protocol import Host
from auditor.model.fact import Fact, file
from auditor.probes.base import ask, list_or_empty
from auditor.probes.processor.counts import Counts, Grouping, of_groups
from auditor.probes.processor.cpulist import parse_list, parse_mask

CPU = "/sys/devices/system/cpu"
# The names since Linux 5.3, then the older ones.
_CORE_SETS = ("core_cpus_list", "thread_siblings_list", "core_cpus", "thread_siblings")
_SOCKET_SETS = ("package_cpus_list", "core_siblings_list", "package_cpus", "core_siblings")
_SOCKET_ID = ("physical_package_id",)
_CORE_IDS = ("physical_package_id", "die_id", "core_id")


def _folder(cpu: int) -> str:
    return f"{CPU}/cpu{cpu}/topology"


def from_sysfs(host: Host, cpus: Sequence[int]) -> Counts:
    """Return the counts for online CPUs."""
    names = set(list_or_empty(host, _folder(cpus[0])))
    cores = _sets(host, cpus, [name for name in _CORE_SETS if name in names])
    sockets = _sets(host, cpus, [name for name in _SOCKET_SETS if name in names])
    if cores is None and "core_id" in names:
        cores = _ids(host, cpus, [name for name in _CORE_IDS if name in names])
    if sockets is None:
        sockets = _ids(host, cpus, [name for name in _SOCKET_ID if name in names])
    if sockets is None and cores is None:
        return Counts()
    return of_groups(sockets, cores, file(f"{CPU}/cpu*/topology", f"{len(cpus)} processors"))


def refusal(host: Host, cpus: Sequence[int]) -> str:
    """Return why the topology may not be looked at; "" where nothing refuses."""
    folder = ask(lambda: host.listdir(_folder(cpus[0])))
    looks = (folder, *(_text(host, cpus[0], name) for name in folder.value or ()))
    return next((fact.reason for fact in looks if fact.state == "unknown"), "")


def _sets(host: Host, cpus: Sequence[int], names: Sequence[str]) -> Grouping | None:
    """Return each CPU's set of online siblings, where the sets divide the CPUs without contradiction."""
    if not names:
        return None
    parse = parse_list if names[0].endswith("_list") else parse_mask
    texts = {cpu: _text(host, cpu, names[0]) for cpu in cpus}
    distinct = {text.value for text in texts.values()}  # siblings share a text: it is parsed once
    parsed = {text: ask(partial(parse, text)) for text in distinct if text is not None}
    if None in distinct or not all(numbers.is_known for numbers in parsed.values()):
        return None
    online = frozenset(cpus)
    sets = {text: online.intersection(numbers.value) for text, numbers in parsed.items()}
    grouping = {cpu: sets[text.value] for cpu, text in texts.items()}
    return grouping if _divides(grouping) else None


def _divides(sets: dict[int, frozenset[int]]) -> bool:
    agree = all(sets[member] == group for group in set(sets.values()) for member in group)
    return agree and all(cpu in group for cpu, group in sets.items())


def _text(host: Host, cpu: int, name: str) -> Fact:
    return ask(lambda: host.read(f"{_folder(cpu)}/{name}"))


def _ids(host: Host, cpus: Sequence[int], names: Sequence[str]) -> Grouping | None:
    """Return each CPU's tuple of ids; None where one is missing or -1 (not known to the firmware)."""
    if not names:
        return None
    ids: dict[int, tuple[int, ...]] = {}
    for cpu in cpus:
        read = _ids_of(host, cpu, names)
        if not read.is_known or min(read.value) < 0:
            return None
        ids[cpu] = read.value
    return ids


def _ids_of(host: Host, cpu: int, names: Sequence[str]) -> Fact:
    return ask(lambda: tuple(int(host.read(f"{_folder(cpu)}/{name}")) for name in names))
