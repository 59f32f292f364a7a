"""Each NVIDIA GPU beside its neighbours: a straggling clock, another firmware, somebody's leftover process."""

from __future__ import annotations

from statistics import median
from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, computed, known
from auditor.probes.base import Collected, Probe

# helpers of the driver and of monitoring that hold a GPU without using it
_HELPERS = (
    "nvidia-persistenced",
    "nv-hostengine",
    "dcgm",
    "nvidia-cuda-mps",
    "Xorg",
    "gnome-shell",
    "nv-fabricmanager",
)

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.cards, worked out from the GPUs' own facts."""
    count = facts["nvidia.gpu_count"]
    if count.state == "unknown":
        return {"node.cards": count}
    ours = [i for i in facts.instances("gpu") if facts.value(f"gpu[{i}].vendor") == "nvidia"]
    usual = {
        field: median(values)
        if (values := [v for i in ours if (v := facts.value(f"gpu[{i}].{field}"))])
        else None
        for field in ("clock_sm_max_mhz", "clock_sm_mhz")
    }
    boards = {facts.value(f"gpu[{i}].vbios_version") for i in ours} - {None}
    rows = [_card(facts, i, usual["clock_sm_mhz"], len(boards) <= 1) for i in ours]
    return {"node.cards": known(rows, computed("gpu[i].*"))}


def _card(facts: Facts, index: int, usual: float | None, alike: bool) -> Row:
    clock = facts.value(f"gpu[{index}].clock_sm_mhz")
    held = facts[f"gpu[{index}].processes"]
    return {
        "index": index,
        "name": facts.value(f"gpu[{index}].name"),
        "below_slowdown_c": _margin(facts, index),
        "clock_of_median_percent": round(100 * clock / usual)
        if clock and usual and _busy(facts, index)
        else None,
        "same_vbios": alike,
        "memory_used_mib": facts.value(f"gpu[{index}].memory_used_mib"),
        "foreign_processes": _foreign(held),
    }


def _busy(facts: Facts, index: int) -> bool:
    """Return whether the card works: an idle card lowers its clock on purpose."""
    return (facts.value(f"gpu[{index}].utilization_percent") or 0) >= 50


def _margin(facts: Facts, index: int) -> int | None:
    """Return the degrees left below the temperature at which this very card slows its clocks."""
    now, limit = (facts.value(f"gpu[{index}].temperature_{name}") for name in ("c", "slowdown_c"))
    if now is not None and limit:
        return int(limit - now)
    left, slow = (facts.value(f"gpu[{index}].temperature_{name}margin_c") for name in ("", "slowdown_"))
    return None if left is None else int(left - (slow or 0))


def _foreign(held: Fact) -> int | None:
    if not held.is_known:
        return 0 if held.state == "absent" else None
    return sum(not str(row.get("name") or "").rpartition("/")[2].startswith(_HELPERS) for row in held.value)


PROBE = Probe(
    name="node/cards",
    needs=("nvidia.gpu_count",),
    provides=("node.cards",),
    collect=collect,
    cost=0.001,
    deadline=1.0,
)
