"""Which node of `nvidia-smi -q` holds which field, in its XML (schemas v4 to v13) and in its text.

Read off the DTDs that nvidia-smi names (nvsmi_device_v*.dtd) and its text of the same data; where a
field moved between drivers, all its places are listed, the best first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.host.formats.node import Node, slug
from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device, mib, number, whole, yes

Field = tuple[str, tuple[str, ...], Callable[[str], Any]]

_LINK = "pci/pci_gpu_link_info", "pci/gpu_link_info"
FIELDS: tuple[Field, ...] = (
    ("name", ("product_name",), str),
    ("uuid", ("uuid", "gpu_uuid"), str),
    ("serial", ("serial", "serial_number"), str),
    ("architecture", ("product_architecture",), str),
    ("pci_bus_id", ("pci/pci_bus_id", "pci/bus_id", "id"), bus_id),
    ("device_id", ("pci/pci_device_id", "pci/device_id"), lambda text: "0x" + text.lower().removeprefix("0x")[:4]),
    ("vbios_version", ("vbios_version",), str),
    ("gsp_firmware_version", ("gsp_firmware_version",), str),
    ("driver_model", ("driver_model/current_dm", "driver_model/current"), str),
    ("virtualization_mode", ("gpu_virtualization_mode/virtualization_mode",), str),
    ("persistence_mode", ("persistence_mode",), str),
    ("compute_mode", ("compute_mode",), str),
    ("mig_mode", ("mig_mode/current_mig", "mig_mode/current"), str),
    ("ecc_mode", ("ecc_mode/current_ecc", "ecc_mode/current"), str),
    ("memory_total_mib", ("fb_memory_usage/total", "memory_usage/total"), mib),
    ("memory_used_mib", ("fb_memory_usage/used", "memory_usage/used"), mib),
    ("memory_free_mib", ("fb_memory_usage/free", "memory_usage/free"), mib),
    ("utilization_percent", ("utilization/gpu_util", "utilization/gpu"), whole),
    ("pcie_width", (f"{_LINK[0]}/link_widths/current_link_width", f"{_LINK[1]}/link_width/current"), whole),
    ("pcie_width_max", (f"{_LINK[0]}/link_widths/max_link_width", f"{_LINK[1]}/link_width/max"), whole),
    ("pcie_generation", (f"{_LINK[0]}/pcie_gen/current_link_gen", f"{_LINK[1]}/pcie_generation/current"), whole),
    ("pcie_generation_max", (f"{_LINK[0]}/pcie_gen/max_link_gen", f"{_LINK[1]}/pcie_generation/max"), whole),
    ("temperature_c", ("temperature/gpu_temp", "temperature/gpu_current_temp", "temperature/gpu"), whole),
    ("temperature_slowdown_c", ("temperature/gpu_temp_slow_threshold", "temperature/gpu_slowdown_temp"), whole),
    ("temperature_shutdown_c", ("temperature/gpu_temp_max_threshold", "temperature/gpu_shutdown_temp"), whole),
    ("temperature_memory_c", ("temperature/memory_temp", "temperature/memory_current_temp"), whole),
    ("temperature_margin_c", ("temperature/gpu_temp_tlimit", "temperature/gpu_t_limit_temp"), whole),
    ("temperature_slowdown_margin_c",
     ("temperature/gpu_temp_slow_tlimit_threshold", "temperature/gpu_slowdown_t_limit_temp"), whole),
    ("temperature_shutdown_margin_c",
     ("temperature/gpu_temp_max_tlimit_threshold", "temperature/gpu_shutdown_t_limit_temp"), whole),
    ("clock_sm_mhz", ("clocks/sm_clock", "clocks/sm"), whole),
    ("clock_memory_mhz", ("clocks/mem_clock", "clocks/memory"), whole),
    ("clock_sm_max_mhz", ("max_clocks/sm_clock", "max_clocks/sm"), whole),
    ("power_draw_w",
     ("gpu_power_readings/power_draw", "gpu_power_readings/average_power_draw",
      "gpu_power_readings/instant_power_draw", "gpu_power_readings/instantaneous_power_draw",
      "power_readings/power_draw"), number),
    ("power_limit_w",
     ("gpu_power_readings/current_power_limit", "power_readings/enforced_power_limit", "power_readings/power_limit"),
     number),
    ("inforom", ("inforom_version/img_version", "inforom_version/image_version"), str),
    ("fabric_state", ("fabric/state",), str),
    ("fabric_status", ("fabric/status",), str),
)  # fmt: skip


def device(gpu: Node) -> Device:
    """Return one GPU's fields."""
    found = Device()
    for field, paths, how in FIELDS:
        found.put(field, _first(gpu, paths), how)
    _ecc(gpu, found)
    _retired(gpu, found)
    _remapped(gpu, found)
    _repairs(gpu, found)
    _reasons(gpu, found)
    _recovery(gpu, found)
    _mig(gpu, found)
    _processes(gpu, found)
    _fabric_health(gpu, found)
    return found


def _fabric_health(gpu: Node, found: Device) -> None:
    """Put NVML's word for the fabric's health; drivers without a summary tell its parts, in which N/A is no fault."""
    health = gpu.find("fabric/health")
    if health is None:
        return
    summary = health.text("summary")
    parts = {node_label: node.value.lower() for node_label, node in health.children}
    if summary in (None, "N/A", ""):
        wrong = parts.get("incorrect_configuration", "none") not in ("none", "n/a", "", "false", "no")
        if wrong or any(
            parts.get(name) in ("true", "yes") for name in ("route_unhealthy", "access_timeout_recovery")
        ):
            summary = "Unhealthy"
        elif parts.get("bandwidth") == "degraded":
            summary = "Limited Capacity"
    found.put("fabric_health", summary, str)


def _first(gpu: Node, paths: tuple[str, ...]) -> str | None:
    """Return the text at the first path that has a value; where all say N/A, that."""
    texts = [text for path in paths if (text := gpu.text(path)) is not None]
    return next((text for text in texts if text not in ("N/A", "")), texts[0] if texts else None)


def _ecc(gpu: Node, found: Device) -> None:
    for period in ("volatile", "aggregate"):
        errors = gpu.find(f"ecc_errors/{period}")
        if errors is None:
            continue
        for kind, old in (("corrected", "single_bit"), ("uncorrected", "double_bit")):
            counts = _old_total(errors, old) or _counts(errors, kind)
            found.put(f"ecc_{kind}_{period}", _sum(counts), int)


def _old_total(errors: Node, kind: str) -> list[str]:
    """Return the total of drivers that count by place (before Ampere: single and double bit)."""
    total = errors.text(f"{kind}/total")
    return [] if total is None else [total]


def _counts(errors: Node, kind: str) -> list[str]:
    """Return the counts of SRAM and DRAM; uncorrectable SRAM errors may be split by parity and SEC-DED."""
    wanted = "_uncorrectable" if kind == "uncorrected" else "_correctable"
    return [node.value for label, node in errors.children if wanted in label]


def _sum(texts: list[str]) -> str | None:
    counts = [int(text) for text in texts if text.isdigit()]
    return str(sum(counts)) if counts else (texts[0] if texts else None)


def _retired(gpu: Node, found: Device) -> None:
    pages = gpu.find("retired_pages")
    if pages is None:
        return
    parts = Device()
    parts.put("single_bit", pages.text("multiple_single_bit_retirement/retired_count", "single_bit_ecc"), int)
    parts.put("double_bit", pages.text("double_bit_retirement/retired_count", "double_bit_ecc"), int)
    pending = pages.text("pending_blacklist", "pending_retirement", "pending_page_blacklist", "pending")
    parts.put("pending", pending, yes)
    _together(found, "retired_pages", parts)


def _remapped(gpu: Node, found: Device) -> None:
    rows = gpu.find("remapped_rows")
    if rows is None:
        return
    if not rows.children:
        found.put("remapped_rows", rows.value, str)
        return
    parts = Device()
    parts.put("correctable", rows.text("remapped_row_corr", "correctable_error"), int)
    parts.put("uncorrectable", rows.text("remapped_row_unc", "uncorrectable_error"), int)
    parts.put("pending", rows.text("remapped_row_pending", "pending"), yes)
    parts.put("failure", rows.text("remapped_row_failure", "remapping_failure_occurred"), yes)
    _together(found, "remapped_rows", parts)


def _repairs(gpu: Node, found: Device) -> None:
    """Put the flags of the ECC section; a driver that prints none of the repairs makes none."""
    errors = gpu.find("ecc_errors")
    if errors is None:
        return
    found.put("sram_threshold_exceeded", errors.text("aggregate/sram_threshold_exceeded"), yes)
    parts = Device()
    for name, path in (
        ("channel", "channel_repair_pending"),
        ("tpc", "tpc_repair_pending"),
        ("unrepairable", "unrepairable_memory"),
    ):
        parts.put(name, errors.text(path), yes)
    if parts.problems and True not in parts.values.values():
        parts.values.clear()  # no repair is due only where every flag says so
    _together(found, "repair", parts)


def _together(found: Device, field: str, parts: Device) -> None:
    """Keep parts as one object: None where the tool has none of them, a problem where it could read none."""
    values = {name: value for name, value in parts.values.items() if value is not None}
    if parts.problems and not values:
        found.problems[field] = next(iter(parts.problems.values()))
    else:
        found.values[field] = values or None


def _reasons(gpu: Node, found: Device) -> None:
    section = gpu.find("clocks_event_reasons") or gpu.find("clocks_throttle_reasons")
    if section is None:
        return
    if not section.children:
        found.put("clock_event_reasons", section.value, lambda text: [slug(text)])
        return
    found.values["clock_event_reasons"] = [
        _reason(label) for label, node in section.walk() if node.value == "Active"
    ]


def _reason(label: str) -> str:
    short = label.removeprefix("clocks_event_reason_").removeprefix("clocks_throttle_reason_")
    return {"idle": "gpu_idle", "display_clock_setting": "display_clocks_setting"}.get(short, short)


def _recovery(gpu: Node, found: Device) -> None:
    action = gpu.text("gpu_recovery_action")
    if action is not None:
        found.put("recovery_action", action, str.lower)
        return
    reset, drain = (
        gpu.text(f"gpu_reset_status/{name}") for name in ("reset_required", "drain_and_reset_recommended")
    )
    if reset is not None:
        words = {"Yes": "reset", "No": "drain and reset" if drain == "Yes" else "none"}
        found.put("recovery_action", words.get(reset, reset), str)


def _mig(gpu: Node, found: Device) -> None:
    section = gpu.find("mig_devices")
    nodes = section.all("mig_device") if section else gpu.all("mig_device")
    if nodes:
        found.values["mig_devices"] = [_mig_device(node) for node in nodes]
    elif section or "mig_mode" in found.values:
        found.values["mig_devices"] = None if found.values.get("mig_mode") is None else []


def _mig_device(node: Node) -> dict[str, Any]:
    one = Device()
    one.put("index", node.text("index"), int)
    one.put("gpu_instance_id", node.text("gpu_instance_id"), int)
    one.put("uuid", node.text("uuid"), str)
    one.put("memory_total_mib", node.text("fb_memory_usage/total", "shared_fb_memory_usage/total"), mib)
    one.put("multiprocessors", node.text("device_attributes/shared/multiprocessor_count"), int)
    return {name: value for name, value in one.values.items() if value is not None}


def _processes(gpu: Node, found: Device) -> None:
    section = gpu.find("processes")
    if section is None:
        return
    if section.value and section.value != "None":
        found.put("processes", section.value, str)
        return
    nodes = section.all("process_info") + section.all("process_id")
    found.values["processes"] = [process for node in nodes if (process := _process(node)) is not None]


def _process(node: Node) -> dict[str, Any] | None:
    pid = node.text("pid") or node.value
    if not pid.isdigit():
        return None
    one = Device()
    one.put("memory_mib", node.text("used_memory", "used_gpu_memory"), mib)
    return {
        "pid": int(pid),
        "name": program(node.text("process_name", "name") or ""),
        "memory_mib": one.values.get("memory_mib"),
        "type": node.text("type") or "",
    }


def program(command: str) -> str:
    """Return a process's name without its arguments, which may hold anything of the user's."""
    return command.partition(" --")[0][:120]
