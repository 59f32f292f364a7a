"""Google TPUs: chips on the PCI bus, device nodes, who holds them, and what the environment says."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, absent, call, computed, file, known, unknown
from auditor.probes.base import Probe, ask, list_or_empty, read_or_none
from auditor.probes.pci import GOOGLE

# device ids by jax/_src/hardware_utils.py of JAX (August 2026). Google's network and disk devices
# share the vendor id; v2 and v3 share a device id and differ in the subsystem's.
_GENERATIONS = {
    "0x0027": "v2 or v3", "0x005e": "v4", "0x0056": "plc", "0x0062": "v5p", "0x0063": "v5e", "0x006f": "v6e",
    "0x0076": "7x", "0x0083": "8i", "0x007c": "8t",
}  # fmt: skip
_SUBSYSTEMS = {"0x004e": "v2", "0x004f": "v3"}
_ACCELERATOR_CLASS = "0x12"
_METADATA = "http://169.254.169.254/computeMetadata/v1/instance/attributes/accelerator-type"
_PREFIXES = ("TPU_", "PJRT_", "LIBTPU_")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return tpu.*; the metadata server is asked only where the user allowed it."""
    bus = facts["pci.accelerators"]
    chips = [_chip(host, row) for row in bus.value or [] if _is_tpu(row)]
    nodes = ask(lambda: _nodes(host, bool(chips)), file("/dev"))
    return {
        "tpu.chips": known(chips, *bus.evidence) if bus.is_known else unknown(bus.reason, *bus.evidence),
        "tpu.device_nodes": nodes,
        "tpu.holders": _holders(host, nodes),
        "tpu.environment": ask(lambda: _environment(host), Evidence("env", "TPU_*, PJRT_*, LIBTPU_*")),
        "tpu.cloud_type": _cloud_type(host, facts, seen=bool(chips) or not bus.is_known),
    }


def _is_tpu(row: dict[str, Any]) -> bool:
    by_class = (row["class"] or "").startswith(_ACCELERATOR_CLASS)
    return row["vendor"] == GOOGLE and (row["device"] in _GENERATIONS or by_class)


def _chip(host: Host, row: dict[str, Any]) -> dict[str, Any]:
    subsystem = read_or_none(host, f"/sys/bus/pci/devices/{row['address']}/subsystem_device") or ""
    generation = _GENERATIONS.get(row["device"])
    if generation == "v2 or v3":
        generation = _SUBSYSTEMS.get(subsystem, generation)
    return {
        "pci_bus_id": row["address"],
        "device_id": row["device"],
        "generation": generation,
        "driver": row.get("driver"),
    }


def _nodes(host: Host, has_chips: bool) -> list[str]:
    """Return /dev/accel* (v4 and older), and /dev/vfio/N (newer) where the bus shows chips."""
    accel = [
        f"/dev/{name}" for name in host.listdir("/dev") if name.startswith("accel") and name[5:].isdigit()
    ]
    vfio = (
        [f"/dev/vfio/{name}" for name in list_or_empty(host, "/dev/vfio") if name.isdigit()]
        if has_chips
        else []
    )
    return accel + vfio


def _holders(host: Host, nodes: Fact) -> Fact:
    """Return the processes that have a node open; those of other users show their files to root only."""
    if not nodes.is_known:
        return unknown(nodes.reason, *nodes.evidence)
    if not nodes.value:
        return known([], computed("tpu.device_nodes"))
    wanted = set(nodes.value)
    found, hidden = [], 0
    for pid in (name for name in list_or_empty(host, "/proc") if name.isdigit()):
        try:
            opened = {_target(host, f"/proc/{pid}/fd/{fd}") for fd in host.listdir(f"/proc/{pid}/fd")}
        except PermissionError:
            hidden += 1
            continue
        except (OSError, NotRecorded):
            continue
        if opened & wanted:
            found.append({"pid": int(pid), "name": read_or_none(host, f"/proc/{pid}/comm") or ""})
    where = file(
        "/proc/*/fd", f"{hidden} processes of other users could not be looked into" if hidden else ""
    )
    if hidden and not found:
        return unknown("processes of other users could not be looked into", where)
    return known(found, where)


def _target(host: Host, path: str) -> str:
    try:
        return host.readlink(path)
    except (OSError, NotRecorded):
        return ""


def _environment(host: Host) -> dict[str, str]:
    return {name: value for name, value in host.environ().items() if name.startswith(_PREFIXES)}


def _cloud_type(host: Host, facts: Facts, *, seen: bool) -> Fact:
    where = call(_METADATA)
    if facts.value("request.cloud_metadata") is not True:
        not_asked = "the cloud's metadata server is asked only with --cloud-metadata"
        return unknown(not_asked, where) if seen else absent("there is no TPU on the PCI bus", where)
    try:
        return known(host.call("tpu-metadata", _ask_metadata), where)
    except FileNotFoundError:
        return absent("this machine has no accelerator-type", where)
    except (NotRecorded, CallFailed, OSError) as error:
        return unknown(f"the metadata server did not answer: {error}", where)


def _ask_metadata() -> str:
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener

    request = Request(_METADATA, headers={"Metadata-Flavor": "Google"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=2.0) as answer:
            text: str = answer.read(200).decode("utf-8", "replace").strip()
    except HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(2, "no such attribute") from error
        raise
    return text


PROBE = Probe(
    name="tpu",
    needs=("pci.accelerators",),
    provides=("tpu.chips", "tpu.device_nodes", "tpu.holders", "tpu.environment", "tpu.cloud_type"),
    collect=collect,
)
