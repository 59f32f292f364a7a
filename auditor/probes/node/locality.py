"""Where each GPU sits beside its adapters and beside the CPUs that were granted (NUMA)."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Facts, computed, known
from auditor.probes.base import Collected, Probe
from auditor.probes.node.rows import copied
from auditor.probes.processor.cpulist import parse_list

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.locality, a row for each GPU."""
    blind = next((facts[key] for key in PROBE.needs[:2] if facts[key].state == "unknown"), None)
    if blind is not None:
        return {"node.locality": blind}
    rows = [_row(facts, index) for index in facts.instances("gpu")]
    return {"node.locality": known(rows, computed("gpu[i].numa_node", "numa.cpulist", "ib.device_info"))}


def _row(facts: Facts, index: int) -> Row:
    node = facts.value(f"gpu[{index}].numa_node")
    adapters = facts.value("ib.device_info") or {}
    near = [name for name, info in adapters.items() if str(info.get("numa_node")) == str(node)]
    row: Row = {
        "index": index,
        "numa_node": node,
        "numa_nodes": facts.value("numa.node_count"),
        "near_adapters": len(near),
    }
    copied(row, "adapters", facts["ib.device_info"])
    row["adapters"] = len(adapters) if facts["ib.device_info"].is_known else None
    copied(row, "near_cpus", facts["cpu.affinity"])
    row["near_cpus"] = _near_cpus(facts, node)
    return (
        row if row["numa_nodes"] is not None else {**row, "unknown_because": facts["numa.node_count"].reason}
    )


def _near_cpus(facts: Facts, node: Any) -> int | None:
    """Return how many of the granted CPUs lie on the node; None where that is not known."""
    lists, granted = facts.value("numa.cpulist") or {}, facts.value("cpu.affinity")
    if node is None or granted is None or str(node) not in lists:
        return None
    return len(set(parse_list(lists[str(node)])) & set(granted))


PROBE = Probe(
    name="node/locality",
    needs=(
        "nvidia.gpu_count",
        "amd.gpu_count",
        "ib.device_info",
        "numa.node_count",
        "numa.cpulist",
        "cpu.affinity",
    ),
    provides=("node.locality",),
    collect=collect,
    cost=0.002,
)
