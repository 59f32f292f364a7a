"""Network interfaces: those that a profile names, and how often each lost its carrier."""

from __future__ import annotations

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Facts, file, known
from auditor.probes.base import Collected, Probe, ask, list_or_empty
from auditor.probes.node.rows import Row, figure

_NET = "/sys/class/net"


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.interfaces: physical ones (those with a device) and those that a profile names."""
    look = facts.value("request.look") or {}
    speeds, mtus = dict(look.get("interfaces", {})), dict(look.get("mtu", {}))
    names = ask(lambda: host.listdir(_NET), file(_NET))
    if not names.is_known:
        return {"node.interfaces": names}
    physical = [name for name in names.value if _has_device(host, name)]
    wanted = dict.fromkeys([*physical, *speeds, *mtus])
    rows = [_row(host, name, name in names.value, speeds.get(name), mtus.get(name)) for name in wanted]
    return {"node.interfaces": known(rows, file(_NET, f"{len(rows)} interfaces"))}


def _has_device(host: Host, name: str) -> bool:
    """Return whether hardware stands behind it: a bridge or a tunnel has no device."""
    try:
        host.readlink(f"{_NET}/{name}/device")
    except (OSError, NotRecorded):
        return bool(list_or_empty(host, f"{_NET}/{name}/device"))
    return True


def _row(host: Host, name: str, present: bool, speed: int | None, mtu: int | None) -> Row:
    row: Row = {"name": name, "present": present, "wanted": speed is not None, "speed_wanted": speed or 0, "mtu_wanted": mtu}  # fmt: skip
    if not present:
        return {**row, "state": "missing", "speed_mbps": None, "mtu": None, "carrier_lost": None}
    figure(row, "state", host, f"{_NET}/{name}/operstate", str)
    figure(row, "speed_mbps", host, f"{_NET}/{name}/speed", _speed)
    figure(row, "mtu", host, f"{_NET}/{name}/mtu")
    figure(row, "carrier_lost", host, f"{_NET}/{name}/carrier_down_count")
    return row


def _speed(text: str) -> int | None:
    return int(text) if int(text) > 0 else None  # -1: the driver does not know


PROBE = Probe(
    name="node/interfaces",
    provides=("node.interfaces",),
    platforms=("linux",),
    collect=collect,
    cost=0.005,
    deadline=1.0,
)
