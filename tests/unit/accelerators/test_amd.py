"""AMD GPUs: the bus, the topology and the tools."""

import json

from devices import pci

NODES = "/sys/class/kfd/kfd/topology/nodes"
GPU = "simd_count 416\nvendor_id 4098\ndevice_id 29711\nlocation_id {location}\ndomain 0\ngfx_target_version 90010\nunique_id 255\n"
CARD = {"PCI Bus": "0000:63:00.0", "Card Series": "AMD Instinct MI210", "VRAM Total Memory (B)": str(64 << 30),
        "VRAM Total Used Memory (B)": str(1 << 30), "Unique ID": "0xff"}  # fmt: skip


def topology(*locations):
    files = {f"{NODES}/0/gpu_id": "0\n", f"{NODES}/0/properties": "cpu_cores_count 64\nsimd_count 0\n"}
    for number, location in enumerate(locations, 1):
        files |= {f"{NODES}/{number}/gpu_id": "4\n", f"{NODES}/{number}/properties": GPU.format(location=location),
                  f"{NODES}/{number}/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 68702699520\n"}  # fmt: skip
    return files


def test_a_node_is_a_gpu_with_its_target_and_memory(machine):
    facts = machine(topology(0x6300) | pci("0000:63:00.0", "1002", "740F", "38000", numa_node="1"))
    assert facts.value("amd.kfd_gpu_nodes") == 1
    assert facts.value("amd.gpu_count") == 1
    assert facts.value("amd.gfx_targets") == ["gfx90a"]
    assert facts.value("gpu[0].gfx_target") == "gfx90a"
    assert facts.value("gpu[0].pci_bus_id") == "00000000:63:00.0"
    assert facts.value("gpu[0].memory_total_mib") == 65520
    assert facts.value("gpu[0].numa_node") == 1
    assert facts.value("accelerators.vendors") == ["amd"]


def test_partitions_count_each_as_a_node_and_together_as_one_card(machine):
    facts = machine(topology(0x6300, 0x6301, 0x6302))
    assert facts.value("amd.kfd_gpu_nodes") == 3
    assert facts.value("amd.gpu_count") == 1
    assert [facts.value(f"gpu[{i}].pci_bus_id") for i in range(3)] == ["00000000:63:00.0"] * 3


def test_rocm_smi_names_the_cards(machine):
    report = json.dumps(
        {"card0": CARD, "card1": CARD | {"PCI Bus": "0000:83:00.0"}, "system": {"Driver version": "6.3.6"}}
    )
    facts = machine({}, {"rocm-smi -o -l --json": "WARNING: low power state\n" + report})
    assert facts.value("amd.gpu_count") == 2
    assert facts.value("amd.driver_version") == "6.3.6"
    assert facts.value("gpu[1].name") == "AMD Instinct MI210"
    assert facts.value("gpu[1].memory_free_mib") == 63 * 1024
    assert facts["amd.gfx_targets"].state == "unknown"


def test_amd_smi_in_the_place_of_rocm_smi(machine):
    table = (
        "| AMD-SMI 26.2.0+unknown       amdgpu version: 6.12.12  ROCm version: 7.1.1    |\n"
        "| 0000:03:00.0    AMD Radeon RX 7700S | 0 %      34 °C   0            10/100 W |\n"
        "|   0       0     N/A             N/A | 20 %     0.0 %              26/8176 MB |\n"
    )
    metric = "GPU: 0\n    PCIE:\n        WIDTH: 8\n    ECC:\n        TOTAL_UNCORRECTABLE_COUNT: 2\n"
    facts = machine({}, {"amd-smi": table, "amd-smi metric": metric})
    assert facts.value("amd.rocm_version") == "7.1.1"
    assert facts.value("amd.driver_version") == "6.12.12"
    assert facts.value("gpu[0].name") == "AMD Radeon RX 7700S"
    assert facts.value("gpu[0].memory_total_mib") == 8176
    assert facts.value("gpu[0].ecc_uncorrected_volatile") == 2


def test_versions_from_files(machine):
    facts = machine(
        {
            "/opt/rocm/.info/version": "6.2.4-114\n",
            "/sys/module/amdgpu/version": "6.8.5\n",
            "/sys/bus/pci/devices/x": "",
        }
    )
    assert facts.value("amd.rocm_version") == "6.2.4"
    assert facts.value("amd.driver_version") == "6.8.5"


def test_amd_comes_after_nvidia_and_both_are_told(machine):
    nvidia = pci("0000:01:00.0", "10DE", "2684", "30000")
    facts = machine(topology(0x6300) | pci("0000:63:00.0", "1002", "740F", "38000") | nvidia)
    assert [facts.value(f"gpu[{i}].vendor") for i in facts.instances("gpu")] == ["nvidia", "amd"]
    assert facts.value("accelerators.vendors") == ["nvidia", "amd"]
