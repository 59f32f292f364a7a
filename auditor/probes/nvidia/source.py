"""Which source answers for NVIDIA GPUs: NVML, else nvidia-smi, else /proc, else the PCI bus, and why."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.host import processes
from auditor.host.formats.readings import Device
from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, absent, call, file, known, unknown
from auditor.model.shapes import described
from auditor.probes.nvidia import bare, nvml, signs, tool

_SLOW = f": the budget ended before {nvml.PROOF:.0f} s, which would prove a hang"


class Inventory(msgspec.Struct):
    """The GPUs, where they come from, and how each better source fared.

    `answered` says that the driver itself listed the GPUs. `signs` shows that there is something of
    NVIDIA here: empty where there is not, None where some places were not recorded. `attached` is
    the number of GPUs that a tool claims. `is_mute` says that nvidia-smi is here and told of no GPU
    because it failed or hung, `is_slow` that the budget ended before an answer.
    """

    source: str | None
    signs: list[str] | None = None
    devices: list[Device] = []
    reasons: list[str] = []
    evidence: tuple[Evidence, ...] = ()
    answered: bool = False
    attached: int | None = None
    is_mute: bool = False
    is_slow: bool = False
    driver_version: str | None = None
    cuda_version: str | None = None
    nvml_version: str | None = None
    confidential_compute: bool | None = None
    states: dict[str, Fact] = {}

    @property
    def is_present(self) -> bool:
        """Whether there is anything of NVIDIA."""
        return bool(self.source or self.signs or self.is_slow)

    @property
    def why(self) -> str:
        """Why not a better source."""
        return "; ".join(self.reasons)


def inventory(host: Host, facts: Facts) -> Inventory:
    """Ask the sources in turn, the best first, until one answers."""
    shown = signs.find(host, facts)
    found = Inventory(None, shown)
    beside = tool.Beside(host) if shown != [] and host.live and processes.is_bounded() else None
    answered = _from_nvml(host, shown, found)
    reply = beside.reply(wanted=not answered) if beside is not None else None
    if not answered and not _from_tool(found, reply or tool.ask(host)):
        _without_tools(host, facts, found)
    bare.add_pci(found.devices, facts)
    return found


def _from_nvml(host: Host, shown: list[str] | None, found: Inventory) -> bool:
    if shown == []:
        found.states["nvidia.nvml_state"] = absent(
            "not asked: nothing shows NVIDIA hardware or a driver here"
        )
        found.states["nvidia.nvml_error"] = absent("NVML was not asked")
        found.reasons.append("NVML was not asked: nothing shows NVIDIA hardware or a driver here")
        return False
    try:
        reply = host.call(nvml.KEY, nvml.ask)
    except (NotRecorded, CallFailed, OSError) as error:
        found.states["nvidia.nvml_state"] = unknown(str(error))
        found.states["nvidia.nvml_error"] = unknown(str(error))
        found.reasons.append(f"NVML: {error}")
        return False
    return _nvml_reply(reply, found)


def _nvml_reply(reply: dict[str, Any], found: Inventory) -> bool:
    state, message, report = reply["state"], reply["message"], reply.get("report", {})
    evidence = call("NVML, in a child process", message)
    if state == "slow":
        found.is_slow = True
        found.states["nvidia.nvml_state"] = unknown(f"NVML: {message}{_SLOW}", evidence)
        found.states["nvidia.nvml_error"] = found.states["nvidia.nvml_state"]
        found.reasons.append(f"NVML: {message}")
        return False
    found.states["nvidia.nvml_state"] = known(state, evidence)
    found.states["nvidia.nvml_error"] = (
        known(message, evidence) if message else absent("NVML answered", evidence)
    )
    found.driver_version, found.cuda_version = report.get("driver_version"), report.get("cuda_version")
    found.nvml_version = report.get("nvml_version")
    found.confidential_compute = report.get("confidential_compute")
    if state != "ok":
        found.reasons.append(f"NVML: {state}: {message}")
        return False
    found.source, found.answered, found.evidence = "nvml", True, (evidence,)
    found.devices = [msgspec.convert(device, described(Device)) for device in report["devices"]]
    found.states["nvidia.tool_state"] = absent("not asked: NVML answered", evidence)
    found.states["nvidia.tool_error"] = absent("not asked: NVML answered", evidence)
    return True


def _from_tool(found: Inventory, reply: tool.Reply) -> bool:
    refused = "insufficient permissions" in reply.message.lower()
    if refused or reply.state in ("unasked", "slow"):
        why = f"nvidia-smi: {reply.message}" + ("" if refused else _SLOW)
        state = unknown(reply.message if reply.state == "unasked" else why)
        if reply.state != "unasked":
            found.signs = [*(found.signs or []), "nvidia-smi on PATH"]
            found.is_slow |= reply.state == "slow"
        found.states.update({"nvidia.tool_state": state, "nvidia.tool_error": state})
        found.reasons.append(f"nvidia-smi: {reply.message}")
        return False
    found.states["nvidia.tool_state"] = known(reply.state, *reply.evidence)
    if reply.state != "missing":
        found.signs = [*(found.signs or []), "nvidia-smi on PATH"]
    found.states["nvidia.tool_error"] = (
        known(reply.message, *reply.evidence) if reply.message else absent("it answered", *reply.evidence)
    )
    report = reply.report
    found.is_mute = reply.state in ("failed", "hang", "garbage", "other-schema") and not says_none(
        reply.message
    )
    if report is not None:
        found.driver_version = report.driver_version or found.driver_version
        found.cuda_version = report.cuda_version or found.cuda_version
        found.nvml_version = report.nvml_version or found.nvml_version
    if report is None or not (report.devices or reply.state == "ok"):
        found.reasons.append(f"nvidia-smi: {reply.state}: {reply.message}")
        return False
    found.source, found.devices, found.evidence = "nvidia-smi", report.devices, reply.evidence
    found.answered = reply.state == "ok"
    found.attached = report.attached
    return True


def says_none(message: str) -> bool:
    """Return whether a tool's reason is that there are no devices: an answer."""
    return message.lower().startswith(("no devices were found", "no devices found"))


def _without_tools(host: Host, facts: Facts, found: Inventory) -> None:
    listed = bare.from_proc(host)
    if listed:
        found.source, found.devices, found.evidence = "proc", listed, (file(bare.GPUS),)
        found.answered = True
    elif bare.pci_gpus(facts):
        found.source, found.devices = "pci", bare.from_pci(facts)
        found.evidence = facts["pci.accelerators"].evidence
        found.reasons.append(
            "/proc/driver/nvidia lists no GPU: the kernel module is not loaded, or not visible here"
        )
