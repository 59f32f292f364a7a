"""NUMA nodes, as the kernel lists them: nodes of device memory count too."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, command, file, known
from auditor.probes.base import Collected, Probe, ask
from auditor.probes.processor import lscpu
from auditor.probes.processor.cpulist import format_list, parse_mask

_NODES = "/sys/devices/system/node"
_NONE = "this kernel has no NUMA nodes"


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return the numa.* facts."""
    names = ask(lambda: _nodes(host), file(_NODES), missing=_NONE)
    if not names.is_known:
        return _from_lscpu(host, names)
    lists = {str(node): ask(lambda: _cpus(host, node)) for node in names.value}  # noqa: B023
    blind = next((fact for fact in lists.values() if not fact.is_known), None)
    return {
        "numa.node_count": known(
            len(names.value), file(_NODES, " ".join(f"node{node}" for node in names.value))
        ),
        "numa.cpulist": blind
        or known({node: fact.value for node, fact in lists.items()}, file(f"{_NODES}/node*/cpulist")),
    }


def _nodes(host: Host) -> list[int] | None:
    names = [name[4:] for name in host.listdir(_NODES) if name.startswith("node")]
    return sorted(int(name) for name in names if name.isdigit()) or None


def _cpus(host: Host, node: int) -> str:
    """Return a node's CPUs as a list; kernels before 2.6.24 have only the mask."""
    try:
        return host.read(f"{_NODES}/node{node}/cpulist").strip()
    except FileNotFoundError:
        return format_list(parse_mask(host.read(f"{_NODES}/node{node}/cpumap")))


def _from_lscpu(host: Host, why: Fact) -> dict[str, Fact]:
    """Return what lscpu printed, where the tree holds its answer instead of sysfs."""
    if why.state == "absent" and host.live:
        return {"numa.node_count": why, "numa.cpulist": why}
    printed = ask(lambda: lscpu.parse(host.run("lscpu", ["lscpu"], timeout=5.0).stdout), command("lscpu"))
    count = lscpu.number(printed.value, "NUMA node(s)") if printed.is_known else None
    if count is None:
        return {"numa.node_count": why, "numa.cpulist": why}
    lists = {
        key.split()[1].removeprefix("node"): cpus
        for key, cpus in printed.value.items()
        if key.startswith("NUMA node") and key.endswith("CPU(s)") and key != "NUMA node(s)"
    }
    return {
        "numa.node_count": known(count, *printed.evidence),
        "numa.cpulist": known(lists, *printed.evidence) if lists else absent(_NONE, *printed.evidence),
    }


PROBE = Probe(
    name="numa",
    provides=("numa.node_count", "numa.cpulist"),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
)
