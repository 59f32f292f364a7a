"""The Fabric Manager, without which GPUs behind NVSwitches cannot be used (CUDA error 802)."""

from __future__ import annotations

import re

from auditor.host.protocol import Host
from auditor.model.fact import Fact, absent, file, known, unknown
from auditor.probes.base import ask, list_or_empty, read_or_none

_LOG = "/var/log/fabricmanager.log"
_PROCESS = "nv-fabricmanager"[:15]  # the kernel keeps 15 characters of a name
_INITS = ("systemd", "init")


def collect(host: Host, switches: int | None, *, look: bool) -> dict[str, Fact]:
    """Return the Fabric Manager's state (running, not running) and the version in its log.

    `switches` is None where the PCI bus could not be looked at.
    """
    return {
        "nvidia.fabric_manager": _state(host, switches),
        "nvidia.fabric_manager_version": _version(host, look=look),
    }


def _state(host: Host, switches: int | None) -> Fact:
    if switches is None:
        return unknown("the PCI bus could not be looked at: whether there is an NVSwitch is not known")
    if not switches:
        return absent("there is no NVSwitch on the PCI bus: no Fabric Manager is needed on this machine")
    for pid in list_or_empty(host, "/proc"):
        if pid.isdigit() and read_or_none(host, f"/proc/{pid}/comm") == _PROCESS:
            return known("running", file(f"/proc/{pid}/comm", _PROCESS))
    first = read_or_none(host, "/proc/1/comm")
    if first in _INITS:
        return known("not running", file("/proc", f"{switches} NVSwitches, and no process {_PROCESS}..."))
    return unknown(
        "no process nv-fabricmanager can be seen from here, which may be a container", file("/proc")
    )


def _version(host: Host, *, look: bool) -> Fact:
    if not look:
        return absent("nothing of NVIDIA is here", file(_LOG))

    def question() -> str | None:
        found = re.findall(r"Fabric Manager version is\s*:\s*([\d.]+)", host.read(_LOG))
        return found[-1] if found else None

    return ask(question, file(_LOG), missing="no log of a Fabric Manager tells its version here")
