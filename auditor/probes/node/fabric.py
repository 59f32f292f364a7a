"""Fabric ports with their error counters, and whether the variables that choose adapters fit what is there."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, computed, file, known
from auditor.probes.base import Collected, Probe, ask, list_or_empty, read_or_none
from auditor.probes.node.selectors import choose

_CLASS = "/sys/class/infiniband"
_NET = "/sys/class/net"
_RATES = (100, 200, 400, 800)
_ADAPTERS = ("NCCL_IB_HCA", "UCX_NET_DEVICES", "NVSHMEM_HCA_LIST")
_INTERFACES = ("NCCL_SOCKET_IFNAME", "GLOO_SOCKET_IFNAME", "OMPI_MCA_btl_tcp_if_include", "UCX_TLS_IFNAME")

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.fabric_ports, node.active_ports, node.ports_by_rate and node.fabric_selectors."""
    ports = facts["ib.ports"]
    if not ports.is_known:
        rest = dict.fromkeys(PROBE.provides[:3], ports)
        return {**rest, "node.fabric_selectors": _selectors(host, None)}
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
    }


def _port(host: Host, port: Row, hours: float | None) -> Row:
    """Return a port with its counters as rates since boot, which is as long as they have counted at most."""
    folder = f"{_CLASS}/{port['device']}/ports/{port['port']}/counters"
    row = {**port, "netdev": None, "netdev_state": None}
    for name, counter in (("symbol_errors", "symbol_error"), ("link_recoveries", "link_error_recovery")):
        count = _count(host, f"{folder}/{counter}")
        row[f"{name}_per_hour"] = round(count / hours, 1) if count is not None and hours else None
    row["link_downed"] = _count(host, f"{folder}/link_downed")
    for netdev in list_or_empty(host, f"{_CLASS}/{port['device']}/device/net")[:1]:
        row |= {"netdev": netdev, "netdev_state": read_or_none(host, f"{_NET}/{netdev}/operstate")}
    return row


def _count(host: Host, path: str) -> int | None:
    text = read_or_none(host, path)
    return int(text) if text and text.isdigit() else None


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
    needs=("ib.ports",),
    provides=("node.fabric_ports", "node.active_ports", "node.ports_by_rate", "node.fabric_selectors"),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
    deadline=1.5,
)
