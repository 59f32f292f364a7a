"""Synthetic hardware over the real machine of builder.py: 8 H100 with NVSwitch, 8 MI300X, a TPU VM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.audit.hosts import load_snapshot
from auditor.host.recording import Failure, Snapshot
from tests.machines.builder import (
    DRIVER,
    GPUS,
    PCI,
    VERSION,
    Parts,
    bridge,
    joined,
    laid,
    listed,
    loader,
    node,
    pci,
)

TWO_NODES: Parts = {
    "files": {
        "/sys/devices/system/node/node0/cpulist": "0\n",
        "/sys/devices/system/node/node1/cpulist": "1\n",
    },
    "folders": {"/sys/devices/system/node": ["node0", "node1", "online"]},
}
H100: dict[str, Any] = {
    "name": "NVIDIA H100 80GB HBM3", "device_id": "0x2330", "compute_capability": "9.0", "architecture": "Hopper",
    "vbios_version": "96.00.61.00.01", "gsp_firmware_version": DRIVER, "inforom": "G520.0200.00.05",
    "driver_model": None, "virtualization_mode": "None", "memory_total_mib": 81559, "memory_used_mib": 0,
    "memory_free_mib": 81079, "pcie_width": 16, "pcie_width_max": 16, "pcie_generation": 5, "pcie_generation_max": 5,
    "ecc_mode": "Enabled", "ecc_uncorrected_volatile": 0, "ecc_corrected_volatile": 0, "ecc_uncorrected_aggregate": 0,
    "ecc_corrected_aggregate": 0, "retired_pages": None, "mig_mode": "Disabled", "mig_devices": [],
    "remapped_rows": {"correctable": 0, "uncorrectable": 0, "pending": False, "failure": False},
    "sram_threshold_exceeded": False, "repair": {"channel": False, "tpc": False, "unrepairable": False},
    "persistence_mode": "Enabled", "compute_mode": "Default", "temperature_c": 32, "temperature_slowdown_c": 90,
    "temperature_shutdown_c": 95, "temperature_margin_c": 55, "temperature_memory_c": 40, "clock_sm_mhz": 1980,
    "clock_sm_max_mhz": 1980, "clock_memory_mhz": 2619, "clock_event_reasons": ["gpu_idle"], "power_draw_w": 70.0,
    "power_limit_w": 700.0, "utilization_percent": 90, "processes": [], "fabric_state": "Completed",
    "fabric_status": "Success", "fabric_health": "Healthy", "recovery_action": "none",
    "nvlinks": [{"link": link, "active": True, "replays": 0, "recoveries": 0} for link in range(18)],
}  # fmt: skip


def gpu_address(index: int) -> str:
    return f"0000:{0x1B + 0x10 * index:02x}:00.0"


def nvml() -> dict[str, Any]:
    """Return what the NVML child answers on such a node."""
    devices = [
        {"values": {**H100, "uuid": f"GPU-{index:08x}-0000-0000-0000-000000000000", "pci_bus_id": f"0000{gpu_address(index)}".upper()}, "problems": {}}
        for index in range(GPUS)
    ]  # fmt: skip
    report = {"driver_version": DRIVER, "cuda_version": "12.4", "nvml_version": f"12.{DRIVER}", "confidential_compute": False}  # fmt: skip
    return {"state": "ok", "message": "", "report": {**report, "devices": devices}}


def hgx() -> Snapshot:
    """Return a node of 8 H100 on two NUMA nodes, four NVSwitches and eight 400 Gb/s adapters."""
    base = node()
    switches = [f"0000:{0x05 + index:02x}:00.0" for index in range(4)]
    bridges = [f"0000:{0xF0 + index:02x}:00.0" for index in range(2)]
    gpus = [pci(gpu_address(i), "0x030200", "0x10de", "0x2330", i // 4, "nvidia") for i in range(GPUS)]
    addresses = [*switches, *bridges, *map(gpu_address, range(GPUS)), *map(_adapter_address, range(GPUS))]
    return laid(
        base,
        TWO_NODES,
        *gpus,
        *(pci(address, "0x068000", "0x10de", "0x22a3", 0, "nvidia-nvswitch") for address in switches),
        *(bridge(address) for address in bridges),
        listed(base, addresses),
        _fabric(base),
        _driver(base),
    )


def _driver(base: Snapshot) -> Parts:
    modules = "\n".join(
        f"{name} 1 0 - Live 0x0" for name in ("nvidia", "nvidia_uvm", "nvidia_peermem", "gdrdrv")
    )
    nodes = ["nvidiactl", "nvidia-uvm", *(f"nvidia{index}" for index in range(GPUS))]
    opened = {"type": "stat", "mode": 0o020666, "readable": True, "writable": True}
    libraries = loader(
        [("libcuda.so.1", f"libcuda.so.{DRIVER}"), ("libnvidia-ml.so.1", f"libnvidia-ml.so.{DRIVER}")]
    )
    return joined(libraries, {
        "calls": {"nvml": nvml(), "kernel-log": []},
        "files": {
            "/proc/modules": modules + "\n", "/proc/driver/nvidia/version": VERSION,
            "/proc/88/comm": "nv-fabricmanage\n", "/proc/88/stat": "88 (nv-fabricmanage) S 1 88 88 0 -1 0",
        },
        "folders": {"/dev": [*base.folders["/dev"], *nodes], "/proc": [*base.folders["/proc"], "88"]},
        "stats": {f"/dev/{name}": opened for name in nodes},
    })  # fmt: skip


def _adapter_address(index: int) -> str:
    return f"0000:{0x18 + 0x10 * index:02x}:00.0"


def _fabric(base: Snapshot) -> Parts:
    parts = [_adapter(index) for index in range(GPUS)]
    names = [f"mlx5_{index}" for index in range(GPUS)]
    nets = [f"ibs{index}" for index in range(GPUS)]
    folders = {"/sys/class/infiniband": names, "/sys/class/net": [*base.folders["/sys/class/net"], *nets]}
    return joined(*parts, {"folders": folders})


def _adapter(index: int) -> Parts:
    """Return a ConnectX-7 port as sysfs-class-infiniband documents it, with its IPoIB device."""
    name, net = f"/sys/class/infiniband/mlx5_{index}", f"ibs{index}"
    port = f"{name}/ports/1"
    counters = ("symbol_error", "link_error_recovery", "link_downed", "local_link_integrity_errors", "excessive_buffer_overrun_errors")  # fmt: skip
    files = {
        f"{port}/state": "4: ACTIVE\n", f"{port}/phys_state": "5: LinkUp\n", f"{port}/rate": "400 Gb/sec (4X NDR)\n",
        f"{port}/link_layer": "InfiniBand\n", f"{port}/hw_counters/roce_slow_restart": "0\n",
        f"{name}/fw_ver": "28.39.1002\n", f"{name}/board_id": "MT_0000000838\n", f"{name}/hca_type": "MT4129\n",
        f"{name}/device/numa_node": f"{index // 4}\n", f"/sys/class/net/{net}/operstate": "up\n",
        f"/sys/class/net/{net}/mtu": "4092\n", f"/sys/class/net/{net}/speed": "400000\n",
        f"/sys/class/net/{net}/carrier_down_count": "0\n", **{f"{port}/counters/{c}": "0\n" for c in counters},
    }  # fmt: skip
    own: Parts = {
        "files": files,
        "folders": {f"{name}/ports": ["1"], f"{name}/device/net": [net]},
        "links": {f"{name}/device/driver": "../mlx5_core", f"/sys/class/net/{net}/device": f"../../../{_adapter_address(index)}"},
    }  # fmt: skip
    return joined(own, pci(_adapter_address(index), "0x020700", "0x15b3", "0x1021", index // 4, "mlx5_core"))


def instinct() -> Snapshot:
    """Return a node of 8 MI300X: the bus, KFD's topology, amdgpu's files and the fabric of hgx()."""
    base = node()
    addresses = [gpu_address(index) for index in range(GPUS)]
    nodes = "/sys/class/kfd/kfd/topology/nodes"
    everything: Parts = {
        "folders": {nodes: [str(number) for number in range(GPUS + 1)], "/sys/class/kfd/kfd/proc": [],
                    "/dev": [*base.folders["/dev"], "kfd"], "/dev/dri": [], "/opt": ["rocm"]},
        "files": {f"{nodes}/0/gpu_id": "0\n", f"{nodes}/0/properties": "cpu_cores_count 96\nsimd_count 0\n",
                  "/sys/module/amdgpu/version": "6.8.5\n", "/opt/rocm/.info/version": "6.2.4-114\n"},
        "stats": {"/dev/kfd": {"type": "stat", "mode": 0o020666, "readable": True, "writable": True}},
        "commands": {key: Failure(2, "no such program") for key in ("rocm-smi", "amd-smi", "rocminfo")},
    }  # fmt: skip
    parts = [_mi300x(index, nodes) for index in range(GPUS)]
    return laid(base, TWO_NODES, *parts, listed(base, [*addresses, *map(_adapter_address, range(GPUS))]), _fabric(base), everything)  # fmt: skip


def _mi300x(index: int, nodes: str) -> Parts:
    address = gpu_address(index)
    base, here = f"{PCI}/{address}", f"{nodes}/{index + 1}"
    location = int(address[5:7], 16) << 8
    properties = (
        f"simd_count 1216\nlocation_id {location}\ndomain 0\ngfx_target_version 90402\ndevice_id {0x74A1}\n"
    )
    files = {
        f"{base}/mem_info_vram_total": f"{196592 << 20}\n", f"{base}/mem_info_vram_used": f"{300 << 20}\n",
        f"{base}/gpu_busy_percent": "90\n", f"{base}/pp_dpm_sclk": "0: 132Mhz\n1: 2100Mhz *\n",
        f"{base}/vbios_version": "113-M3000100-103\n", f"{base}/product_name": "AMD Instinct MI300X OAM\n",
        f"{base}/ras/umc_err_count": "ue: 0\nce: 0\n", f"{base}/ras/gfx_err_count": "ue: 0\nce: 0\n",
        f"{base}/ras/gpu_vram_bad_pages": "\n", f"{base}/hwmon/hwmon1/temp2_input": "45000\n",
        f"{base}/hwmon/hwmon1/temp2_crit": "100000\n", f"{here}/properties": properties, f"{here}/gpu_id": f"{5000 + index}\n",
    }  # fmt: skip
    own: Parts = {
        "files": files,
        "folders": {f"{base}/ras": ["umc_err_count", "gfx_err_count", "gpu_vram_bad_pages"], f"{base}/hwmon": ["hwmon1"]},
    }  # fmt: skip
    return joined(own, pci(address, "0x120000", "0x1002", "0x74a1", index // 4, "amdgpu"))


def tpu_vm() -> Snapshot:
    """Return a TPU VM of four v4 chips with their device files."""
    base = node()
    addresses = [f"0000:00:0{index + 4}.1" for index in range(4)]
    chips = [pci(address, "0xff0000", "0x1ae0", "0x005e", 0, "accel") for address in addresses]
    accel = [f"accel{index}" for index in range(4)]
    return laid(
        base,
        *chips,
        listed(base, addresses),
        {"folders": {"/dev": [*base.folders["/dev"], *accel], "/proc/77/fd": []}},
    )


def job() -> Snapshot:
    """Return hgx() as a Slurm job sees it that was granted two GPUs and both CPUs."""
    variables = {"SLURM_JOB_ID": "7", "SLURM_GPUS_ON_NODE": "2", "SLURM_CPUS_ON_NODE": "2", "SLURM_MEM_PER_NODE": "1024", "CUDA_VISIBLE_DEVICES": "0,1"}  # fmt: skip
    return laid(hgx(), {"environment": variables})


MACHINES = {"node": node, "hgx": hgx, "instinct": instinct, "tpu_vm": tpu_vm, "job": job}


def hgx_with_frameworks() -> Snapshot:
    """Return the H100 node with the interpreter of the recorded workstation, which holds CPU builds."""
    node_ = hgx()
    parts = {
        name: dict(getattr(node_, name))
        for name in ("files", "folders", "links", "stats", "commands", "calls")
    }
    return laid(load_snapshot(str(Path(__file__).with_name("debian12-vm-cpu.json"))), parts)
