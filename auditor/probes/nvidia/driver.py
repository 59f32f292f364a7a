"""The driver apart from any tool: kernel module, loaded modules, device nodes, user-space libraries."""

from __future__ import annotations

import re

from auditor.host.protocol import Host, NotRecorded, exists
from auditor.model.fact import Fact, Facts, absent, computed, file, known, unknown
from auditor.probes.base import ask, read_or_none

VERSION = "/proc/driver/nvidia/version"
_SYSFS_VERSION = "/sys/module/nvidia/version"
_MODULES = (
    "nvidia", "nvidia_uvm", "nvidia_modeset", "nvidia_drm", "nvidia_peermem", "nv_peer_mem", "nouveau", "nova_core",
    "gdrdrv", "vfio_pci",
)  # fmt: skip


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return versions of the kernel module and of the libraries apart, modules and device nodes."""
    return {
        "nvidia.kernel_module_version": _module_version(host),
        "nvidia.kernel_module_open": _is_open(host),
        "nvidia.modules": _modules(host),
        "nvidia.device_nodes": ask(lambda: _nodes(host), file("/dev")),
        **_libraries(facts),
    }


def _module_version(host: Host) -> Fact:
    first = ask(
        lambda: _version(host.read(VERSION)), file(VERSION), missing="the kernel module is not loaded"
    )
    if first.is_known:
        return first
    second = ask(
        lambda: host.read(_SYSFS_VERSION).strip(),
        file(_SYSFS_VERSION),
        missing="the kernel module is not loaded",
    )
    return second if second.is_known or first.state == "unknown" else first


def _version(text: str) -> str | None:
    """Return the version in "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build"."""
    found = re.search(r"NVRM version:.*?\s(\d{2,4}\.\d+(?:\.\d+)*)\b", text)
    return found[1] if found else None


def _is_open(host: Host) -> Fact:
    def question() -> bool:
        return "Open Kernel Module" in host.read(VERSION).partition("\n")[0]

    return ask(question, file(VERSION), missing="the kernel module is not loaded")


def _modules(host: Host) -> Fact:
    listed = read_or_none(host, "/proc/modules")
    if listed is not None:
        names = {line.partition(" ")[0] for line in listed.splitlines()}
        return known([name for name in _MODULES if name in names], file("/proc/modules"))
    return ask(
        lambda: [name for name in _MODULES if exists(host, f"/sys/module/{name}")], file("/sys/module")
    )


def _nodes(host: Host) -> list[dict[str, object]]:
    names = [name for name in host.listdir("/dev") if name.startswith("nvidia") or name == "dxg"]
    return [access(host, f"/dev/{name}") for name in names]


def access(host: Host, path: str) -> dict[str, object]:
    """Return a device node's path, mode and group, and whether this process may use it.

    A captured tree holds neither owners nor rights: there all but the path is None.
    """
    if host.kind == "root":
        return {"path": path, "readable": None, "writable": None, "mode": None}
    try:
        info = host.stat(path)
    except (OSError, NotRecorded) as error:
        return {"path": path, "readable": False, "writable": False, "mode": None, "why": str(error)}
    return {
        "path": path,
        "readable": info.readable,
        "writable": info.writable,
        "mode": f"{info.mode & 0o7777:04o}",
        "gid": info.gid,
    }


def _libraries(facts: Facts) -> dict[str, Fact]:
    libraries = facts["loader.libraries"]
    if not libraries.is_known:
        reason = unknown(libraries.reason, *libraries.evidence)
        return dict.fromkeys(
            ("nvidia.libcuda_paths", "nvidia.libcuda_version", "nvidia.nvml_library_version"), reason
        )

    def named(stem: str) -> list[dict[str, str | None]]:
        return [entry for entry in libraries.value if entry["soname"].startswith(stem)]

    def version(stem: str) -> Fact:
        first = next(iter(named(stem)), None)
        if first is None:
            return absent(f"the loader finds no {stem}", *libraries.evidence)
        number = first["version"]
        where = file(str(first["path"]))
        return (
            known(number, where) if number else unknown(f"the name of {first['path']} has no version", where)
        )

    return {
        "nvidia.libcuda_paths": known(
            [entry["path"] for entry in named("libcuda.so")], computed("loader.libraries")
        ),
        "nvidia.libcuda_version": version("libcuda.so"),
        "nvidia.nvml_library_version": version("libnvidia-ml.so"),
    }
