"""Whole machines as facts: healthy ones give no error, broken ones give their root cause first."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from auditor.engine.derive import derive
from auditor.engine.evaluate import evaluate
from auditor.engine.rank import rank
from auditor.knowledge.card import RuleCard
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, absent, call, known
from auditor.model.finding import Finding


@cache
def cards() -> tuple[RuleCard, ...]:
    return load_cards()


def judged(told: dict[str, Any]) -> list[Finding]:
    """Return the problems of a machine; None means that a fact is absent."""
    seen = {
        key: absent("said to be absent") if value is None else known(value, call("machine"))
        for key, value in told.items()
    }
    facts = Facts(seen)
    facts = facts.merged(derive(facts))
    return [finding for finding in rank(evaluate(cards(), facts)) if finding.is_problem]


def gpus(*names: str, **fields: Any) -> dict[str, Any]:
    """Return the facts of NVIDIA cards by name, with a driver that shows them."""
    told: dict[str, Any] = {
        "accelerators.vendors": ["nvidia"],
        "nvidia.gpu_count": len(names),
        "nvidia.gpus": [{"name": name} for name in names],
        "nvidia.pci_gpus": [{"name": name, "driver": "nvidia"} for name in names],
        "nvidia.modules": ["nvidia", "nvidia_uvm"],
    }
    for index, name in enumerate(names):
        told |= {f"gpu[{index}].vendor": "nvidia", f"gpu[{index}].name": name}
    return told | fields


def torch(version: str, cuda: str | None, **more: str) -> dict[str, Any]:
    """Return the facts of an environment with torch and further distributions (dashes as underscores)."""
    packages = {"torch": version} | {name.replace("_", "-"): one for name, one in more.items()}
    return {
        "python.frameworks": ["pytorch"],
        "python.distributions": [
            {"name": name, "version": one, "installer": "pip"} for name, one in packages.items()
        ],
        "torch.version": version,
        "torch.cuda_build": cuda,
        "torch.build": "cpu" if cuda is None else "cu" + cuda.replace(".", ""),
        "torch.hip_build": None,
        "tensorflow.version": None,
        "jax.version": None,
    }


LINUX = {
    "os.platform": "linux",
    "os.arch": "x86_64",
    "os.glibc_version": "2.35",
    "cpu.flags": ["sse4_1", "sse4_2", "popcnt", "avx"],
}

HEALTHY = {
    "minor-version compatibility: cu128 on a driver of the 535 branch": {
        **LINUX, **gpus("NVIDIA L4"), "nvidia.driver_version": "535.161.08", "nvidia.cuda_driver_version": "12.2",
        **torch("2.8.0", "12.8", numpy="2.2.0", torchvision="0.23.0"),
    },
    "nvcc differs, and nothing is built": {
        **LINUX, **gpus("NVIDIA RTX A6000", "NVIDIA RTX A6000"), "nvidia.driver_version": "570.86.10",
        "cuda.nvcc_version": "11.8", **torch("2.8.0", "12.8"),
    },
    "a CUDA wheel on a machine without a GPU": {
        **LINUX, "accelerators.vendors": [], "nvidia.pci_gpus": [], "nvidia.gpu_count": 0, "nvidia.driver_version": None,
        **torch("2.13.0", "13.0", torchvision="0.28.0", nvidia_cudnn_cu13="9.20.0.48"),
    },
    "a CPU build on a machine without a GPU": {
        **LINUX, "accelerators.vendors": [], "nvidia.pci_gpus": [], **torch("2.13.0+cpu", None, torchvision="0.28.0+cpu"),
    },
    "mixed cards, the old one is for the screen": {
        **LINUX, **gpus("NVIDIA GeForce RTX 4090", "NVIDIA GeForce GT 1030"), "nvidia.driver_version": "580.95.05",
        **torch("2.13.0", "13.0"),
    },
    "WSL2 with a Windows driver": {
        **LINUX, "os.platform": "wsl2", "os.wsl": True, "container.runtime": "wsl",
        **gpus("NVIDIA GeForce RTX 4070 Laptop GPU"), "nvidia.driver_version": "551.88", "nvidia.modules": [],
        "nvidia.kernel_module_version": None, "nvidia.libcuda_paths": ["/usr/lib/wsl/lib/libcuda.so.1"],
        **torch("2.4.0+cu121", "12.1"),
    },
    "a release and a card newer than the tables": {
        **LINUX, **gpus("NVIDIA GeForce RTX 7090"), "nvidia.driver_version": "799.10.01",
        **torch("4.1.0", "15.2", torchvision="0.71.0"),
    },
    "a Jetson with NVIDIA's own wheel": {
        "os.platform": "linux", "os.arch": "aarch64", "os.kernel": "5.15.148-tegra",
        "system.product": "NVIDIA Jetson AGX Orin Developer Kit", **gpus("Orin"), "nvidia.driver_version": "540.4.0",
        "gpu[0].compute_capability": "8.7", "torch.arch_list": ["sm_87"], "nvidia.cuda_driver_version": "12.6",
        **torch("2.5.0a0+872d972e41.nv24.08", "12.6"),
    },
    "PTX carries TensorFlow to Blackwell": {
        **LINUX, **gpus("NVIDIA GeForce RTX 5090"), "nvidia.driver_version": "580.95.05", "nvidia.cuda_driver_version": "13.0",
        "tensorflow.version": "2.21.0", "tensorflow.distribution": "tensorflow", "tensorflow.cuda_build": "12.5.1",
        "tensorflow.arch_list": ["sm_60", "sm_70", "sm_80", "sm_89", "compute_90"], "torch.version": None,
        "python.distributions": [{"name": "tensorflow", "version": "2.21.0"}, {"name": "numpy", "version": "2.4.6"}],
    },
    "a card handed to a virtual machine": {
        **LINUX, "accelerators.vendors": ["nvidia"], "nvidia.modules": [], "nvidia.driver_version": None,
        "nvidia.pci_gpus": [{"name": "NVIDIA A10", "driver": "vfio-pci"}], **torch("2.13.0+cpu", None),
    },
    "an integrated AMD GPU beside a CPU build": {
        **LINUX, "accelerators.vendors": ["amd"], "amd.gfx_targets": ["gfx1036"], **torch("2.13.0+cpu", None),
    },
    "torch 2.3 on Linux is built for NumPy 2": {**LINUX, "accelerators.vendors": [], **torch("2.3.1", "12.1", numpy="2.2.5")},
}  # fmt: skip


@pytest.mark.parametrize("machine", HEALTHY, ids=str)
def test_a_healthy_machine_gives_no_error(machine: str) -> None:
    assert not [(f.id, f.message) for f in judged(HEALTHY[machine]) if f.severity == "error"]


BROKEN = {
    "an old driver under a CUDA 13 build": (
        "driver_too_old",
        {
            **LINUX, **gpus("NVIDIA L4"), "nvidia.driver_version": "550.54.14", "nvidia.cuda_driver_version": "12.4",
            **torch("2.13.0", "13.0"), "smoke.pytorch.import": "ok", "smoke.pytorch.devices": ["cpu"],
        },
    ),
    "a new card under an old build": (
        "gpu_too_new_for_build",
        {
            **LINUX, **gpus("NVIDIA GeForce RTX 5090"), "nvidia.driver_version": "580.95.05", **torch("2.5.1+cu121", "12.1"),
            "smoke.results": [{"id": "pytorch-matmul", "framework": "pytorch", "device": "cuda:0", "status": "fail",
                               "reason": "RuntimeError: CUDA error: no kernel image is available"}],
        },
    ),
    "an old card under a new build": (
        "gpu_too_old_for_build",
        {**LINUX, **gpus("NVIDIA GeForce GTX 1070"), "nvidia.driver_version": "580.95.05", **torch("2.13.0", "13.0")},
    ),
    "a CPU build beside a card": (
        "cpu_only_build",
        {**LINUX, **gpus("NVIDIA GeForce RTX 4080"), "nvidia.driver_version": "580.95.05", **torch("2.13.0+cpu", None)},
    ),
    "no driver": (
        "driver_not_installed",
        {
            **LINUX, "accelerators.vendors": ["nvidia"], "nvidia.driver_version": None, "nvidia.gpu_count": None,
            "nvidia.pci_gpus": [{"name": "NVIDIA L4", "driver": "nouveau"}], "nvidia.modules": ["nouveau"],
            "nvidia.nvml_state": "missing", "nvidia.tool_state": "missing", **torch("2.13.0", "13.0"),
            "smoke.pytorch.import": "ok", "smoke.pytorch.devices": ["cpu"],
        },
    ),
    "a processor without AVX": (
        "cpu_missing_avx",
        {
            **LINUX, "cpu.flags": ["sse4_1", "sse4_2", "popcnt"], "accelerators.vendors": [],
            "python.distributions": [{"name": "tensorflow-cpu", "version": "2.21.0"}], "smoke.tensorflow.import": "crash",
        },
    ),
    "the wrong torchvision": (
        "torch_companion_mismatch",
        {
            **LINUX, "accelerators.vendors": [], **torch("2.13.0+cpu", None, torchvision="0.20.1+cpu"),
            "python.unmet_requirements": [{"distribution": "torchvision", "requirement": "torch==2.5.1", "installed": "2.13.0+cpu"}],
        },
    ),
    "a mask that names no card": (
        "cuda_visible_devices_wrong",
        {
            **LINUX, **gpus("NVIDIA L4"), "nvidia.driver_version": "580.95.05", **torch("2.13.0", "13.0"),
            "env.variables": {"CUDA_VISIBLE_DEVICES": "3"}, "smoke.pytorch.import": "ok", "smoke.pytorch.devices": ["cpu"],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("machine", BROKEN, ids=str)
def test_a_broken_machine_gives_its_root_cause_first(machine: str) -> None:
    cause, told = BROKEN[machine]
    found = judged(told)
    assert found[0].cause == cause, [(f.cause, f.message) for f in found]
    assert not [f.cause for f in found[1:] if f.severity == "error" and not f.explained_by]
