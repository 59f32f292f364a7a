"""What mends a library fits where it stands: the system, conda, the CUDA it is for, and what must move with it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from auditor.engine.evaluate import evaluate
from auditor.engine.predicates import PREDICATES
from auditor.knowledge.card import RuleCard
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, absent, known
from auditor.model.finding import Finding

LINUX = {
    "os.platform": "linux",
    "os.arch": "x86_64",
    "python.kind": "venv",
    "python.executable": "/v/bin/python",
}
WINDOWS = {"os.platform": "windows", "python.kind": "venv", "python.executable": r"C:\v\Scripts\python.exe"}
CONDA = {
    **LINUX,
    "python.kind": "conda",
    "python.installer": "conda",
    "python.prefix": "/c/envs/x",
    "python.executable": "/c/envs/x/bin/python",
}
NVIDIA = {"accelerators.vendors": ["nvidia"], "gpu[0].vendor": "nvidia", "gpu[0].compute_capability": "7.0"}


@cache
def cards() -> dict[str, RuleCard]:
    return {card.id: card for card in load_cards(predicates=PREDICATES)}


def packages(**versions: str) -> dict[str, Any]:
    return {
        "python.distributions": [{"name": n.replace("_", "-"), "version": v} for n, v in versions.items()]
    }


def failure(card: str, facts: dict[str, Any], none: tuple[str, ...] = ()) -> Finding:
    told = {key: known(value) for key, value in facts.items()}
    found = evaluate([cards()[card]], Facts({**told, **{key: absent("none") for key in none}}))
    return next(finding for finding in found if finding.outcome == "fail")


OLD_TENSORFLOW = {
    **NVIDIA,
    "tensorflow.version": "2.10.1",
    "loader.libraries": [],
    "tensorflow.cuda_build": "11.2",
}
ONNX = {"cuda.toolkits": [{"path": "/usr/local/cuda-11.8", "version": "11.8"}]}


@pytest.mark.parametrize(
    ("card", "facts", "advice"),
    [
        # the plugin moves with jax and jaxlib
        (
            "FWA311",
            {**LINUX, "jax.version": "0.4.30", "jax.jaxlib_version": "0.4.31", **packages(jax="0.4.30", jax_cuda12_plugin="0.4.31")},
            "'jax[cuda12]==0.4.30' 'jaxlib==0.4.30'",
        ),
        # there are no wheels of CUDA for TensorFlow on Windows
        ("FWA308", {**LINUX, **NVIDIA, **packages(tensorflow="2.20.0", tensorflow_cpu="2.19.0")}, "'tensorflow[and-cuda]==2.20.0'"),
        ("FWA308", {**WINDOWS, **NVIDIA, **packages(tensorflow="2.20.0", tensorflow_cpu="2.19.0")}, '"tensorflow-cpu==2.19.0"'),
        # what is documented as a requirement is a command
        ("FWA343", {**LINUX, **NVIDIA, **packages(nvidia_cudnn_cu12="9.14.0.64", torch="2.9.1")}, "install 'nvidia-cudnn-cu12==9.10.2.21'"),
        # the extras that name the wheels came with 1.21
        ("FWA329", {**LINUX, **ONNX, **packages(onnxruntime_gpu="1.20.1")}, "'nvidia-cudnn-cu12==9.*'"),
        ("FWA329", {**LINUX, **ONNX, **packages(onnxruntime_gpu="1.22.0")}, "'onnxruntime-gpu[cuda,cudnn]==1.22.0'"),
        ("FWA329", {**WINDOWS, **ONNX, **packages(onnxruntime_gpu="1.20.1")}, '"onnxruntime-gpu[cuda,cudnn]>=1.21"'),
        # cuDNN 8.6 is no wheel of CUDA 12
        ("FWA325", {**LINUX, "log.cudnn_wanted": "8.6.0", "log.cudnn_loaded": "8.2.1"}, "'nvidia-cudnn-cu11==8.6.*'"),
        ("FWA325", {**LINUX, "log.cudnn_wanted": "8.9.2", "log.cudnn_loaded": "8.2.1"}, "'nvidia-cudnn-cu12==8.9.*'"),
        # the toolkit in conda's environment, elsewhere where it lies already
        ("FWA333", {**LINUX, "os.glibcxx_max": "3.4.25", "log.glibcxx_needed": "3.4.29"}, "conda create -p ~/venvs/libstdcxx "),
        ("FWA333", {**CONDA, "os.glibcxx_max": "3.4.25", "log.glibcxx_needed": "3.4.29"}, "conda install -p /c/envs/x "),
    ],
)  # fmt: skip
def test_the_command_is_the_one_for_this_place(card: str, facts: dict[str, Any], advice: str) -> None:
    remedy = failure(card, facts).remedy
    assert remedy is not None
    assert advice in "\n".join(remedy.commands)


@pytest.mark.parametrize(("place", "remounts"), [({"container.runtime": "docker"}, False), ({}, True)])
def test_shared_memory_grows_where_it_is_given(place: dict[str, str], remounts: bool) -> None:
    remedy = failure("FWA403", {**LINUX, **place, "torch.version": "2.9.1", "memory.shm_free_kib": 10}).remedy
    assert remedy is not None
    assert any("sudo mount -o remount" in line for line in remedy.commands) == remounts


def test_a_card_is_reset_by_its_own_number() -> None:
    facts = {**LINUX, **NVIDIA, "gpu[0].pci_bus_id": "00000000:3B:00.0", "gpu[0].ecc_uncorrected_volatile": 2}
    remedy = failure("FWA501", facts).remedy
    assert remedy is not None
    assert remedy.commands == ("sudo nvidia-smi --gpu-reset -i 00000000:3B:00.0",)
