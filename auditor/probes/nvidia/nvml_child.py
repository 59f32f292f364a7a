"""Asks NVML and prints one JSON object. Run in a child of ours: NVML may crash or hang it.

Usage: nvml_child.py FOLDER SECONDS, with the folder of `pynvml` and the time after which a hang
shows where it hangs (a traceback on stderr). Imports the standard library and pynvml only.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import sys
from ctypes import byref
from typing import Any

_REASONS = (
    "gpu_idle", "applications_clocks_setting", "sw_power_cap", "hw_slowdown", "sync_boost", "sw_thermal_slowdown",
    "hw_thermal_slowdown", "hw_power_brake_slowdown", "display_clocks_setting",
)  # fmt: skip
_ARCHITECTURES = {
    2: "Kepler", 3: "Maxwell", 4: "Pascal", 5: "Volta", 6: "Turing", 7: "Ampere", 8: "Ada Lovelace", 9: "Hopper",
    10: "Blackwell", 13: "Rubin",
}  # fmt: skip
_COMPUTE_MODES = ("Default", "Exclusive_Thread", "Prohibited", "Exclusive_Process")
_VIRTUALIZATION = ("None", "Pass-Through", "VGPU", "Host VGPU", "Host VSGA")
_DRIVER_MODELS = ("WDDM", "TCC", "MCDM")
_RECOVERY = (
    "none",
    "reset",
    "reboot",
    "drain p2p",
    "drain and reset",
    "recover imex domain",
    "bus reset",
    "reboot",
)
_FABRIC_STATES = (None, "Not Started", "In Progress", "Completed")
_FABRIC_HEALTH = (None, "Healthy", "Unhealthy", "Limited Capacity")
_SWITCH = ("Disabled", "Enabled")
_MEMORY_TEMPERATURE, _RECOVERY_ACTION = "NVML_FI_DEV_MEMORY_TEMP", "NVML_FI_DEV_GET_GPU_RECOVERY_ACTION"
_LINKS_AT_MOST = 36


class Gpu:
    """One GPU: each public method answers the field of its name, in the units of rules/facts.toml."""

    def __init__(self, n: Any, handle: Any) -> None:
        self.n, self.h = n, handle

    def name(self) -> str:
        return _text(self.n.nvmlDeviceGetName(self.h))

    def uuid(self) -> str:
        return _text(self.n.nvmlDeviceGetUUID(self.h))

    def serial(self) -> str:
        return _text(self.n.nvmlDeviceGetSerial(self.h))

    def pci_bus_id(self) -> str:
        return _text(self.n.nvmlDeviceGetPciInfo(self.h).busId).upper()

    def device_id(self) -> str:
        return f"0x{self.n.nvmlDeviceGetPciInfo(self.h).pciDeviceId >> 16:04x}"

    def compute_capability(self) -> str:
        return "{}.{}".format(*self.n.nvmlDeviceGetCudaComputeCapability(self.h))

    def architecture(self) -> str | None:
        return _ARCHITECTURES.get(self.n.nvmlDeviceGetArchitecture(self.h))

    def vbios_version(self) -> str:
        return _text(self.n.nvmlDeviceGetVbiosVersion(self.h))

    def inforom(self) -> str:
        """Return the image's version, or "corrupted" where its checksums are wrong."""
        try:
            self.n.nvmlDeviceValidateInforom(self.h)
        except self.n.NVMLError_CorruptedInforom:
            return "corrupted"
        return _text(self.n.nvmlDeviceGetInforomImageVersion(self.h))

    def gsp_firmware_version(self) -> str:
        return _text(self.n.nvmlDeviceGetGspFirmwareVersion(self.h))

    def driver_model(self) -> str:
        return _DRIVER_MODELS[self.n.nvmlDeviceGetDriverModel(self.h)[0]]

    def virtualization_mode(self) -> str:
        return _VIRTUALIZATION[self.n.nvmlDeviceGetVirtualizationMode(self.h)]

    def memory_total_mib(self) -> int:
        return int(self._memory().total) >> 20

    def memory_used_mib(self) -> int:
        return int(self._memory().used) >> 20

    def memory_free_mib(self) -> int:
        return int(self._memory().free) >> 20

    def _memory(self) -> Any:
        """Version 2 counts the driver's own reserve apart, as nvidia-smi does; drivers before 510 lack it."""
        try:
            return self.n.nvmlDeviceGetMemoryInfo(self.h, version=self.n.nvmlMemory_v2)
        except (AttributeError, self.n.NVMLError_FunctionNotFound):
            return self.n.nvmlDeviceGetMemoryInfo(self.h)

    def pcie_width(self) -> int:
        return int(self.n.nvmlDeviceGetCurrPcieLinkWidth(self.h))

    def pcie_width_max(self) -> int:
        return int(self.n.nvmlDeviceGetMaxPcieLinkWidth(self.h))

    def pcie_generation(self) -> int:
        return int(self.n.nvmlDeviceGetCurrPcieLinkGeneration(self.h))

    def pcie_generation_max(self) -> int:
        return int(self.n.nvmlDeviceGetMaxPcieLinkGeneration(self.h))

    def ecc_mode(self) -> str:
        return _SWITCH[self.n.nvmlDeviceGetEccMode(self.h)[0]]

    def ecc_uncorrected_volatile(self) -> int:
        return self._ecc("UNCORRECTED", "VOLATILE")

    def ecc_corrected_volatile(self) -> int:
        return self._ecc("CORRECTED", "VOLATILE")

    def ecc_uncorrected_aggregate(self) -> int:
        return self._ecc("UNCORRECTED", "AGGREGATE")

    def ecc_corrected_aggregate(self) -> int:
        return self._ecc("CORRECTED", "AGGREGATE")

    def _ecc(self, kind: str, period: str) -> int:
        kind_id = getattr(self.n, f"NVML_MEMORY_ERROR_TYPE_{kind}")
        return int(self.n.nvmlDeviceGetTotalEccErrors(self.h, kind_id, getattr(self.n, f"NVML_{period}_ECC")))

    def remapped_rows(self) -> dict[str, Any]:
        corrected, uncorrected, pending, failure = self.n.nvmlDeviceGetRemappedRows(self.h)
        return {
            "correctable": corrected,
            "uncorrectable": uncorrected,
            "pending": bool(pending),
            "failure": bool(failure),
        }

    def sram_threshold_exceeded(self) -> bool:
        status = self.n.c_nvmlEccSramErrorStatus_v1_t()
        self.n.nvmlDeviceGetSramEccErrorStatus(self.h, byref(status))
        return bool(status.bThresholdExceeded)

    def repair(self) -> dict[str, bool] | None:
        """A driver that knows no repair makes none."""
        try:
            channel, tpc = self.n.nvmlDeviceGetRepairStatus(self.h)
        except self.n.NVMLError_FunctionNotFound:
            return None
        found = {"channel": bool(channel), "tpc": bool(tpc)}
        with contextlib.suppress(self.n.NVMLError, AttributeError):
            found["unrepairable"] = bool(self.n.nvmlDeviceGetUnrepairableMemoryFlag_v1(self.h))
        return found

    def retired_pages(self) -> dict[str, Any]:
        single, double = (
            len(
                self.n.nvmlDeviceGetRetiredPages(
                    self.h, getattr(self.n, f"NVML_PAGE_RETIREMENT_CAUSE_{cause}")
                )
            )
            for cause in ("MULTIPLE_SINGLE_BIT_ECC_ERRORS", "DOUBLE_BIT_ECC_ERROR")
        )
        pending = bool(self.n.nvmlDeviceGetRetiredPagesPendingStatus(self.h))
        return {"single_bit": single, "double_bit": double, "pending": pending}

    def mig_mode(self) -> str:
        return _SWITCH[self.n.nvmlDeviceGetMigMode(self.h)[0]]

    def mig_devices(self) -> list[dict[str, Any]]:
        if self.n.nvmlDeviceGetMigMode(self.h)[0] != 1:
            return []
        found = []
        for index in range(self.n.nvmlDeviceGetMaxMigDeviceCount(self.h)):
            with contextlib.suppress(self.n.NVMLError_NotFound, self.n.NVMLError_InvalidArgument):
                found.append(self._mig(index, self.n.nvmlDeviceGetMigDeviceHandleByIndex(self.h, index)))
        return found

    def _mig(self, index: int, handle: Any) -> dict[str, Any]:
        row: dict[str, Any] = {"index": index, "uuid": _text(self.n.nvmlDeviceGetUUID(handle))}
        with contextlib.suppress(self.n.NVMLError):
            row["profile"] = _text(self.n.nvmlDeviceGetName(handle)).rpartition("MIG ")[2]
            row["memory_total_mib"] = self.n.nvmlDeviceGetMemoryInfo(handle).total >> 20
            row["gpu_instance_id"] = self.n.nvmlDeviceGetGpuInstanceId(handle)
        return row

    def persistence_mode(self) -> str:
        return _SWITCH[self.n.nvmlDeviceGetPersistenceMode(self.h)]

    def compute_mode(self) -> str:
        return _COMPUTE_MODES[self.n.nvmlDeviceGetComputeMode(self.h)]

    def temperature_c(self) -> int:
        return int(self.n.nvmlDeviceGetTemperature(self.h, self.n.NVML_TEMPERATURE_GPU))

    def temperature_slowdown_c(self) -> int:
        return self._threshold("SLOWDOWN")

    def temperature_shutdown_c(self) -> int:
        return self._threshold("SHUTDOWN")

    def _threshold(self, kind: str) -> int:
        which = getattr(self.n, f"NVML_TEMPERATURE_THRESHOLD_{kind}")
        return int(self.n.nvmlDeviceGetTemperatureThreshold(self.h, which))

    def temperature_margin_c(self) -> int:
        return int(self.n.nvmlDeviceGetMarginTemperature(self.h))

    def temperature_memory_c(self) -> int | None:
        return self._field(_MEMORY_TEMPERATURE) or None  # 0 stands for "no sensor"

    def clock_sm_mhz(self) -> int:
        return int(self.n.nvmlDeviceGetClockInfo(self.h, self.n.NVML_CLOCK_SM))

    def clock_sm_max_mhz(self) -> int:
        return int(self.n.nvmlDeviceGetMaxClockInfo(self.h, self.n.NVML_CLOCK_SM))

    def clock_memory_mhz(self) -> int:
        return int(self.n.nvmlDeviceGetClockInfo(self.h, self.n.NVML_CLOCK_MEM))

    def clock_event_reasons(self) -> list[str]:
        try:
            bits = self.n.nvmlDeviceGetCurrentClocksEventReasons(self.h)
        except (AttributeError, self.n.NVMLError_FunctionNotFound):  # before driver 535
            bits = self.n.nvmlDeviceGetCurrentClocksThrottleReasons(self.h)
        return [name for place, name in enumerate(_REASONS) if bits >> place & 1]

    def power_draw_w(self) -> float:
        return float(self.n.nvmlDeviceGetPowerUsage(self.h) / 1000)

    def power_limit_w(self) -> float:
        return float(self.n.nvmlDeviceGetEnforcedPowerLimit(self.h) / 1000)

    def utilization_percent(self) -> int:
        return int(self.n.nvmlDeviceGetUtilizationRates(self.h).gpu)

    def processes(self) -> list[dict[str, Any]]:
        rows: dict[int, dict[str, Any]] = {}
        for kind, ask in (
            ("C", self.n.nvmlDeviceGetComputeRunningProcesses),
            ("G", self.n.nvmlDeviceGetGraphicsRunningProcesses),
        ):
            for process in ask(self.h):
                row = rows.setdefault(process.pid, {"pid": process.pid, "name": self._program(process.pid)})
                row["type"] = f"{row['type']}+{kind}" if "type" in row else kind
                row["memory_mib"] = None if process.usedGpuMemory is None else process.usedGpuMemory >> 20
        return [rows[pid] for pid in sorted(rows)]

    def _program(self, pid: int) -> str:
        """Return a process's name without its arguments, or nvidia-smi's words where no process has this id."""
        try:
            return _text(self.n.nvmlSystemGetProcessName(pid)).partition(" --")[0][:120]
        except self.n.NVMLError_NotFound:
            return "[Not Found]"
        except self.n.NVMLError:
            return ""

    def nvlinks(self) -> list[dict[str, Any]] | None:
        links = []
        for link in range(_LINKS_AT_MOST):
            try:
                active = bool(self.n.nvmlDeviceGetNvLinkState(self.h, link))
            except (self.n.NVMLError_NotSupported, self.n.NVMLError_InvalidArgument):
                break
            links.append({"link": link, "active": active, **(self._link_errors(link) if active else {})})
        return links or None

    def _link_errors(self, link: int) -> dict[str, int]:
        counts = {}
        for name, kind in (("replays", "REPLAY"), ("recoveries", "RECOVERY")):
            with contextlib.suppress(self.n.NVMLError, AttributeError):
                which = getattr(self.n, f"NVML_NVLINK_ERROR_DL_{kind}")
                counts[name] = int(self.n.nvmlDeviceGetNvLinkErrorCounter(self.h, link, which))
        return counts

    def fabric_state(self) -> str | None:
        return _FABRIC_STATES[self._fabric().state]

    def fabric_status(self) -> str | None:
        fabric = self._fabric()
        if fabric.state == 0:
            return None
        return "Success" if fabric.status == 0 else str(self.n.NVMLError(fabric.status))

    def fabric_health(self) -> str | None:
        return _FABRIC_HEALTH[getattr(self._fabric(), "healthSummary", 0)]

    def _fabric(self) -> Any:
        for make in ("c_nvmlGpuFabricInfo_v3_t", "c_nvmlGpuFabricInfo_v2_t"):
            info = getattr(self.n, make)()
            with contextlib.suppress(
                self.n.NVMLError_ArgumentVersionMismatch, self.n.NVMLError_InvalidArgument
            ):
                self.n.nvmlDeviceGetGpuFabricInfoV(self.h, byref(info))
                return info
        raise self.n.NVMLError(self.n.NVML_ERROR_FUNCTION_NOT_FOUND)

    def recovery_action(self) -> str:
        return _RECOVERY[self._field(_RECOVERY_ACTION)]

    def _field(self, name: str) -> int:
        answer = self.n.nvmlDeviceGetFieldValues(self.h, [getattr(self.n, name)])[0]
        if answer.nvmlReturn != 0:
            raise self.n.NVMLError(answer.nvmlReturn)
        return int(answer.value.uiVal)


FIELDS = tuple(name for name in vars(Gpu) if not name.startswith("_"))


def _text(value: Any) -> str:
    """Return text; old bindings answer in bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _device(n: Any, index: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    try:
        gpu = Gpu(n, n.nvmlDeviceGetHandleByIndex(index))
    except n.NVMLError as error:
        return {"values": values, "problems": dict.fromkeys(FIELDS, f"NVML: {error}")}
    for name in FIELDS:
        try:
            values[name] = getattr(gpu, name)()
        except n.NVMLError_NotSupported:
            values[name] = None
        except n.NVMLError_FunctionNotFound:
            problems[name] = "this driver is older than the question"
        except Exception as error:
            problems[name] = (
                f"NVML: {error}" if isinstance(error, n.NVMLError) else f"{type(error).__name__}: {error}"
            )
    return {"values": values, "problems": problems}


def _system(n: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with contextlib.suppress(n.NVMLError):
        found["driver_version"] = _text(n.nvmlSystemGetDriverVersion())
    with contextlib.suppress(n.NVMLError):
        cuda = n.nvmlSystemGetCudaDriverVersion_v2()
        found["cuda_version"] = f"{cuda // 1000}.{cuda % 1000 // 10}"
    with contextlib.suppress(n.NVMLError):
        found["nvml_version"] = _text(n.nvmlSystemGetNVMLVersion())
    with contextlib.suppress(Exception):
        found["confidential_compute"] = bool(n.nvmlSystemGetConfComputeState().ccFeature)
    return found


def report(n: Any) -> dict[str, Any]:
    """Return what NVML says: `error` with its message, or the system and its devices."""
    try:
        n.nvmlInit()
    except n.NVMLError_LibraryNotFound as error:
        return {"missing": str(error)}
    except n.NVMLError as error:
        return {"error": str(error), **_system(n)}
    devices = [_device(n, index) for index in range(n.nvmlDeviceGetCount())]
    return {**_system(n), "devices": devices}


def main() -> None:
    """Print the report; a crash and a hang say on stderr where."""
    with contextlib.suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    faulthandler.dump_traceback_later(float(sys.argv[2]), exit=False)
    sys.path.insert(0, sys.argv[1])
    import pynvml

    json.dump(report(pynvml), sys.stdout)


if __name__ == "__main__":
    main()
