"""NVIDIA GPUs of replayed machines: which source answers, and what is known without one."""

import texts
from devices import pci

GPU = pci(
    "0000:3b:00.0",
    "10DE",
    "2330",
    "30200",
    numa_node="1",
    current_link_width="16",
    current_link_speed="32.0 GT/s PCIe",
)
VERSION = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs@b)\nGCC version:\n"


def test_a_recorded_log_answers_where_nvml_was_not_recorded(machine):
    facts = machine(GPU, {"nvidia-smi -q -x": texts.xml(texts.NEW_GPU)})
    assert facts.value("nvidia.source") == "nvidia-smi"
    assert "nvml" in facts.value("nvidia.source_why")
    assert facts.value("nvidia.driver_version") == "580.10"
    assert facts.value("nvidia.cuda_driver_version") == "13.0"
    assert facts.value("nvidia.gpus") == [
        {
            "name": "NVIDIA H100 80GB HBM3",
            "uuid": "GPU-1",
            "pci_bus_id": "00000000:3B:00.0",
            "memory_total_mib": 81559,
        }
    ]
    assert facts.value("gpu[0].vendor") == "nvidia"
    assert facts.value("gpu[0].numa_node") == 1, "the bus knows what nvidia-smi does not say"
    assert facts.value("gpu[0].pcie_width") == 8, "what the tool says is kept"
    assert facts["gpu[0].compute_capability"].state == "unknown"
    assert facts["gpu[0].name"].evidence[0].ref == "nvidia-smi -q -x"


def test_other_commands_fill_what_the_log_leaves_out(machine):
    facts = machine(
        {},
        {
            "nvidia-smi --query": texts.QUERY,
            "nvidia-smi -L": texts.LIST,
            "nvidia-smi nvlink -s": texts.NVLINK,
            "nvidia-smi --query-gpu=gpu_name,count,driver_version,compute_cap --format=csv,noheader": "A100, 1, 535.1, 8.0\n",
        },
    )
    assert facts.value("gpu[0].compute_capability") == "8.0"
    assert facts.value("gpu[0].mig_devices")[0]["profile"] == "3g.20gb"
    assert [link["active"] for link in facts.value("gpu[0].nvlinks")] == [True, False]


def test_columns_alone_are_better_than_nothing(machine):
    line = "nvidia-smi --query-gpu=gpu_name,count,driver_version,compute_cap --format=csv,noheader"
    facts = machine({}, {line: "NVIDIA A100-SXM4-80GB, 1, 545.23.08, 8.0\n"})
    assert facts.value("nvidia.gpus") == [{"name": "NVIDIA A100-SXM4-80GB", "compute_capability": "8.0"}]
    assert facts.value("nvidia.driver_version") == "545.23.08"


def test_a_field_that_the_tool_could_not_read_is_unknown_and_one_that_a_card_lacks_absent(machine):
    facts = machine({}, {"nvidia-smi -q -x": texts.xml(texts.OLD_GPU)})
    assert facts["gpu[0].memory_used_mib"].state == "unknown"
    assert "ERR!" in facts["gpu[0].memory_used_mib"].reason
    assert facts["gpu[0].ecc_mode"].state == "absent"
    assert facts["gpu[0].fabric_state"].state == "unknown"


def test_the_kernel_module_alone_names_its_gpus(machine):
    information = (
        "Model: \t\t NVIDIA H100\nIRQ:   \t\t 91\nGPU UUID: \t GPU-????????-????\nVideo BIOS: \t 96.00.30\n"
    )
    facts = machine(
        GPU
        | {
            "/proc/driver/nvidia/version": VERSION,
            "/proc/driver/nvidia/gpus/0000:3b:00.0/information": information,
            "/proc/modules": "nvidia_uvm 1 0 - Live 0x0\nnvidia 1 1 nvidia_uvm, Live 0x0\n",
        }
    )
    assert facts.value("nvidia.source") == "proc"
    assert facts.value("nvidia.kernel_module_version") == "570.86.15"
    assert facts.value("nvidia.kernel_module_open") is True
    assert facts.value("nvidia.modules") == ["nvidia", "nvidia_uvm"]
    assert facts.value("gpu[0].name") == "NVIDIA H100"
    assert facts["gpu[0].uuid"].state == "unknown"
    assert facts.value("gpu[0].pcie_generation") == 5
    assert facts.value("nvidia.driver_version") == "570.86.15", "for want of a better source"


def test_a_gpu_without_a_driver_is_on_the_bus_only(machine):
    audio = pci("0000:3b:00.1", "10DE", "10FA", "40300")
    facts = machine({**GPU, **audio, "/proc/modules": "nouveau 1 0 - Live 0x0\n"})
    assert facts.value("nvidia.source") == "pci"
    assert facts.value("nvidia.pci_gpu_count") == 1
    assert facts.value("nvidia.gpu_count") == 0
    assert facts.value("nvidia.modules") == ["nouveau"]
    assert facts.value("gpu[0].device_id") == "0x2330"
    assert facts["gpu[0].name"].state == "unknown"
    assert facts.value("accelerators.vendors") == ["nvidia"]


def test_a_bus_without_nvidia_is_an_answer(machine):
    facts = machine(pci("0000:00:1f.0", "8086", "A304", "60100"))
    assert facts.value("nvidia.gpus") == []
    assert facts.value("nvidia.gpu_count") == 0
    assert facts.value("accelerators.vendors") == []


def test_nothing_captured_is_unknown(machine):
    facts = machine({"/etc/hostname": "x\n"})
    for key in (
        "nvidia.gpus",
        "nvidia.gpu_count",
        "nvidia.xids",
        "amd.gpu_count",
        "ib.ports",
        "accelerators.vendors",
    ):
        assert facts[key].state == "unknown", key


def test_lspci_stands_in_for_a_bus_that_was_not_captured(machine):
    listing = (
        "19:00.0 3D controller: NVIDIA Corporation Device 2330 (rev a1)\n\tNUMA node: 1\n"
        "\t\tLnkCap:\tPort #0, Speed 32GT/s, Width x16, ASPM L1\n\t\tLnkSta:\tSpeed 16GT/s (downgraded), Width x8\n"
        "\tKernel driver in use: nvidia\n\n"
        "83:00.0 Bridge: NVIDIA Corporation Device 22a3 (rev a1)\n\n"
        "03:00.0 VGA compatible controller: Matrox Electronics Systems Ltd. G200eW3 (rev 04)\n"
    )
    facts = machine({}, {"lspci -vvv": listing})
    assert facts.value("nvidia.pci_gpu_count") == 1
    assert facts.value("gpu[0].pcie_width") == 8
    assert facts.value("gpu[0].pcie_generation_max") == 5
    assert facts["nvidia.fabric_manager"].state == "unknown", "an NVSwitch, and no process to be seen"


def test_xids_are_told_once_each(machine):
    log = (
        "[Sun Feb 23 16:24:18 2025] NVRM: Xid (PCI:0000:9B:00): 119, pid=1, name=a, Timeout\n"
        "[1.0] NVRM: Xid (PCI:0000:9b:00): 119, pid=2\n[2.0] NVRM: Xid (0000:03:00): 8, Channel 1\n"
        "[3.0] nvidia-nvswitch0: SXid (PCI:0000:83:00.0): 20034, Fatal\n"
    )
    facts = machine({}, {"dmesg": log})
    assert facts.value("nvidia.xids") == [["0000:03:00", 8], ["0000:9b:00", 119]]
    assert facts.value("nvidia.sxids") == [["0000:83:00.0", 20034]]
    assert "119" in facts["nvidia.xids"].evidence[0].excerpt


def test_a_log_without_xids_is_an_answer(machine):
    assert machine({"/var/log/kern.log": "a\nb\n"}).value("nvidia.xids") == []


def test_the_fabric_manager_behind_nvswitches(machine):
    switch = pci("0000:83:00.0", "10DE", "22A3", "68000")
    running = machine({**switch, "/proc/1/comm": "systemd\n", "/proc/812/comm": "nv-fabricmanage\n"})
    assert running.value("nvidia.fabric_manager") == "running"


def test_nvswitches_without_a_fabric_manager(machine):
    switch = pci("0000:83:00.0", "10DE", "22A3", "68000")
    log = {"/var/log/fabricmanager.log": "[Jan 1] [INFO] [tid 1] Fabric Manager version is : 535.161.08\n"}
    facts = machine({**switch, **log, "/proc/1/comm": "systemd\n"})
    assert facts.value("nvidia.fabric_manager") == "not running"
    assert facts.value("nvidia.fabric_manager_version") == "535.161.08"
