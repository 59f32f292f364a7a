"""Every layout of nvidia-smi gives the same fields."""

import pytest
import texts

from auditor.host.formats import nvidia_smi, nvidia_table

KERNEL_MISMATCH = (
    "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.161\n"
)


def only(text):
    (device,) = nvidia_smi.parse(text).devices
    return device


def test_the_xml_of_a_new_card():
    values = only(texts.xml(texts.NEW_GPU)).values
    expected = {
        "name": "NVIDIA H100 80GB HBM3",
        "uuid": "GPU-1",
        "pci_bus_id": "00000000:3B:00.0",
        "device_id": "0x2330",
        "pcie_width": 8,
        "pcie_width_max": 16,
        "pcie_generation": 1,
        "pcie_generation_max": 5,
        "memory_total_mib": 81559,
        "memory_used_mib": 10,
        "clock_event_reasons": ["hw_thermal_slowdown"],
        "ecc_corrected_volatile": 5,
        "ecc_uncorrected_volatile": 10,
        "remapped_rows": {"correctable": 0, "uncorrectable": 2, "pending": True, "failure": False},
        "sram_threshold_exceeded": True,
        "repair": {"channel": True, "tpc": False},
        "recovery_action": "drain and reset",
        "temperature_margin_c": 45,
        "temperature_slowdown_margin_c": -2,
        "power_draw_w": 71.5,
        "power_limit_w": 700.0,
        "fabric_state": "In Progress",
        "mig_devices": [],
        "processes": [{"pid": 77, "name": "python", "memory_mib": 9, "type": "C"}],
    }
    assert {field: values[field] for field in expected} == expected
    assert "temperature_slowdown_c" not in values, "a margin is no temperature"


def test_the_xml_of_an_old_card_tells_none_from_unreadable():
    device = only(texts.xml(texts.OLD_GPU, schema=10))
    assert device.values["pci_bus_id"] == "00000000:04:00.0"
    assert device.values["ecc_mode"] is None
    assert device.values["ecc_corrected_volatile"] == 3
    assert device.values["ecc_uncorrected_volatile"] is None
    assert device.values["retired_pages"] == {"single_bit": 1, "double_bit": 0, "pending": False}
    assert device.values["remapped_rows"] is None
    assert device.values["repair"] is None
    assert device.values["temperature_slowdown_c"] == 82
    assert device.values["clock_event_reasons"] == ["sw_power_cap"]
    assert "ERR!" in device.problems["memory_used_mib"]


def test_a_flag_that_cannot_be_read_leaves_the_others_unproved():
    said = texts.NEW_GPU.replace(
        "<channel_repair_pending>Yes<", "<channel_repair_pending>GPU requires reset<"
    )
    device = only(texts.xml(said))
    assert "repair" not in device.values
    assert "GPU requires reset" in device.problems["repair"]


def test_the_text_of_the_same_log():
    report = nvidia_smi.parse(texts.QUERY)
    (device,) = report.devices
    assert (report.layout, report.driver_version, report.cuda_version) == ("query", "535.154.05", "12.2")
    expected = {
        "name": "NVIDIA A100-SXM4-40GB",
        "uuid": "GPU-3",
        "device_id": "0x20b0",
        "mig_mode": "Enabled",
        "mig_devices": [{"index": 0, "gpu_instance_id": 2, "memory_total_mib": 19968, "multiprocessors": 42}],
        "recovery_action": "reset",
        "memory_total_mib": 40960,
        "clock_event_reasons": ["gpu_idle", "hw_slowdown", "hw_power_brake_slowdown"],
        "ecc_uncorrected_volatile": 8,
        "remapped_rows": {"correctable": 0, "uncorrectable": 1, "pending": False, "failure": True},
        "processes": [
            {"pid": 11, "name": "python", "memory_mib": 5, "type": "C"},
            {"pid": 12, "name": "Xorg", "memory_mib": None, "type": "G"},
        ],
    }
    assert {field: device.values[field] for field in expected} == expected


def test_the_table():
    report = nvidia_smi.parse(texts.TABLE)
    first, second = report.devices
    assert (report.driver_version, report.cuda_version) == ("550.90.07", "12.4")
    assert first.values["compute_mode"] == "Exclusive_Process"
    assert (first.values["ecc_mode"], first.values["mig_mode"]) == ("Enabled", "Disabled")
    assert (first.values["power_draw_w"], first.values["power_limit_w"]) == (72.0, 700.0)
    assert second.values["name"] == "NVIDIA GeForce RTX 4080 ..."
    assert (second.values["ecc_mode"], second.values["mig_mode"]) == (None, None)
    assert "utilization_percent" in second.problems
    assert second.values["processes"][0]["pid"] == 2165


def test_the_table_of_old_drivers_and_of_windows():
    first, second = nvidia_smi.parse(texts.OLD_TABLE).devices
    assert first.values["ecc_uncorrected_volatile"] == 2
    assert first.values["memory_total_mib"] == 32510
    assert first.values["processes"] == [{"pid": 12345, "name": "python3", "memory_mib": 1000, "type": "C"}]
    assert (second.values["name"], second.values["driver_model"]) == ("GeForce GTX 1080", "TCC")
    assert second.values["pci_bus_id"] == "00000000:02:00.0"


def test_the_list_names_mig_profiles():
    device = only(texts.LIST)
    assert device.values["mig_devices"] == [{"index": 0, "profile": "3g.20gb", "uuid": "MIG-9"}]


def test_columns_with_and_without_a_header():
    text = "name, pci.bus_id, memory.total [MiB], compute_cap\nTesla T4, 00000000:00:1E.0, 15360 MiB, 7.5\n"
    (device,) = nvidia_table.parse_csv(text)
    assert device.values["compute_capability"] == "7.5"
    assert device.values["memory_total_mib"] == 15360
    (bare,) = nvidia_table.parse_csv("Tesla T4, 7.5\n", ("gpu_name", "compute_cap"))
    assert bare.values == {"name": "Tesla T4", "compute_capability": "7.5"}
    with pytest.raises(ValueError, match="columns"):
        nvidia_table.parse_csv("Field 'x' is not a valid field, to query\n", ("gpu_name",))


def test_links():
    links = nvidia_table.parse_nvlink(texts.NVLINK)
    assert [(link["link"], link["active"]) for link in links[0]] == [(0, True), (1, False)]


def test_a_log_cut_short_keeps_the_gpus_that_are_whole():
    text = texts.xml(texts.OLD_GPU, texts.NEW_GPU)
    report = nvidia_smi.parse(text[: text.index("H100")])
    assert report.truncated
    assert report.attached == 2
    assert [device.values["name"] for device in report.devices] == ["Tesla P100-PCIE-16GB"]


def test_warnings_around_the_log_do_no_harm():
    noisy = (
        "WARNING: something\n"
        + texts.xml(texts.NEW_GPU)
        + "WARNING: infoROM is corrupted at gpu 0000:3B:00.0\n"
    )
    assert not nvidia_smi.parse(noisy).truncated
    assert len(nvidia_smi.parse(noisy).devices) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
            "couldn't communicate",
        ),
        (KERNEL_MISMATCH, "version mismatch"),
        ("No devices were found\n", "No devices"),
        (
            "Unable to determine the device handle for GPU 0000:02:00.0: Unknown Error\n",
            "Unable to determine",
        ),
    ],
)
def test_a_reason_instead_of_a_report(text, says):
    report = nvidia_smi.parse(text)
    assert report.layout == "message"
    assert says in report.message


def test_the_library_of_a_mismatch_is_told():
    assert nvidia_smi.parse(KERNEL_MISMATCH).nvml_version == "535.161"


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><gpu_report/>',
        texts.xml('<gpu id="0"><card_title>X</card_title></gpu>', schema=99),
    ],
)
def test_another_schema_is_told_from_garbage(text):
    with pytest.raises(nvidia_smi.OtherSchema):
        nvidia_smi.parse(text)


@pytest.mark.parametrize(
    "text", ["", "\0" * 1000, "kh+slmrb68", "<nvidia_smi_log><gpu>", "sh: nvidia-smi: not found"]
)
def test_garbage_is_told(text):
    with pytest.raises(nvidia_smi.Unreadable):
        nvidia_smi.parse(text)
