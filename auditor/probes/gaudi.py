"""Intel Gaudi accelerators."""

from __future__ import annotations

from typing import Any

from auditor.host.formats import hl_smi
from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, absent, command, file, known, unknown
from auditor.probes.base import Probe, ask
from auditor.probes.pci import HABANA

DEADLINE = 10.0
_VERSION = "/sys/module/habanalabs/version"
_COLUMNS = "index,uuid,name,driver_version,memory.total"
_ASKED = (
    ["hl-smi", "-Q", _COLUMNS, "--format=csv,noheader,nounits"],
    ["hl-smi"],
    ["hl-smi", "-L"],
)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the accelerators that hl-smi shows, else those on the PCI bus, and the driver's version."""
    bus = facts["pci.accelerators"]
    rows = [row for row in bus.value or [] if row["vendor"] == HABANA]
    shown, evidence = _tool(host) if rows or not bus.is_known else ([], bus.evidence)
    devices = shown or [{"pci_bus_id": row["address"], "device_id": row["device"]} for row in rows]
    where = evidence if shown else bus.evidence
    if not devices and not bus.is_known:
        return dict.fromkeys(PROBE.provides, unknown(bus.reason, *bus.evidence))
    return {
        "gaudi.device_count": known(len(devices), *where),
        "gaudi.devices": known(devices, *where),
        "gaudi.driver_version": _driver(host, devices, where),
    }


def _tool(host: Host) -> tuple[list[dict[str, Any]], tuple[Evidence, ...]]:
    for argv in _ASKED:
        try:
            answer = host.run(" ".join(argv[:2]), list(argv), DEADLINE)
            return hl_smi.parse(answer.stdout), (command(answer.line),)
        except NotRecorded:
            continue
        except (OSError, ValueError):
            break
    return [], ()


def _driver(host: Host, devices: list[dict[str, Any]], where: tuple[Evidence, ...]) -> Fact:
    said = next((device["driver_version"] for device in devices if "driver_version" in device), None)
    if said:
        return known(said, *where)
    if not devices:
        return absent("there is no Gaudi accelerator", *where)
    return ask(
        lambda: host.read(_VERSION).strip(), file(_VERSION), missing="the habanalabs module is not loaded"
    )


PROBE = Probe(
    name="gaudi",
    needs=("pci.accelerators",),
    provides=("gaudi.device_count", "gaudi.devices", "gaudi.driver_version"),
    collect=collect,
)
