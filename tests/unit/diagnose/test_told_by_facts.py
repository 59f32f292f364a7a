"""Environments told by facts alone, in the forms that people give them: the first cause must be theirs."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

TOLD = {
    "conda list: ['pytorch  2.2.1  cpu_py311h0123abc_0  conda-forge', 'numpy 1.26.4 py311h0_0 conda-forge']\ngpu: RTX A4500": "cpu_only_build",
    "environment: ['pytorch=1.11.0=py3.9_cpu_0', 'torchvision=0.12.0=py39_cpu']\ngpu: Tesla T4": "cpu_only_build",
    "pip show torch: Name: torch\nVersion: 2.4.1\nos: Windows 11\ngpu: RTX 3050\ntorch.cuda.is_available(): False": "cpu_only_build",
    "torch: 1.6.0\nGPU: RTX 3070": "gpu_too_new_for_build",
    "torch: 1.4.0\nGPU: RTX 3070": "gpu_too_new_for_build",
    "tensorflow-gpu: 1.13.2\nGPU: RTX 3060\nCUDA: 10.0": "gpu_too_new_for_build",
    "tensorflow: 2.15.0\nhost driver: 418.87\nGPU: Tesla V100": "driver_too_old",
    "OS: Windows 10\npython: 3.10.4\npip install: tensorflow==2.5.0": "python_version_unsupported",
    "installed torch 2.5.1 from the cu121 index, the card is an RTX 5080, Windows 11": "gpu_too_new_for_build",
    "the cu130 build of torch 2.9.1 on an A10 node, driver 550.90.07, is_available() is False": "driver_too_old",
    "chip: Apple M1 Pro\nos: macOS 12.0\ntorch: 1.13.1": "mps_macos_too_old",
    "in a pod, df -h /dev/shm: shm 64M 64M 0 100% /dev/shm\ntorch: 2.4.1": "shm_too_small",
    "torch: 2.4.1\ntmpfs            32G   32G     0 100% /dev/shm": "shm_too_small",
    "libstdc++.so.6 goes up to GLIBCXX_3.4.19 and onnxruntime needs GLIBCXX_3.4.22": "libstdcxx_too_old",
    "gpu: H100 divided into 4 MIG instances\ntorch.cuda.device_count(): 1": "mig_single_instance",
    "CUDA_VISIBLE_DEVICES=1\ngpus: 2x RTX 4090\nRuntimeError: CUDA error: invalid device ordinal": "cuda_visible_devices_wrong",
    "board: Jetson AGX Orin\ntorch: 2.8.0+cu126\ntorch.cuda.is_available(): False": "jetson_wrong_wheel",
    "Found GPU0 Tesla P40 which is of cuda capability 6.1.\n    Minimum and Maximum cuda capability supported by this version of PyTorch is\n    (7.5) - (12.0)": "gpu_too_old_for_build",
    "Found GPU0 NVIDIA GB10 which is of cuda capability 12.1.\n    Minimum and Maximum cuda capability supported by this version of PyTorch is\n    (5.0) - (9.0)": "gpu_too_new_for_build",
    "image: nvcr.io/nvidia/tensorflow:23.05-tf2-py3\ngpu: GeForce RTX 3070\nhost driver: 515.65.01\nno GPU is seen": "driver_too_old",
    "gpu: RTX 3050\ntorch.version.cuda: None\ntorch.cuda.is_available(): False": "cpu_only_build",
    "$ which python3 accelerate\n/opt/conda/envs/sd/bin/python3\n/opt/conda/bin/accelerate\n$ accelerate launch a.py\nModuleNotFoundError: No module named 'diffusers'": "different_interpreter",
    "which python: /srv/env/bin/python\nwhich pip: /usr/bin/pip\nModuleNotFoundError: No module named 'einops'": "different_interpreter",
    "torch: 1.13.1+cu116\ngpu: RTX 4080\nRuntimeError: cuFFT error: CUFFT_INTERNAL_ERROR": "gpu_too_new_for_build",
    "python: 3.11\nos: macOS 13.6\ncpu: Intel Core i7\narch: x86_64\n  Unable to find installation candidates for torch (2.4.0)": "macos_x86_64_dropped",
    "torch 1.7.1+cu110 sees no GPU on the Tesla P40\n> which NVIDIA driver do you have?\n\n410.48,,": "driver_too_old",
    "ImportError: some module needs GLIBCXX_3.4.32, gcc here offers up to GLIBCXX_3.4.28": "libstdcxx_too_old",
    "board: Jetson Orin Nano, JetPack 6.0\npip install torch==2.4.0 --index-url https://download.pytorch.org/whl/cu124\ntorch.cuda.is_available(): False": "jetson_wrong_wheel",
    "machine: MacBook Air M2\nmacOS: 12.1\ntorch: 2.0.0": "mps_macos_too_old",
    "board: Jetson Orin NX\ntorch: 2.3.1\ntorch.cuda.is_available(): False": "jetson_wrong_wheel",
    "cpu: Intel(R) Core(TM) i5-760 CPU @ 2.80GHz\ntensorflow: 2.4.0": "cpu_missing_avx",
    "tensorflow==2.12.0\ntensorflow-intel==2.11.1": "tf_mixed_packages",
    "tensorflow==2.3.1\ntensorflow-estimator==2.5.0\nAttributeError: module 'tensorflow' has no attribute 'Module'": "tf_mixed_packages",
    "RuntimeError: Error building extension 'ms_deform_attn'\ntorch: 1.13.1+cu117\nnvcc: release 12.0, V12.0.140": "nvcc_torch_cuda_mismatch",
    "tensorboard==2.6.0\nprotobuf==4.23.0": "protobuf_incompat",
    "torch==2.4.1\nnvidia-cusparse-cu12==12.3.1.170\nnvidia-nvjitlink-cu12==12.2.140": "nvidia_wheel_version_conflict",
    "torch==2.4.1\nnvidia-cusparse-cu12==12.1.3.153\nnvidia-nvjitlink-cu12==12.2.140": "nvidia_wheel_version_conflict",
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03\nii  libnvidia-compute-535:amd64  535.183.01-0ubuntu1": "driver_library_mismatch",
    "RuntimeError: Found no NVIDIA driver on your system.\nI am using AMD here.": "wrong_vendor_build",
}


@pytest.mark.parametrize(("text", "cause"), TOLD.items())
def test_facts_alone_name_the_cause(text, cause):
    found = diagnose([text]).findings
    assert [finding.cause for finding in found[:1]] == [cause]


@pytest.mark.parametrize(
    "text",
    [
        "cpu: Intel(R) Core(TM) i5-7600 CPU @ 3.50GHz\ntensorflow: 2.4.0",
        "tensorflow==2.12.0\ntensorflow-intel==2.12.0",
        "tensorboard==2.16.2\nprotobuf==4.25.3",
        "torch==2.4.1\nnvidia-cusparse-cu12==12.3.1.170\nnvidia-nvjitlink-cu12==12.4.127",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01\nii  libnvidia-compute-535:amd64  535.183.01-0ubuntu1",
        "libstdc++.so.6 goes up to GLIBCXX_3.4.30 and onnxruntime needs GLIBCXX_3.4.22",
        "torch: 2.4.1\ntmpfs            32G   1.2G   31G   4% /dev/shm",
        "CUDA_VISIBLE_DEVICES=0,1\ngpus: 2x RTX 4090\nRuntimeError: CUDA error: invalid device ordinal",
        "board: Jetson AGX Orin\ntorch: 2.5.0a0+872d972e41.nv24.08\ntorch.cuda.is_available(): True",
        "image: nvcr.io/nvidia/pytorch:25.10-py3\ngpu: Tesla T4\nhost driver: 535.183.01",
        "image: nvcr.io/nvidia/pytorch:24.10-py3\ngpu: GeForce RTX 3070\nhost driver: 535.183.01",
        "gpu: RX 7900 XTX\ntorch.version.cuda: None\ntorch.cuda.is_available(): True",
        "which python: /usr/bin/python3\nwhich pip: /home/u/.local/bin/pip\nModuleNotFoundError: No module named 'einops'",
        "torch: 1.13.1+cu116\ngpu: RTX 3080\nRuntimeError: cuFFT error: CUFFT_INTERNAL_ERROR",
        "torch 2.4.1+cu121, RTX 3090, driver 550.120. My driver is fine, what is wrong with the loss?\n410.48",
        "torch 2.4.1+cu121, RTX 3090. The time per step of each run in ms:\n412.31\n398.22",
        "torch: 2.9.1+cu128\nGPU: RTX 5070\ndriver: 575.57.08",
    ],
)
def test_what_fits_gives_no_error(text):
    assert not [finding.cause for finding in diagnose([text]).findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("index", "pin", "is_cpu"),
    [
        ("--extra-index-url https://download.pytorch.org/whl/cpu", "torch==2.4.1", True),
        ("-f https://download.pytorch.org/whl/cpu/torch_stable.html", "torch==1.13.1", True),
        ("--index-url=https://download.pytorch.org/whl/cu121", "torch==2.4.1", False),
        ("--extra-index-url https://download.pytorch.org/whl/cpu", "torch==2.4.1+cu121", False),
    ],
)
def test_the_index_of_a_requirements_file_tells_the_build(index: str, pin: str, is_cpu: bool) -> None:
    text = f"GPU: NVIDIA A10\ndriver: 550.54.15\n$ cat requirements.txt\n{index}\n{pin}\n\nIt trains slowly."
    assert ("cpu_only_build" in {found.cause for found in diagnose([text]).findings}) is is_cpu
