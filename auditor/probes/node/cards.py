"""Each NVIDIA GPU beside its neighbours: a straggling clock, another firmware, somebody's leftover process."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, computed, known
from auditor.probes.base import Collected, Probe
from auditor.probes.node.rows import Row, blind, copied, median

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
_FIRMWARE = ("vbios_version", "gsp_firmware_version", "inforom")
_ASKED = ("uuid", "memory_total_mib", "memory_used_mib", "temperature_c", "power_draw_w", "clock_sm_mhz")
_BUSY = 50  # per cent: an idle card lowers its clock on purpose


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.cards, worked out from the GPUs' own facts."""
    count = facts["nvidia.gpu_count"]
    if count.state == "unknown":
        return {"node.cards": count}
    ours = [i for i in facts.instances("gpu") if facts.value(f"gpu[{i}].vendor") == "nvidia"]
    clocks = [clock for i in ours if (clock := facts.value(f"gpu[{i}].clock_sm_mhz"))]
    usual = median(clocks) if clocks else None
    rows = [_card(facts, i, usual) for i in ours]
    _firmware(rows, facts)
    return {"node.cards": known(rows, computed("gpu[i].*"))}


def _card(facts: Facts, index: int, usual: float | None) -> Row:
    row: Row = {"index": index, "name": facts.value(f"gpu[{index}].name")}
    _reach(row, facts, index)
    _margin(row, facts, index)
    _clock(row, facts, index, usual)
    copied(row, "memory_used_mib", facts[f"gpu[{index}].memory_used_mib"])
    _foreign(row, facts[f"gpu[{index}].processes"])
    _link_errors(row, facts[f"gpu[{index}].nvlinks"])
    return row


def _reach(row: Row, facts: Facts, index: int) -> None:
    """Put whether the driver says of any field that it cannot reach the card any more; nobody asked tells nothing."""
    asked = [facts[f"gpu[{index}].{field}"] for field in _ASKED]
    said = [fact.reason.lower() for fact in (facts[f"gpu[{index}].name"], *asked) if fact.state == "unknown"]
    row["lost"] = any("gpu is lost" in reason for reason in said)
    if not row["lost"] and all(fact.state == "unknown" for fact in asked):
        row["lost"] = None
        blind(row, "lost", asked[0].reason)


def _clock(row: Row, facts: Facts, index: int, usual: float | None) -> None:
    """Put the clock beside the node's median, of a card that works."""
    clock, busy = (facts[f"gpu[{index}].{name}"] for name in ("clock_sm_mhz", "utilization_percent"))
    copied(row, "clock_of_median_percent", busy if clock.is_known else clock)
    at_work = busy.is_known and busy.value >= _BUSY and clock.is_known and usual
    row["clock_of_median_percent"] = round(100 * clock.value / usual) if at_work and usual else None


def _margin(row: Row, facts: Facts, index: int) -> None:
    """Put the degrees left below the temperature at which this very card slows its clocks."""
    now, limit, left = (facts[f"gpu[{index}].temperature_{name}"] for name in ("c", "slowdown_c", "margin_c"))
    slow = facts.value(f"gpu[{index}].temperature_slowdown_margin_c") or 0
    if now.is_known and limit.is_known and limit.value:
        row["below_slowdown_c"] = int(limit.value - now.value)
    elif left.is_known:
        row["below_slowdown_c"] = int(left.value - slow)
    else:
        copied(row, "below_slowdown_c", now if now.state == "unknown" else limit)
        row["below_slowdown_c"] = None


def _foreign(row: Row, held: Fact) -> None:
    if copied(row, "foreign_processes", held) is None:
        return
    names = [str(process.get("name") or "").rpartition("/")[2] for process in held.value]
    row["foreign_processes"] = sum(not name.startswith(_HELPERS) for name in names)


def _link_errors(row: Row, links: Fact) -> None:
    """Put the replays and recoveries of all NVLinks; None where the driver does not count them."""
    copied(row, "link_errors", links)
    counts = [
        link[kind]
        for link in links.value or ()
        for kind in ("replays", "recoveries")
        if link.get(kind) is not None
    ]
    row["link_errors"] = sum(counts) if counts else None


def _firmware(rows: list[Row], facts: Facts) -> None:
    """Say of each card whether all have the same firmware; where one cannot be read, that is unknown."""
    shown = [[facts[f"gpu[{row['index']}].{field}"] for row in rows] for field in _FIRMWARE]
    alike = all(len({fact.value for fact in column} - {None}) <= 1 for column in shown)
    hidden = next((fact.reason for fact in shown[0] if fact.state == "unknown"), "")
    for row in rows:
        row["same_firmware"] = alike
        if alike and hidden:
            row["same_firmware"] = None
            blind(row, "same_firmware", hidden)


PROBE = Probe(
    name="node/cards",
    needs=("nvidia.gpu_count",),
    provides=("node.cards",),
    collect=collect,
    cost=0.001,
    deadline=1.0,
)
