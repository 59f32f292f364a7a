"""What an administrator types on this system: drivers, kernel headers, keys, a restart."""

from __future__ import annotations

from auditor.engine.planning.rows import rows
from auditor.engine.remedy.places import places
from auditor.engine.versions import NoVersion, minor
from auditor.model.fact import Facts

DRIVERS = "https://www.nvidia.com/drivers"
# in a place of its own the driver is another's matter
_ELSEWHERE = {
    "container": f"# on the host, not in the container: {DRIVERS}",
    "jetson": "# a Jetson's driver is part of its JetPack: https://developer.nvidia.com/embedded/jetpack",
    "wsl": f"# on Windows, not in WSL, whose driver is that of Windows: {DRIVERS}",
    "windows": f"# {DRIVERS}",
    "mac": "# no driver of NVIDIA's serves a Mac of today",
}
_ARCHS = {"aarch64": "sbsa", "arm64": "sbsa"}
_TURING = (7, 5)


def driver_install(facts: Facts) -> str:
    """Return the lines that bring the driver, or a newer one where one is there; else where it is to be had."""
    if elsewhere := _elsewhere(facts):
        return elsewhere
    newer = _command(facts, "driver_update") if facts["nvidia.driver_version"].is_known else ""
    return newer or _command(facts, "driver") or f"# {DRIVERS}"


def kernel_headers(facts: Facts) -> str:
    """Return the line that brings the running kernel's headers."""
    return (
        _command(facts, "headers") or "# the headers of the running kernel, by this system's package manager"
    )


def module_rebuild(facts: Facts) -> str:
    """Return the line that builds the kernel module again."""
    return _command(facts, "rebuild")


def mok_key(facts: Facts) -> str:
    """Return where the key lies by which this system signs modules that it builds."""
    return _command(facts, "mok_key")


def restart(facts: Facts) -> str:
    """Return the line that starts the system anew."""
    where = places(facts)
    if "container" in where:
        return "# restart the host, then the container"
    if "wsl" in where:
        return "wsl.exe --shutdown"
    return "shutdown /r /t 0" if "windows" in where else "sudo reboot"


def memory(facts: Facts) -> str:
    """Return the line that shows how much of the machine's memory is free."""
    where = places(facts)
    if "windows" in where:
        return "powershell Get-CimInstance Win32_OperatingSystem -Property FreePhysicalMemory"
    return "vm_stat" if "mac" in where else "free -h"


def processes(facts: Facts) -> str:
    """Return the line that shows who uses the accelerators, or the processor where there is none."""
    where = places(facts)
    if "amd" in where:
        return "rocm-smi --showpids"
    if "mac" in where:
        return "top -l 1 -o mem -n 10"
    if facts.value("accelerators.vendors") == []:
        return "tasklist" if "windows" in where else "top -b -n 1 -o %MEM"
    return "nvidia-smi --query-compute-apps=pid,name,used_memory --format=csv"


def gpu_memory(facts: Facts) -> str:
    """Return the line that shows how full the accelerators' memory is."""
    if "amd" in places(facts):
        return "rocm-smi --showmeminfo vram"
    return "nvidia-smi --query-gpu=memory.used,memory.total --format=csv"


def _elsewhere(facts: Facts) -> str:
    return next((_ELSEWHERE[place] for place in places(facts) if place in _ELSEWHERE), "")


def _command(facts: Facts, of: str) -> str:
    """Return the commands of this distribution, filled in; empty where the table has none."""
    name, version = str(facts.value("os.id") or ""), str(facts.value("os.version_id") or "")
    found = next(
        (
            row
            for row in rows("system_commands", of)
            if row["id"] in (name, "") and version.startswith(row["version"])
        ),
        None,
    )
    if found is None:
        return ""
    text = str(found["commands"]).replace("{arch}", _ARCHS.get(str(facts.value("os.arch")), "x86_64"))
    if "{major}" in text and not version:
        return ""
    return text.replace("{major}", version.partition(".")[0]).replace("{open}", _package(facts))


def _package(facts: Facts) -> str:
    """Return the package of NVIDIA's repository: the open module drives cards from Turing on."""
    told = (facts.value(f"gpu[{index}].compute_capability") for index in facts.instances("gpu"))
    return "cuda-drivers-580" if any(_is_old(str(one)) for one in told if one) else "nvidia-open"


def _is_old(capability: str) -> bool:
    try:
        return minor(capability) < _TURING
    except NoVersion:
        return False
