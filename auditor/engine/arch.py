"""Which compiled GPU code runs on which NVIDIA device.

Code for sm_XY runs on devices of the same major version with a minor of Y or more; PTX for
compute_XY is compiled by the driver for anything from XY on (CUDA C++ Programming Guide, "Application
compatibility"). The exceptions are those of DEVICE_REQUIREMENT in torch/cuda/__init__.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from auditor.engine.versions import minor
from auditor.knowledge.tables import table

Coverage = Literal["code", "ptx", ""]

_ARCH = re.compile(r"(sm|compute)_(\d{2,3})([af]?)")
# boards whose code is their own: TX1, TX2, Xavier, Orin
_JETSON = (53, 62, 72, 87)
# one chip under two names
_THOR = (101, 110)


def number(compute_capability: str) -> int:
    """Return 86 for "8.6", 120 for "12.0"."""
    major, small = minor(compute_capability)
    return major * 10 + small


def covers(archs: Iterable[str], compute_capability: str, cuda: str = "") -> Coverage:
    """Return whether a build runs on a device: by its own code, by PTX, or not at all.

    Args:
        archs: as torch.cuda.get_arch_list() gives them ("sm_90", "compute_90").
        compute_capability: the device's, such as "8.6".
        cuda: CUDA of the build; from 13.2 on, code for 8.0 and 8.6 also runs on Orin (8.7).

    """
    device = number(compute_capability)
    orin = bool(cuda) and minor(cuda) >= (13, 2)
    parsed = [found for arch in archs if (found := _ARCH.fullmatch(arch))]
    if any(_code_runs(int(found[2]), found[3], device, orin) for found in parsed):
        return "code"
    ptx = [int(found[2]) for found in parsed if found[1] == "compute" and not found[3]]
    return "ptx" if any(arch <= device for arch in ptx) else ""


def _code_runs(arch: int, suffix: str, device: int, orin: bool) -> bool:
    if arch in _THOR and device in _THOR:
        return True
    if suffix == "a" or arch in (*_JETSON, *_THOR):
        return arch == device
    if device in _THOR or (device in _JETSON and not (orin and device == 87)):
        return False
    return arch // 10 == device // 10 and arch <= device


def numbers(archs: Iterable[str]) -> list[int]:
    """Return the sorted numbers of a list of architectures."""
    return sorted({int(found[2]) for arch in archs if (found := _ARCH.fullmatch(arch))})


def span(archs: Iterable[str]) -> str:
    """Return "sm_50 to sm_90" for the text of a finding."""
    found = numbers(archs)
    return f"sm_{found[0]} to sm_{found[-1]}" if found else "no GPU code"


def compiled(torch: str, cuda: str, platform: str = "linux_x86_64") -> list[str]:
    """Return the architectures in a wheel by the table, as get_arch_list() names them; empty where not known.

    Args:
        torch: a release, such as "2.13" or "1.3.1": a row of its own comes before that of its minor release.
        cuda: such as "13.0".
        platform: linux_x86_64 or linux_aarch64.

    """
    rows = {
        row["torch"]: row
        for row in table("torch_archs").all()
        if (row["cuda"], row["platform"]) == (cuda, platform)
    }
    row = rows.get(torch) or rows.get(".".join(torch.split(".")[:2]))
    if row is None:
        return []
    return [f"sm_{number}" for number in row["sm"]] + [f"compute_{number}" for number in row["ptx"]]
