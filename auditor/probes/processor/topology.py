"""How the online processors group into cores and sockets: from sysfs, cpuinfo or the device tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from auditor.host.protocol import Host
from auditor.model.fact import Evidence, Fact, computed, file
from auditor.probes.base import ask, list_or_empty
from auditor.probes.processor.counts import Counts, of_groups
from auditor.probes.processor.cpuinfo import CpuInfo
from auditor.probes.processor.siblings import CPU, from_sysfs

_TREE = "/proc/device-tree/cpus"
# x86 and ia64, then loongarch
_ID_FIELDS = (("physical id", "core id"), ("package", "core"))


def count(host: Host, cpus: Sequence[int], info: CpuInfo | None) -> Counts:
    """Return the counts for online CPUs from the best source that this machine has."""
    found = from_sysfs(host, cpus) if cpus else Counts()
    if not found.complete and info is not None:
        found = found.filled(_from_cpuinfo(info))
    if found.cores is None and cpus:
        found = found.filled(_from_device_tree(host, cpus))
    if len(cpus) == 1 or (not cpus and info is not None and info.count == 1):
        found = found.filled(Counts(1, 1, 1, computed("cpu.logical_online")))
    return found


def _from_cpuinfo(info: CpuInfo) -> Counts:
    """Count the distinct ids that each processor's block has."""
    source = file("/proc/cpuinfo", f"{len(info.processors)} processors")
    for package, core in _ID_FIELDS:
        blocks = dict(enumerate(info.processors))
        if not blocks or any(package not in block or core not in block for block in blocks.values()):
            continue
        sockets = {number: block[package] for number, block in blocks.items()}
        cores = {number: (block[package], block[core]) for number, block in blocks.items()}
        return _repeated_ids(info, sockets, source) or of_groups(sockets, cores, source)
    return Counts()


def _repeated_ids(info: CpuInfo, sockets: Mapping[int, str], source: Evidence) -> Counts | None:
    """Return the counts by "siblings" where more processors share an id than their socket holds.

    Such firmware gives several sockets the same id; "siblings" (threads of a socket) and "cpu cores"
    come from the processor itself.
    """
    siblings, cores = info.first("siblings") or "", info.first("cpu cores") or ""
    threads, each = int(siblings) if siblings.isdigit() else 0, int(cores) if cores.isdigit() else 0
    largest = max(Counter(sockets.values()).values())
    if not threads or not each or largest <= threads:
        return None
    number = -(-len(sockets) // threads)
    return Counts(number, number * each, max(1, threads // each), source)


def _from_device_tree(host: Host, cpus: Sequence[int]) -> Counts:
    """Count the cores of POWER's device tree: each lists the numbers of its hardware threads."""
    hardware = {_hardware_number(host, cpu) for cpu in cpus}
    nodes = [_threads(host, name) for name in list_or_empty(host, _TREE)]
    running = [len(own) for node in nodes if node.is_known and (own := hardware & node.value)]
    if sum(running) != len(cpus):
        return Counts()
    return Counts(None, len(running), max(running), file(_TREE, f"{len(running)} cores"))


def _hardware_number(host: Host, cpu: int) -> int:
    """Return the number that the firmware knows a CPU by; Linux numbers them on its own."""
    number = ask(lambda: int(host.read(f"{CPU}/cpu{cpu}/physical_id")))
    return int(number.value) if number.is_known else cpu


def _threads(host: Host, node: str) -> Fact:
    """Return the numbers of a core's hardware threads, written as 32-bit words, high byte first."""
    path = f"{_TREE}/{node}/ibm,ppc-interrupt-server#s"
    return ask(lambda: {int.from_bytes(word, "big") for word in _words(host.read_bytes(path))})


def _words(data: bytes) -> list[bytes]:
    return [data[at : at + 4] for at in range(0, len(data), 4)]
