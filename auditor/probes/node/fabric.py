"""Fabric ports with their error counters, and whether the variables that choose adapters fit what is there."""

from __future__ import annotations

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, computed, file, known
from auditor.probes.base import Collected, Probe, ask, list_or_empty
from auditor.probes.node.rows import Row, figure
from auditor.probes.node.selectors import choose

_CLASS = "/sys/class/infiniband"
_NET = "/sys/class/net"
_RATES = (100, 200, 400, 800)
_ADAPTERS = ("NCCL_IB_HCA", "UCX_NET_DEVICES", "NVSHMEM_HCA_LIST")
_INTERFACES = ("NCCL_SOCKET_IFNAME", "GLOO_SOCKET_IFNAME", "OMPI_MCA_btl_tcp_if_include", "UCX_TLS_IFNAME")
_FAULTS = ("local_link_integrity_errors", "excessive_buffer_overrun_errors")
_OF_PORTS = ("node.fabric_ports", "node.active_ports", "node.ports_by_rate", "node.nccl_adapters", "node.fabric_firmware")  # fmt: skip


def collect(host: Host, facts: Facts) -> Collected:
    """Return the ports with their counters, and what the variables that choose among them come to."""
    ports = facts["ib.ports"]
    if not ports.is_known:
        rest = dict.fromkeys(_OF_PORTS, ports)
        return {**rest, "node.fabric_selectors": _selectors(host, None), "node.nccl_variables": _named(host)}
    hours = ask(lambda: float(host.read("/proc/uptime").split()[0]) / 3600, file("/proc/uptime"))
    span = max(hours.value, 1 / 60) if hours.is_known else None
    rows = [_port(host, row, span) for row in ports.value]
    active = [row for row in rows if "active" in str(row["state"]).lower()]
    rates = [row["rate_gbps"] or 0 for row in active]
    where = file(f"{_CLASS}/*/ports/*/counters", f"{len(rows)} ports")
    return {
        "node.fabric_ports": known(rows, where),
        "node.active_ports": known(len(active), where),
        "node.ports_by_rate": known({str(rate): sum(r >= rate for r in rates) for rate in _RATES}, where),
        "node.fabric_selectors": _selectors(host, ports.value),
        "node.nccl_adapters": ask(lambda: _nccl(host, rows), computed("ib.ports", "NCCL_IB_HCA")),
        "node.nccl_variables": _named(host),
        "node.fabric_firmware": _firmware(facts["ib.device_info"]),
    }


def _port(host: Host, port: Row, hours: float | None) -> Row:
    """Return a port with its counters as rates since boot, which is as long as they have counted at most."""
    folder = f"{_CLASS}/{port['device']}/ports/{port['port']}/counters"
    row: Row = {**port, "netdev": None, "netdev_state": None, "mtu": None}
    for name, counter in (("symbol_errors", "symbol_error"), ("link_recoveries", "link_error_recovery")):
        figure(row, f"{name}_per_hour", host, f"{folder}/{counter}", lambda text: _an_hour(int(text), hours))
    figure(row, "link_downed", host, f"{folder}/link_downed")
    faults = [figure(row, "link_faults", host, f"{folder}/{counter}") for counter in _FAULTS]
    row["link_faults"] = None if None in faults else sum(faults)
    figure(row, "roce_restarts", host, f"{folder.removesuffix('counters')}hw_counters/roce_slow_restart")
    for netdev in list_or_empty(host, f"{_CLASS}/{port['device']}/device/net")[:1]:
        row["netdev"] = netdev
        figure(row, "netdev_state", host, f"{_NET}/{netdev}/operstate", str)
        figure(row, "mtu", host, f"{_NET}/{netdev}/mtu")
    return row


def _an_hour(count: int, hours: float | None) -> float:
    """Return a count since boot as a rate; without the time since boot it cannot be told.

    Raises:
        ValueError: the time since boot is not known.

    """
    if hours is None:
        raise ValueError(hours)
    return round(count / hours, 1)


def _nccl(host: Host, rows: list[Row]) -> list[Row]:
    """Return the ports that NCCL would use: those that NCCL_IB_HCA leaves, each beside the fastest of them.

    NCCL's user guide: all adapters unless NCCL_IB_HCA filters them, none with NCCL_IB_DISABLE=1.
    """
    said = host.environ()
    if said.get("NCCL_IB_DISABLE", "0") not in ("", "0"):
        return []
    named = {f"{row['device']}:{row['port']}": row for row in rows}
    chosen = choose(said["NCCL_IB_HCA"], list(named))[0] if said.get("NCCL_IB_HCA") else list(named)
    fastest = max((named[name]["rate_gbps"] or 0 for name in chosen), default=0)
    fields = ("device", "port", "state", "rate_gbps", "link_layer")
    return [{**{k: named[n][k] for k in fields}, "fastest_gbps": fastest} for n in chosen]


def _named(host: Host) -> Fact:
    """Return NCCL's variables that are set, by name: a misspelt one is ignored without a word."""
    return ask(
        lambda: [{"variable": name} for name in sorted(host.environ()) if name.startswith("NCCL_")],
        computed("env"),
    )


def _firmware(info: Fact) -> Fact:
    """Return the firmware versions of each kind of adapter (board)."""
    if not info.is_known:
        return info
    boards: dict[str, set[str]] = {}
    for row in info.value.values():
        if row.get("firmware"):
            boards.setdefault(row.get("board") or row.get("type") or "", set()).add(row["firmware"])
    rows = [
        {"board": board, "versions": sorted(found), "count": len(found)}
        for board, found in sorted(boards.items())
    ]
    return known(rows, *info.evidence)


def _selectors(host: Host, ports: list[Row] | None) -> Fact:
    """Return what each variable selects, by the library's own grammar, and which names match nothing."""
    return ask(lambda: _selected(host, ports), computed("env", "ib.ports"))


def _selected(host: Host, ports: list[Row] | None) -> list[Row]:
    environment = host.environ()
    rows: list[Row] = []
    for variables, names in ((_ADAPTERS, _adapters(ports)), (_INTERFACES, _interfaces(host))):
        for variable in (variable for variable in variables if environment.get(variable)):
            value = environment[variable]
            row: Row = {"variable": variable, "value": value}
            if names is None:
                rows.append({**row, "unknown_because": "what it may choose from is unknown"})
                continue
            chosen, missing = choose(
                value, names, exact=variable in ("UCX_NET_DEVICES", "OMPI_MCA_btl_tcp_if_include")
            )
            rows.append({**row, "selected": chosen, "missing": missing})
    return rows


def _adapters(ports: list[Row] | None) -> list[str] | None:
    return None if ports is None else [f"{row['device']}:{row['port']}" for row in ports]


def _interfaces(host: Host) -> list[str] | None:
    try:
        return host.listdir(_NET)
    except (OSError, NotRecorded):
        return None


PROBE = Probe(
    name="node/fabric",
    needs=("ib.ports", "ib.device_info"),
    provides=(*_OF_PORTS, "node.fabric_selectors", "node.nccl_variables"),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
    deadline=1.5,
)
