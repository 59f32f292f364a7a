"""Is there anything of NVIDIA here? Where there is not, no child is started."""

from __future__ import annotations

import sys

from auditor.host.protocol import Host, NotRecorded, exists
from auditor.model.fact import Facts
from auditor.probes.base import read_or_none
from auditor.probes.pci import NVIDIA

_PATHS = (
    "/dev/nvidiactl",
    "/dev/nvidia0",
    "/proc/driver/nvidia",
    "/sys/module/nvidia",
    "/dev/nvhost-gpu",
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
)
_TEGRA = "/sys/firmware/devicetree/base/compatible"


def find(host: Host, facts: Facts) -> list[str] | None:
    """Return what shows NVIDIA hardware or a driver; None where some places were not recorded."""
    signs = _hardware(facts) + _libraries(facts)
    unrecorded = not facts["pci.accelerators"].is_known
    for path in _PATHS:
        try:
            signs += [path] if exists(host, path) else []
        except (OSError, NotRecorded):
            unrecorded = True
    if "nvidia,tegra" in (read_or_none(host, _TEGRA) or ""):
        signs.append(_TEGRA)
    if host.live and sys.platform == "win32":
        signs.append("Windows: NVML itself is asked")
    return signs if signs or not unrecorded else None


def _hardware(facts: Facts) -> list[str]:
    rows = facts.value("pci.accelerators", [])
    return [f"PCI {row['address']}" for row in rows if row["vendor"] == NVIDIA]


def _libraries(facts: Facts) -> list[str]:
    paths = [entry["path"] for entry in facts.value("loader.libraries", [])]
    return [path for path in paths if "/libnvidia-ml.so" in path]
