"""AMD GPUs: the bus, the compute topology, ROCm's tools and who may use the devices."""

from __future__ import annotations

from typing import Any

from auditor.host.formats.pci import bus_id, sysfs_address
from auditor.host.formats.readings import Device
from auditor.host.formats.rocm_smi import Report
from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, absent, computed, file, known, unknown
from auditor.probes.amd import access, kfd, tools
from auditor.probes.base import Probe, ask, list_or_empty, read_or_none
from auditor.probes.gpu_facts import AMD as FIELDS
from auditor.probes.gpu_facts import facts_of, summary
from auditor.probes.pci import AMD

_SUMMARY = ("name", "pci_bus_id", "gfx_target", "memory_total_mib")
_GPU_CLASSES = ("0x0300", "0x0302", "0x0380", "0x1200")
_MODULE = "/sys/module/amdgpu"


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return amd.* and gpu[i].* of AMD's GPUs; their indices follow NVIDIA's."""
    bus = facts["pci.accelerators"]
    rows = [r for r in bus.value or [] if r["vendor"] == AMD and (r["class"] or "").startswith(_GPU_CLASSES)]
    nodes = ask(
        lambda: kfd.gpu_nodes(host), file(kfd.NODES), missing="the driver's compute topology is not there"
    )
    here = bool(rows or nodes.value)
    asked = here or not bus.is_known
    report, evidence, why, state = tools.ask(host) if asked else (None, (), "", "")
    devices = _devices(host, rows, nodes.value or [], report)
    first = len([i for i in facts.instances("gpu") if facts.value(f"gpu[{i}].vendor") == "nvidia"])
    source = "ROCm's tools" if report else "the kernel"
    return {
        "amd.kfd_gpu_nodes": known(len(nodes.value), *nodes.evidence) if nodes.is_known else _no_nodes(nodes),
        "amd.gpu_count": _count(bus, rows, nodes, report, why),
        "amd.gpus": known(summary(devices, _SUMMARY), computed("gpu[i].*"))
        if here or bus.is_known or report
        else unknown(why),
        "amd.gfx_targets": _targets(devices, nodes, bus),
        "amd.driver_version": _driver(host, report, evidence),
        "amd.rocm_version": _rocm(host, report, evidence),
        "amd.tool_state": _tool_state(state, why, evidence),
        **access.collect(host),
        **facts_of(devices, "amd", FIELDS, first, source, *(evidence or nodes.evidence or bus.evidence)),
    }


def _tool_state(state: str, why: str, evidence: tuple[Evidence, ...]) -> Fact:
    """Return how ROCm's tools fared; where nothing of AMD is here they were not asked."""
    if not state:
        return absent("not asked: nothing of AMD is here")
    where = evidence or (Evidence("command", "rocm-smi, amd-smi", why),)
    return unknown(why, *where) if state == "unknown" else known(state, *where)


def _no_nodes(nodes: Fact) -> Fact:
    """Without a topology there are no nodes; where it could not be looked at, that is unknown."""
    return known(0, *nodes.evidence) if nodes.state == "absent" else nodes


def _devices(
    host: Host, rows: list[dict[str, Any]], nodes: list[kfd.Node], report: Report | None
) -> list[Device]:
    """Return one device a KFD node (as frameworks count), else a tool's device, else a PCI function."""
    told = report.devices if report else []
    if nodes:
        devices = [node.device for node in nodes]
        _add(devices, told)
    else:
        devices = told or [Device({"pci_bus_id": bus_id(row["address"])}) for row in rows]
    if any("gfx_target" not in device.values or "name" not in device.values for device in devices):
        _add(devices, tools.agents(host))
    for device in devices:
        _add_kernel(host, device, rows)
    return devices


def _add(devices: list[Device], told: list[Device]) -> None:
    """Lay a tool's devices over ours: in order where they are as many, else by PCI address."""
    by_address = {device.values.get("pci_bus_id"): device for device in reversed(told)}
    for index, device in enumerate(devices):
        other = told[index] if len(told) == len(devices) else by_address.get(device.values.get("pci_bus_id"))
        if other is not None:
            fresh = {
                field: value for field, value in other.values.items() if device.values.get(field) is None
            }
            device.values.update(fresh)
            device.problems.update({k: v for k, v in other.problems.items() if k not in device.values})


def _add_kernel(host: Host, device: Device, rows: list[dict[str, Any]]) -> None:
    address = device.values.get("pci_bus_id")
    row = next((row for row in rows if bus_id(row["address"]) == address), None)
    if address is None or row is None:
        return
    folder = f"/sys/bus/pci/devices/{sysfs_address(address)}"
    sizes = {part: read_or_none(host, f"{folder}/mem_info_vram_{part}") for part in ("total", "used")}
    kernel: dict[str, Any] = {f"memory_{k}_mib": int(v) >> 20 for k, v in sizes.items() if v and v.isdigit()}
    kernel |= {
        "device_id": row["device"],
        "numa_node": row.get("numa_node"),
        "name": read_or_none(host, f"{folder}/product_name"),
    }
    for field, column in (("pcie_width", "width"), ("pcie_generation", "generation")):
        kernel |= {field: row.get(column), f"{field}_max": row.get(f"{column}_max")}
    for field, value in kernel.items():
        if value not in (None, "") and device.values.get(field) is None:
            device.values[field] = value


def _count(bus: Fact, rows: list[dict[str, Any]], nodes: Fact, report: Report | None, why: str) -> Fact:
    if report and report.devices:
        return known(len(report.devices), Evidence("command", "rocm-smi or amd-smi"))
    if bus.is_known and (rows or not nodes.value):
        return known(len(rows), *bus.evidence)
    if nodes.is_known:
        cards = {node.card for node in nodes.value if node.card is not None}
        return known(len(cards) or len(nodes.value), *nodes.evidence)
    return unknown(why or bus.reason, *bus.evidence)


def _targets(devices: list[Device], nodes: Fact, bus: Fact) -> Fact:
    targets = sorted({target for device in devices if (target := device.values.get("gfx_target"))})
    if targets:
        return known(targets, *nodes.evidence)
    if devices:
        return unknown(
            "neither the kernel nor a tool names the instruction-set target of these GPUs", *nodes.evidence
        )
    return known([], *bus.evidence) if bus.is_known else unknown(bus.reason, *bus.evidence)


def _driver(host: Host, report: Report | None, evidence: tuple[Evidence, ...]) -> Fact:
    """Return the amdgpu version; the driver of the kernel's own tree has none."""
    found = ask(lambda: host.read(f"{_MODULE}/version").strip(), file(f"{_MODULE}/version"))
    if found.is_known:
        return found
    if report and report.driver_version:
        return known(report.driver_version, *evidence)
    if "amdgpu" in list_or_empty(host, "/sys/module"):
        return absent("amdgpu is the kernel's own and has no version of its own", file(_MODULE))
    return found if found.state == "unknown" else absent("the amdgpu module is not loaded", file(_MODULE))


def _rocm(host: Host, report: Report | None, evidence: tuple[Evidence, ...]) -> Fact:
    """Return ROCm's version, such as 6.2.4 of "6.2.4-114"."""
    folders = [
        "/opt/rocm",
        *(f"/opt/{name}" for name in list_or_empty(host, "/opt") if name.startswith("rocm-")),
    ]
    for folder in folders:
        text = read_or_none(host, f"{folder}/.info/version")
        if text:
            return known(text.partition("-")[0], file(f"{folder}/.info/version", text))
    if report and report.rocm_version:
        return known(report.rocm_version, *evidence)
    try:
        host.listdir("/opt")
    except (NotRecorded, PermissionError) as error:
        return unknown(str(error), file("/opt/rocm"))
    except OSError:
        pass
    return absent("there is no /opt/rocm*/.info/version", file("/opt/rocm"))


PROBE = Probe(
    name="amd",
    needs=("pci.accelerators", "nvidia.gpus"),
    provides=(
        "amd.gpu_count",
        "amd.gpus",
        "amd.kfd_gpu_nodes",
        "amd.gfx_targets",
        "amd.driver_version",
        "amd.rocm_version",
        "amd.device_access",
        "amd.groups_missing",
        "amd.tool_state",
    ),
    collect=collect,
    cost=0.5,
)
