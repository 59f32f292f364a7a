"""Variables that are set, those that do harm, and masks down to the index that a framework sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.engine import masks, variables
from auditor.engine.mask_syntax import leading_number
from auditor.host.protocol import Host
from auditor.knowledge.tables import table
from auditor.model.fact import Facts, known, unknown
from auditor.probes.variables import PROBE

A100 = [{"name": "A100", "uuid": f"GPU-{letter * 8}-1111-2222-3333-444444444444"} for letter in "abcd"]
MIXED = [{"name": "RTX 3090", "uuid": "GPU-aaaaaaaa-1"}, {"name": "GT 710", "uuid": "GPU-aabbbbbb-1"}]
MIG = {"gpu[1].mig_devices": [{"uuid": "MIG-11111111-2222"}, {"uuid": "MIG-33333333-4444"}]}


def facts_of(env: dict[str, str], gpus: Any = A100, **more: Any) -> Facts:
    values = {"env.variables": env, "nvidia.gpus": gpus, **more}
    return Facts({key: known(value) for key, value in values.items() if value is not None})


def test_the_probe_keeps_what_matters_and_leaves_out_what_is_private(machine: Callable[..., Host]) -> None:
    env = {
        "CUDA_VISIBLE_DEVICES": "0",
        "HOME": "/home/u",
        "PATH": "/bin",
        "SLURM_JOB_USER": "u",
        "SLURM_GPUS_ON_NODE": "2",
    }
    found = PROBE.collect(machine({}, env=env), Facts())["env.variables"]
    assert found.value == {"CUDA_VISIBLE_DEVICES": "0", "SLURM_GPUS_ON_NODE": "2"}
    assert PROBE.collect(machine({}), Facts())["env.variables"].state == "unknown"


@pytest.mark.parametrize(
    ("value", "visible", "problem"),
    [
        ("0,1", [0, 1], ""),
        ("2,1", [2, 1], ""),
        (" 3 , 0", [3, 0], ""),
        ("", [], "empty"),
        ("-1", [], "no device"),
        ("0,2,-1,1", [0, 2], "only 0, 2"),
        ("9", [], "there are 4"),
        ("0,9,1", [0], "there are 4"),
        ("1,1", [], "twice"),
        ("1gpu,2x", [1, 2], ""),
        ("all", [], "'all'"),
        ("NoDevFiles", [], "Slurm"),
        ("GPU-bbbbbbbb-1111-2222-3333-444444444444", [1], ""),
        ("GPU-cc,GPU-a", [2, 0], ""),
        ("GPU-", [], "several"),
        ("GPU-ffff,GPU-a", [], "no device of this machine"),
        ("GPU-a,GPU-aaaa", [], "twice"),
        ("GPU-a,1", [0], "no device of this machine"),
        ("MIG-11111111-2222", [1], ""),
        ("MIG-1111", [1], ""),
        ("MIG-11111111-2222,MIG-33333333-4444", [1], "only the first"),
        ("MIG-99999999", [], "no MIG instance"),
        (f"MIG-{A100[2]['uuid']}/1/0", [2], ""),
    ],
)
def test_cuda_visible_devices(value: str, visible: list[int], problem: str) -> None:
    derived = masks.derive(facts_of({"CUDA_VISIBLE_DEVICES": value}, **MIG))
    (mask,) = derived["env.masks"].value
    assert (mask["visible"], derived["env.visible_gpus"].value) == (visible, visible)
    assert problem in mask["problem"]
    assert bool(problem) == bool(mask["problem"])


@pytest.mark.parametrize(
    ("env", "visible"),
    [
        ({"CUDA_VISIBLE_DEVICES": "1"}, None),
        ({"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [1]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-aab"}, [1]),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, []),
        ({}, [0, 1]),
    ],
)
def test_indices_of_cards_that_differ_need_the_pci_order(
    env: dict[str, str], visible: list[int] | None
) -> None:
    fact = masks.derive(facts_of(env, MIXED))["env.visible_gpus"]
    assert fact.state == ("unknown" if visible is None else "known")
    assert fact.value == visible


def test_what_is_not_known_stays_unknown() -> None:
    nothing = masks.derive(Facts({"env.variables": unknown("not recorded")}))
    assert {fact.state for fact in nothing.values()} == {"unknown"}
    assert masks.derive(facts_of({"CUDA_VISIBLE_DEVICES": "0"}, None))["env.visible_gpus"].state == "unknown"
    assert masks.derive(facts_of({}))["env.masks"].state == "absent"


@pytest.mark.parametrize(
    ("env", "more", "variable", "visible", "problem"),
    [
        ({"ROCR_VISIBLE_DEVICES": "2,3"}, {"amd.gpu_count": 4}, "ROCR_VISIBLE_DEVICES", [2, 3], ""),
        (
            {"ROCR_VISIBLE_DEVICES": "2,3", "HIP_VISIBLE_DEVICES": "1"},
            {"amd.gpu_count": 4},
            "HIP_VISIBLE_DEVICES",
            [3],
            "",
        ),
        (
            {"ROCR_VISIBLE_DEVICES": "2", "HIP_VISIBLE_DEVICES": "2"},
            {"amd.gpu_count": 4},
            "HIP_VISIBLE_DEVICES",
            [],
            "there is 1",
        ),
        ({"GPU_DEVICE_ORDINAL": "0"}, {"amd.gpu_count": 1}, "GPU_DEVICE_ORDINAL", [0], ""),
        ({"ROCR_VISIBLE_DEVICES": "GPU-1234"}, {"amd.gpu_count": 1}, "ROCR_VISIBLE_DEVICES", None, ""),
        ({"ZE_AFFINITY_MASK": "0.0,0.1,1"}, {"intel.gpus": [{}, {}]}, "ZE_AFFINITY_MASK", [0, 1], ""),
        ({"ONEAPI_DEVICE_SELECTOR": "level_zero:1"}, {}, "ONEAPI_DEVICE_SELECTOR", [1], ""),
        ({"ONEAPI_DEVICE_SELECTOR": "level_zero:gpu"}, {}, "ONEAPI_DEVICE_SELECTOR", None, ""),
        ({"ONEAPI_DEVICE_SELECTOR": "opencl:*"}, {}, "ONEAPI_DEVICE_SELECTOR", [], "selects no"),
        ({"ONEAPI_DEVICE_SELECTOR": "!level_zero:gpu"}, {}, "ONEAPI_DEVICE_SELECTOR", [], "takes away"),
        ({"TPU_VISIBLE_CHIPS": "0,1"}, {"tpu.chips": [{}] * 4}, "TPU_VISIBLE_CHIPS", [0, 1], ""),
        (
            {"NVIDIA_VISIBLE_DEVICES": "void"},
            {"container.runtime": "docker"},
            "NVIDIA_VISIBLE_DEVICES",
            [],
            "no GPU",
        ),
        (
            {"NVIDIA_VISIBLE_DEVICES": "none"},
            {"container.runtime": "docker"},
            "NVIDIA_VISIBLE_DEVICES",
            [],
            "no GPU",
        ),
        (
            {"NVIDIA_VISIBLE_DEVICES": "all"},
            {"container.runtime": "docker"},
            "NVIDIA_VISIBLE_DEVICES",
            None,
            "",
        ),
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, {}, "NVIDIA_VISIBLE_DEVICES", None, ""),
        ({"JAX_PLATFORMS": "cpu"}, {"accelerators.vendors": ["nvidia"]}, "JAX_PLATFORMS", [], "CPU only"),
        ({"JAX_PLATFORMS": "cpu"}, {"accelerators.vendors": []}, "JAX_PLATFORMS", None, ""),
        ({"JAX_PLATFORMS": "cuda,cpu"}, {"accelerators.vendors": []}, "JAX_PLATFORMS", [], "will not start"),
        (
            {"SLURM_GPUS_ON_NODE": "1", "CUDA_VISIBLE_DEVICES": "0,1"},
            {},
            "SLURM_GPUS_ON_NODE",
            None,
            "grants 1",
        ),
        ({"CUDA_DEVICE_ORDER": "PCI"}, {}, "CUDA_DEVICE_ORDER", None, "neither"),
    ],
)
def test_masks_of_other_vendors_and_schedulers(
    env: dict[str, str], more: dict[str, Any], variable: str, visible: list[int] | None, problem: str
) -> None:
    found = {mask["variable"]: mask for mask in masks.derive(facts_of(env, **more))["env.masks"].value}
    assert found[variable]["visible"] == visible
    assert problem in found[variable]["problem"]
    assert bool(problem) == bool(found[variable]["problem"])


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("-1", -1), ("+2", 2), ("3x", 3), ("x", None), ("", None), ("-", None)]
)
def test_indices_are_read_as_strtoul_does(text: str, number: int | None) -> None:
    assert leading_number(text) == number


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"CUDA_LAUNCH_BLOCKING": "1"}, ["CUDA_LAUNCH_BLOCKING"]),
        ({"CUDA_LAUNCH_BLOCKING": "0"}, []),
        ({"CUDA_INJECTION64_PATH": "/x.so"}, ["CUDA_INJECTION64_PATH"]),
        ({"NCCL_DEBUG": "INFO"}, []),
        ({"NCCL_DEBUG": "trace"}, ["NCCL_DEBUG"]),
        ({"AMD_LOG_LEVEL": "2"}, []),
        ({"AMD_LOG_LEVEL": "4"}, ["AMD_LOG_LEVEL"]),
        ({"TF_ENABLE_ONEDNN_OPTS": "1"}, []),
        ({"XLA_FLAGS": "--xla_dump_to=/tmp/x --y"}, ["XLA_FLAGS"]),
        ({"OMP_NUM_THREADS": "1", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}, []),
    ],
)
def test_harmful_variables(env: dict[str, str], names: list[str]) -> None:
    fact = variables.derive(facts_of(env))["env.harmful"]
    assert [each["name"] for each in fact.value or []] == names
    assert fact.state == ("known" if names else "absent")


def test_every_row_of_the_table_can_be_matched_and_read() -> None:
    from auditor.host.environment import is_allowed

    for row in table(variables.TABLE).all():
        assert row["match"] in variables.MATCHES, row
        assert row["effect"] in ("slow", "hang", "wrong", "crash", "noise"), row
        assert is_allowed(row["variable"]), f"{row['variable']} is never read"
        assert not row["why"].endswith("."), row
