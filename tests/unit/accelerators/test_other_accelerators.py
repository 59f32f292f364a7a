"""Intel, Gaudi, TPU, and the fabrics."""

from devices import pci

HCA = "/sys/class/infiniband"


def port(device, number, state, layer, rate="400 Gb/sec (4X NDR)"):
    folder = f"{HCA}/{device}/ports/{number}"
    return {
        f"{folder}/state": state,
        f"{folder}/phys_state": "5: LinkUp\n",
        f"{folder}/rate": rate,
        f"{folder}/link_layer": layer,
    }


def test_integrated_graphics_are_told_and_only_a_discrete_card_is_a_gpu(machine):
    facts = machine(
        pci("0000:00:02.0", "8086", "A780", "30000") | pci("0000:03:00.0", "8086", "56A0", "30000"),
        links={"/sys/bus/pci/devices/0000:03:00.0/driver": "../../../bus/pci/drivers/xe"},
    )
    assert [(row["integrated"], row["driver"]) for row in facts.value("intel.gpus")] == [
        (True, None),
        (False, "xe"),
    ]
    assert facts.instances("gpu") == [0]
    assert facts.value("gpu[0].device_id") == "0x56a0"
    assert facts.value("accelerators.vendors") == ["intel"]


def test_gaudi_on_the_bus_and_in_its_tool(machine):
    facts = machine(
        pci("0000:19:00.0", "1DA3", "1020", "120000"),
        {
            "hl-smi -Q index,name --format=csv": "0, HL-225, 1.22.1-97ec1a4, 98304\n1, HL-225, 1.22.1-97ec1a4, 98304\n"
        },
    )
    assert facts.value("gaudi.device_count") == 2
    assert facts.value("gaudi.driver_version") == "1.22.1-97ec1a4"
    assert facts.value("accelerators.vendors") == ["gaudi"]


def test_a_tpu_is_told_from_googles_network_card(machine):
    devices = pci("0000:00:04.0", "1AE0", "0042", "20000") | pci("0000:00:05.0", "1AE0", "0063", "FF0000")
    facts = machine(
        devices
        | pci("0000:00:06.0", "1AE0", "0027", "FF0000", subsystem_device="0x004f\n")
        | {"/dev/vfio/0": ""}
    )
    assert [chip["generation"] for chip in facts.value("tpu.chips")] == ["v5e", "v3"]
    assert facts.value("tpu.device_nodes") == ["/dev/vfio/0"]


def test_who_holds_a_tpu(machine):
    facts = machine(
        pci("0000:00:05.0", "1AE0", "005E", "FF0000")
        | {"/dev/accel0": "", "/proc/77/comm": "python3\n", "/proc/78/comm": "bash\n"},
        links={"/proc/77/fd/5": "/dev/accel0", "/proc/78/fd/0": "/dev/null"},
    )
    assert facts.value("tpu.holders") == [{"pid": 77, "name": "python3"}]


def test_the_metadata_server_is_asked_only_where_allowed(machine):
    assert "--cloud-metadata" in machine({})["tpu.cloud_type"].reason


def test_ports_of_the_kernel(machine):
    facts = machine(
        port("mlx5_0", 1, "4: ACTIVE\n", "InfiniBand\n")
        | port("mlx5_1", 1, "1: DOWN\n", "Ethernet\n", "25 Gb/sec (1X EDR)\n")
    )
    assert facts.value("ib.ports") == [
        {
            "device": "mlx5_0",
            "port": 1,
            "state": "ACTIVE",
            "phys_state": "LinkUp",
            "rate_gbps": 400.0,
            "link_layer": "InfiniBand",
        },
        {
            "device": "mlx5_1",
            "port": 1,
            "state": "DOWN",
            "phys_state": "LinkUp",
            "rate_gbps": 25.0,
            "link_layer": "Ethernet",
        },
    ]
    assert {name: row["kind"] for name, row in facts.value("ib.device_info").items()} == {
        "mlx5_0": "infiniband",
        "mlx5_1": "roce",
    }


def test_efa_by_its_driver(machine):
    facts = machine(
        port("rdmap0s6", 1, "4: ACTIVE\n", "Unspecified\n"),
        links={f"{HCA}/rdmap0s6/device/driver": "../../bus/pci/drivers/efa"},
    )
    assert facts.value("ib.device_info")["rdmap0s6"]["kind"] == "efa"


def test_ibstat_until_it_panics(machine):
    text = (
        "CA 'mlx5_0'\n\tCA type: MT4129\n\tPort 1:\n\t\tState: Down\n\t\tPhysical state: Disabled\n\t\tRate: 40\n"
        "\t\tLink layer: InfiniBand\nibpanic: [1] main: stat of IB device 'mlx5_8' failed\n"
    )
    facts = machine({}, {"ibstat": text})
    assert facts.value("ib.ports") == [
        {
            "device": "mlx5_0",
            "port": 1,
            "state": "DOWN",
            "phys_state": "Disabled",
            "rate_gbps": 40.0,
            "link_layer": "InfiniBand",
        }
    ]


def test_ibstatus(machine):
    text = (
        "Infiniband device 'mlx5_0' port 1 status:\n\tstate:\t\t 4: ACTIVE\n\tphys state:\t 5: LinkUp\n"
        "\trate:\t\t 200 Gb/sec (4X HDR)\n\tlink_layer:\t InfiniBand\n"
    )
    facts = machine({}, {"ibstatus": text})
    assert facts.value("ib.ports")[0]["state"] == "ACTIVE"
    assert facts.value("ib.devices") == ["mlx5_0"]
