"""How the online processors group into cores and sockets.

Sets of siblings come first, as in lscpu and hwloc: the ids beside them repeat between books and
drawers (s390x), are -1 (POWER guests) or all 0 (sparc64).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Evidence, computed, file
from auditor.probes.base import ask, list_or_empty
from auditor.probes.processor.cpuinfo import CpuInfo
from auditor.probes.processor.cpulist import parse_list, parse_mask

CPU = "/sys/devices/system/cpu"
# Names since Linux 5.3, then the older ones; Documentation/admin-guide/cputopology.rst.
_CORE_SETS = ("core_cpus_list", "thread_siblings_list", "core_cpus", "thread_siblings")
_SOCKET_SETS = ("package_cpus_list", "core_siblings_list", "package_cpus", "core_siblings")

Grouping = Mapping[int, Hashable]


class Counts(msgspec.Struct, frozen=True):
    """Sockets, cores, and the most threads of any core; None where not known. `source` says whence."""

    sockets: int | None = None
    cores: int | None = None
    threads: int | None = None
    source: Evidence = computed()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return None not in (self.sockets, self.cores, self.threads)

    def filled(self, other: Counts) -> Counts:
        """Return these counts with what is missing taken from others."""
        if self == Counts():
            return other
        return Counts(
            self.sockets if self.sockets is not None else other.sockets,
            self.cores if self.cores is not None else other.cores,
            self.threads if self.threads is not None else other.threads,
            self.source,
        )


def count(host: Host, cpus: Sequence[int], info: CpuInfo | None) -> Counts:
    """Return the counts for online CPUs from the best source that this machine has."""
    found = _from_sysfs(host, cpus) if cpus else Counts()
    if not found.complete and info is not None:
        found = found.filled(_from_cpuinfo(info))
    if found.cores is None and cpus:
        found = found.filled(_from_device_tree(host, cpus))
    if len(cpus) == 1 or (not cpus and info is not None and info.count == 1):
        found = found.filled(Counts(1, 1, 1, computed("cpu.logical_online")))
    return found


def _from_sysfs(host: Host, cpus: Sequence[int]) -> Counts:
    folder = f"{CPU}/cpu{cpus[0]}/topology"
    names = set(list_or_empty(host, folder))
    cores = _siblings(host, cpus, [n for n in _CORE_SETS if n in names])
    sockets = _siblings(host, cpus, [n for n in _SOCKET_SETS if n in names])
    package = None
    if sockets is None or cores is None:
        package = _ids(host, cpus, [n for n in ("physical_package_id",) if n in names])
    if cores is None and package is not None and "core_id" in names:
        cores = _ids(host, cpus, [n for n in ("physical_package_id", "die_id", "core_id") if n in names])
    sockets = sockets or package
    if sockets is None and cores is None:
        return Counts()
    return _counts(sockets, cores, file(f"{CPU}/cpu*/topology", f"{len(cpus)} processors"))


def _counts(sockets: Grouping | None, cores: Grouping | None, source: Evidence) -> Counts:
    return Counts(
        len(set(sockets.values())) if sockets else None,
        len(set(cores.values())) if cores else None,
        max(Counter(cores.values()).values()) if cores else None,
        source,
    )


def _siblings(host: Host, cpus: Sequence[int], names: Sequence[str]) -> Grouping | None:
    """Return each CPU's set of online siblings, where the sets divide the CPUs without contradiction."""
    if not names:
        return None
    parse = parse_list if names[0].endswith("_list") else parse_mask
    online = frozenset(cpus)
    sets: dict[int, frozenset[int]] = {}
    for cpu in cpus:
        written = ask(_reader(host, f"{CPU}/cpu{cpu}/topology/{names[0]}", parse))
        if not written.is_known:
            return None
        sets[cpu] = online.intersection(written.value)
    agree = all(cpu in own and all(sets[other] == own for other in own) for cpu, own in sets.items())
    return sets if agree else None


def _reader(host: Host, path: str, parse: Callable[[str], list[int]]) -> Callable[[], list[int]]:
    return lambda: parse(host.read(path))


def _ids(host: Host, cpus: Sequence[int], names: Sequence[str]) -> Grouping | None:
    """Return each CPU's tuple of ids; None where one is missing or -1 (not known to the firmware)."""
    if not names:
        return None
    ids: dict[int, tuple[int, ...]] = {}
    for cpu in cpus:
        read = ask(lambda: tuple(int(host.read(f"{CPU}/cpu{cpu}/topology/{name}")) for name in names))  # noqa: B023
        if not read.is_known or min(read.value) < 0:
            return None
        ids[cpu] = read.value
    return ids


def _from_cpuinfo(info: CpuInfo) -> Counts:
    """Count distinct ids: x86 and ia64 write "physical id" and "core id", loongarch "package" and "core"."""
    source = file("/proc/cpuinfo", f"{len(info.processors)} processors")
    for package, core in (("physical id", "core id"), ("package", "core")):
        blocks = info.processors
        if not blocks or any(package not in block or core not in block for block in blocks):
            continue
        sockets = {number: block[package] for number, block in enumerate(blocks)}
        cores = {number: (block[package], block[core]) for number, block in enumerate(blocks)}
        found = _counts(sockets, cores, source)
        return _repeated_ids(info, sockets, source) or found
    return Counts()


def _repeated_ids(info: CpuInfo, sockets: Mapping[int, str], source: Evidence) -> Counts | None:
    """Return the counts by "siblings" where more processors share an id than their socket holds.

    Such firmware gives several sockets the same id; "siblings" (threads of a socket) and "cpu cores"
    come from the processor itself.
    """
    siblings, cores = info.first("siblings"), info.first("cpu cores")
    if not (siblings and siblings.isdigit() and cores and cores.isdigit()):
        return None
    threads, each = int(siblings), int(cores)
    largest = max(Counter(sockets.values()).values())
    if not threads or not each or largest <= threads:
        return None
    number = -(-len(sockets) // threads)
    return Counts(number, number * each, max(1, threads // each), source)


def _from_device_tree(host: Host, cpus: Sequence[int]) -> Counts:
    """Count the cores of POWER's device tree: each lists the numbers of its hardware threads.

    Linux numbers CPUs on its own; sysfs `physical_id` is the hardware's number.
    """
    folder = "/proc/device-tree/cpus"
    hardware = {
        found.value if found.is_known else cpu
        for cpu in cpus
        for found in [ask(lambda: int(host.read(f"{CPU}/cpu{cpu}/physical_id")))]  # noqa: B023
    }
    threads = []
    for name in list_or_empty(host, folder):
        words = ask(lambda: host.read_bytes(f"{folder}/{name}/ibm,ppc-interrupt-server#s"))  # noqa: B023
        if words.is_known:
            own = {int.from_bytes(words.value[at : at + 4], "big") for at in range(0, len(words.value), 4)}
            threads.append(len(own & hardware))
    running = [number for number in threads if number]
    if sum(running) != len(cpus):
        return Counts()
    return Counts(None, len(running), max(running), file(folder, f"{len(running)} cores"))
