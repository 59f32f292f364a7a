"""InfiniBand, RoCE, Omni-Path and EFA ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.host.formats import ib
from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, command, computed, file, known, unknown
from auditor.probes.base import Probe, list_or_empty, read_or_none

_CLASS = "/sys/class/infiniband"
_TOOLS: tuple[tuple[str, Callable[[str], list[ib.Port]]], ...] = (
    ("ibstat", ib.parse_ibstat),
    ("ibstatus", ib.parse_ibstatus),
)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return devices and ports from sysfs; where that was not captured, from ibstat or ibstatus."""
    try:
        devices = host.listdir(_CLASS)
    except (FileNotFoundError, NotADirectoryError):
        nothing = known([], file(_CLASS, "there is no such folder"))
        return {"ib.devices": nothing, "ib.ports": nothing, "ib.device_info": known({}, *nothing.evidence)}
    except NotRecorded as error:
        return _from_tools(host, str(error))
    except OSError as error:
        reason = unknown(f"{_CLASS}: {error.strerror}", file(_CLASS))
        return dict.fromkeys(PROBE.provides, reason)
    ports = [_port(host, device, port) for device in devices for port in _numbers(host, device)]
    return {
        "ib.devices": known(devices, file(_CLASS)),
        "ib.device_info": known({device: _info(host, device, ports) for device in devices}, file(_CLASS)),
        "ib.ports": known(ports, file(f"{_CLASS}/*/ports")),
    }


def _numbers(host: Host, device: str) -> list[int]:
    names = list_or_empty(host, f"{_CLASS}/{device}/ports")
    return sorted(int(name) for name in names if name.isdigit())


def _port(host: Host, device: str, port: int) -> dict[str, Any]:
    folder = f"{_CLASS}/{device}/ports/{port}"
    texts = {
        name: read_or_none(host, f"{folder}/{name}") for name in ("state", "phys_state", "rate", "link_layer")
    }
    return {
        "device": device,
        "port": port,
        "state": ib.state(texts["state"]) if texts["state"] else None,
        "phys_state": ib.phys_state(texts["phys_state"]) if texts["phys_state"] else None,
        "rate_gbps": ib.rate(texts["rate"]) if texts["rate"] else None,
        "link_layer": texts["link_layer"],
    }


def _info(host: Host, device: str, ports: list[dict[str, Any]]) -> dict[str, Any]:
    folder = f"{_CLASS}/{device}"
    layers = {port["link_layer"] for port in ports if port["device"] == device}
    return {
        "kind": _kind(_driver(host, folder), layers),
        "firmware": read_or_none(host, f"{folder}/fw_ver"),
        "board": read_or_none(host, f"{folder}/board_id"),
        "type": read_or_none(host, f"{folder}/hca_type"),
        "numa_node": read_or_none(host, f"{folder}/device/numa_node"),
    }


def _driver(host: Host, folder: str) -> str:
    try:
        return host.readlink(f"{folder}/device/driver").rpartition("/")[2]
    except (OSError, NotRecorded):
        return ""


def _kind(driver: str, layers: set[str | None]) -> str:
    """Name the fabric by its driver where that decides, else by the link layer."""
    named = {"efa": "efa", "hfi1": "omni-path"}.get(driver)
    return named or ("roce" if "Ethernet" in layers else "infiniband")


def _from_tools(host: Host, why: str) -> dict[str, Fact]:
    for tool, parse in _TOOLS:
        try:
            answer = host.run(tool, [tool])
        except (NotRecorded, OSError):
            continue
        ports = parse(answer.stdout)
        evidence = command(answer.line, answer.stdout.strip()[-120:] if answer.rc else f"{len(ports)} ports")
        devices = sorted({port["device"] for port in ports})
        return {
            "ib.devices": known(devices, computed("ib.ports")),
            "ib.ports": known(ports, evidence),
            "ib.device_info": unknown(f"{tool} alone was captured", evidence),
        }
    return dict.fromkeys(PROBE.provides, unknown(why, file(_CLASS)))


PROBE = Probe(name="ib", provides=("ib.devices", "ib.ports", "ib.device_info"), collect=collect)
