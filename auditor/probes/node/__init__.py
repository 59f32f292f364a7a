"""Probes of a node's state: a table of their own, so that a quick look neither imports nor waits for them."""

from __future__ import annotations

from importlib import import_module

from auditor.probes.base import Probe

# probe -> the facts by which it is chosen, without importing it; a test holds them against `provides`
ALL: dict[str, tuple[str, ...]] = {
    "mounts": ("node.mounts",),
    "clock": ("node.clock_synchronised", "node.clock_error_ms", "node.clocksource"),
    "names": ("node.names",),
    "settings": (
        "node.sysctl",
        "node.modules",
        "node.files",
        "node.conntrack_percent",
        "node.taint",
        "node.taint_faults",
    ),
    "processes": ("node.services", "node.blocked_processes", "node.zombies", "node.load_per_cpu"),
    "kernel_log": ("node.kernel_events", "node.xids", "node.sxids"),
    "fabric": (
        "node.fabric_ports",
        "node.active_ports",
        "node.ports_by_rate",
        "node.fabric_selectors",
        "node.nccl_adapters",
        "node.nccl_variables",
        "node.fabric_firmware",
    ),
    "bus": ("node.bus_errors", "node.acs_bridges", "node.iommu"),
    "security": ("node.selinux", "node.apparmor"),
    "cards": ("node.cards",),
    "amd_cards": ("node.amd_cards", "node.kfd_processes"),
    "locality": ("node.locality",),
    "grant": ("node.grant",),
    "interfaces": ("node.interfaces",),
    "hardware": ("node.disks", "node.memory_errors", "node.memory_modules", "node.firmware_version"),
    "containers": ("node.container_runtimes", "node.gpu_container_toolkit"),
    "packages": ("node.packages",),
}

# those that a scan runs too where it takes seconds anyway: they read files of the kernel and ask nobody
WITH_SCAN: tuple[str, ...] = ("mounts", "clock", "processes", "fabric")


def load(name: str) -> Probe:
    """Return the probe of the module `name`, imported now."""
    probe = import_module(f"auditor.probes.node.{name}").PROBE
    assert isinstance(probe, Probe), f"auditor.probes.node.{name}.PROBE is no Probe"
    return probe
