"""Facts that follow from others by the tables; what was seen or assumed always stands."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine.arch import covers
from auditor.engine.derive import derive
from auditor.engine.gpu_names import capability_of
from auditor.model.fact import Fact, Facts, known


def derived(**facts: Any) -> dict[str, Fact]:
    return derive(Facts({key: known(value) for key, value in facts.items()}))


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA H100 80GB HBM3", "9.0"),
        ("NVIDIA A100-SXM4-40GB", "8.0"),
        ("Tesla T4", "7.5"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "8.9"),
        ("RTX 5090", "12.0"),
        ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("Quadro RTX 6000", "7.5"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0"),
        ("NVIDIA GB200", "10.0"),
        ("GeForce RTX 2050", "8.6"),
        ("GeForce GT 730", ""),
        ("NVIDIA GeForce RTX 7090", ""),
    ],
)
def test_a_name_gives_the_compute_capability_or_nothing(name: str, capability: str) -> None:
    assert capability_of(name) == capability


@pytest.mark.parametrize(
    ("archs", "capability", "cuda", "coverage"),
    [
        (["sm_86"], "8.9", "12.8", "code"),
        (["sm_86"], "8.0", "12.8", ""),
        (["sm_90"], "12.0", "12.4", ""),
        (["compute_90"], "12.0", "12.5", "ptx"),
        (["sm_100"], "10.3", "13.0", "code"),
        (["sm_120"], "12.1", "13.0", "code"),
        (["sm_100"], "11.0", "13.0", ""),
        (["sm_101"], "11.0", "13.0", "code"),
        (["sm_80", "sm_86"], "8.7", "12.6", ""),
        (["sm_80", "sm_86"], "8.7", "13.2", "code"),
        (["sm_87"], "8.7", "12.6", "code"),
        (["sm_90a"], "9.0", "12.6", "code"),
        (["compute_90a"], "12.0", "12.6", ""),
        (["sm_50"], "5.3", "12.6", ""),
    ],
)
def test_which_code_runs_on_which_device(archs: list[str], capability: str, cuda: str, coverage: str) -> None:
    assert covers(archs, capability, cuda) == coverage


def test_a_cards_name_gives_its_capability_with_the_table_as_evidence() -> None:
    fact = derived(**{"gpu[0].vendor": "nvidia", "gpu[0].name": "NVIDIA L40S"})["gpu[0].compute_capability"]
    assert fact.value == "8.9"
    assert any("nvidia_names" in piece.ref for piece in fact.evidence)


def test_what_the_driver_said_stands() -> None:
    facts = {"gpu[0].vendor": "nvidia", "gpu[0].name": "NVIDIA L40S", "gpu[0].compute_capability": "9.9"}
    assert "gpu[0].compute_capability" not in derived(**facts)


def test_a_card_newer_than_the_tables_is_unknown() -> None:
    fact = derived(**{"gpu[0].vendor": "nvidia", "gpu[0].name": "NVIDIA GeForce RTX 7090"})[
        "gpu[0].compute_capability"
    ]
    assert fact.state == "unknown"
    assert "newer than this knowledge" in fact.reason


def test_a_pci_id_names_the_card() -> None:
    cards = [{"pci_bus_id": "0000:01:00.0", "device_id": "2684", "name": ""}]
    found = derived(**{"nvidia.pci_gpus": cards})["nvidia.pci_gpus"].value
    assert found[0]["name"] == "NVIDIA GeForce RTX 4090"


def test_the_summary_of_cards_repeats_what_was_derived() -> None:
    facts = {"gpu[0].vendor": "nvidia", "gpu[0].name": "Tesla T4", "nvidia.gpus": [{"name": "Tesla T4"}]}
    assert derived(**facts)["nvidia.gpus"].value == [{"name": "Tesla T4", "compute_capability": "7.5"}]


def test_the_build_is_read_from_the_local_part_of_the_version() -> None:
    found = derived(**{"torch.version": "2.1.2+cu121"})
    assert (found["torch.build"].value, found["torch.cuda_build"].value) == ("cu121", "12.1")
    assert derived(**{"torch.version": "2.1.2+cpu"})["torch.cuda_build"].state == "absent"


def test_the_architectures_of_a_release_come_from_the_table() -> None:
    fact = derived(**{"torch.version": "2.13.0", "torch.cuda_build": "13.0"})["torch.arch_list"]
    assert fact.value == ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]


@pytest.mark.parametrize("version", ["2.13.0.dev20260516", "9.1.0"])
def test_those_of_a_nightly_or_of_a_later_release_are_unknown(version: str) -> None:
    fact = derived(**{"torch.version": version, "torch.cuda_build": "13.0"})["torch.arch_list"]
    assert fact.state == "unknown"
