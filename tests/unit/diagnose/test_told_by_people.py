"""Causes in people's own words: a driver's branch alone, WSL's libcuda, memory of the machine, two libraries off."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

TORCH = "RTX 3090, {0}, torch 2.4.0+cu121, torch.cuda.is_available() is False"

FIRST = [
    (
        "onnxruntime_cpu_gpu_both",
        "My env has onnxruntime==1.17.3 and onnxruntime-gpu==1.17.3, RTX 3060, and only the CPU computes.",
    ),
    (
        "python_arch_mismatch",
        "MacBook Air M2. I copied the x86_64 Python of the old Mac, torch 2.2.2, and mps is not available.",
    ),
    (
        "setuptools_pkg_resources_removed",
        "Since setuptools 83 no longer ships pkg_resources, our tensorboard does not start.",
    ),
    (
        "setuptools_pkg_resources_removed",
        "tensorboard breaks because pkg_resources was removed from setuptools",
    ),
    (
        "platform_unsupported",
        "Could not find a version that satisfies the requirement tensorflow>=2.2 (from versions: )\n"
        "Linux old 4.19.0-21-686 #1 SMP Debian 4.19.249-2 i686 GNU/Linux\nPython 3.7.3",
    ),
    (
        "platform_unsupported",
        "macOS 15.1, Darwin 24.1.0 arm64\nerror: Distribution `torch==2.7.1+cu128 @ registry+https://pytorch.example/whl` "
        "can't be installed because it doesn't have a source distribution or wheel for the current platform",
    ),
    (
        "keras3_incompat",
        "Could not interpret optimizer identifier: <keras.src.optimizers.rmsprop.RMSprop object at 0x7fd1>",
    ),
    ("driver_too_old", TORCH.format("the 470 driver")),
    ("driver_too_old", TORCH.format("driver 390")),
    (
        "driver_too_old",
        "On the V100 we have driver version 418. I pip installed torch 2.4.0+cu121 into my env.",
    ),
    ("driver_too_old", "Ubuntu 18.04, GTX 1080, driver 390. tensorflow-gpu 2.4.1. It uses the CPU alone."),
    (
        "wsl_libcuda_path",
        "Inside WSL2 (Ubuntu 22.04, RTX 4070):\nOSError: libcuda.so: cannot open shared object file: No such file",
    ),
    (
        "wsl_libcuda_path",
        "WSL2 on Windows 11, RTX 3080. triton cannot find libcuda.so, though .so.1 is there.",
    ),
    (
        "no_gpu_or_driver",
        "Ubuntu 22.04 VM\nOSError: libcuda.so.1: cannot open shared object file: No such file or directory",
    ),
    (
        "out_of_memory",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 61.0 GiB for an array with shape (8192000000,)",
    ),
    (
        "out_of_memory",
        'Traceback:\n  File "prepare.py", line 14, in <module>\n    rows = list(source)\nMemoryError',
    ),
    (
        "tf_cuda_libs_missing",
        "tensorflow 2.15.0\nGPU: RTX 3080\nCUDA: 11.2\ncuDNN: 8.1.0\ntf.config.list_physical_devices('GPU') gives []",
    ),
    # without any output: each in other words and versions than the card's own examples
    (
        "cpu_only_build",
        "Windows 11, laptop with an RTX 4070. Training runs on the CPU instead of the GPU, very slow.",
    ),
    (
        "cpu_only_build",
        "Why is the CPU being used rather than the GTX 1650 here? I only did pip install torch.",
    ),
    ("cuda_unknown_error_uvm", "Whenever the workstation wakes up from standby CUDA is dead until I reboot."),
    (
        "cuda_unknown_error_uvm",
        "is_available() turns False after hibernation; sudo modprobe -r nvidia_uvm helps for a while",
    ),
    (
        "container_gpu_cgroup_lost",
        "Our pods lose the GPUs after two days or so, deleting the pod brings them back.",
    ),
    (
        "container_gpu_cgroup_lost",
        "The GPU is gone inside the container after some hours, on the host all is well.",
    ),
    (
        "shm_too_small",
        "With num_workers=8 in the pod we seem to have too little shared memory, the loader dies",
    ),
    (
        "jetson_wrong_wheel",
        "Xavier NX, JetPack 5.0.2: pip3 install torch, and torch.cuda.is_available() gives False",
    ),
    (
        "jetson_wrong_wheel",
        "AGX Orin, JetPack 6.0. I tried pip install torch torchvision, is_available() returned False.",
    ),
    ("windows_dll_missing", "After the update it only says: error loading c10.dll. Fresh Windows 11."),
    (
        "fabric_manager_missing",
        "On our HGX A100 CUDA ends with 802, there is no nvidia-fabricmanager package",
    ),
    ("compute_mode_exclusive", "Since Monday all jobs say CUDA devices unavailable or busy on that node"),
    ("glibc_too_old", "CentOS 7 has a glibc that is too old for the wheel of flash_attn"),
    (
        "gpu_memory_held_by_other_process",
        "I killed the program, yet it still holds 20 GB of memory on the A100, nvidia-smi lists nothing",
    ),
    (
        "triton_ptxas_too_old",
        "On the GB10 triton's own ptxas does not know sm_121, with CUDA 13's it compiles",
    ),
    (
        "driver_too_old",
        "This container was built for NVIDIA Driver Release 530.30 or later, but version 515.65.01 was detected and compatibility mode is UNAVAILABLE.",
    ),
    (
        "container_no_gpu_access",
        "RUN python -c 'load()' while we docker build the image: Found no NVIDIA driver on your system.",
    ),
    (
        "wsl_libcuda_path",
        "Windows Subsystem for Linux, RTX 2060: OSError: libcuda.so.1: cannot open shared object file",
    ),
    (
        "torch_companion_mismatch",
        "Could not load this library: C:\\venv\\Lib\\site-packages\\torchaudio\\lib\\libtorchaudio.pyd",
    ),
    (
        "wrong_vendor_build",
        "I have an Intel Arc B580 and torch 2.6.0+cu126, torch.cuda.is_available() is False",
    ),
    ("wrong_vendor_build", "gpu: Intel(R) Arc(TM) Pro A60\ntorch: 2.5.1+rocm6.2"),
    ("cpu_missing_avx", "cpu: Intel Pentium N3540\ntensorflow: 2.5.0\nos: Debian 11"),
    ("python_arch_mismatch", "machine: Mac mini M4\nplatform.machine(): x86_64\ntorch: 2.2.2"),
    (
        "driver_library_mismatch",
        "libnvidia-ml.so.1 -> libnvidia-ml.so.565.77\n"
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  565.57.01  Thu Oct 10 12:29:05 UTC 2024",
    ),
    (
        "keras3_incompat",
        "Could not interpret optimizer identifier: <keras.src.optimizers.sgd.SGD object at 0x7fd1>\n"
        "$ pip show tensorflow\nName: tensorflow\nVersion: 2.17.0",
    ),
]
QUIET = [
    "After resuming from the checkpoint the loss is nan, torch 2.6.0+cu124, RTX 4090, driver 560.35.03",
    "vLLM 0.9: after sleep mode and wake_up() the answers are garbage. H100, driver 570.124.06, torch 2.7.0+cu128",
    "GPU memory is not freed by del model and gc.collect(). torch 2.5.1+cu121, RTX 3060, driver 555.85",
    "The tokenizer runs on the CPU and not on the GPU, is that meant? torch 2.4.0+cu121, A10, driver 550.54.15",
    "gpu: Intel Iris Xe Graphics\ncpu: Intel Core i5-1235U\ntorch: 2.6.0+cu126\nthe loss is nan",
    "gpu: Intel Arc B570\ntorch: 2.7.1+xpu\nthe loss is nan",
    "cpu: Intel Core i7-6700\ntensorflow: 2.12.0\nval_loss does not fall",
    "/usr/local/cuda/compat:\nlibcuda.so.1 -> libcuda.so.575.57.08\n"
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.90.07  Fri May 31 09:35:42 UTC 2024",
    TORCH.format("driver 550").replace("is False", "is True"),
    "RTX 3090, I upgraded from the 390 driver to 550.120, torch 2.4.1+cu121 runs now",
    "RTX 3090, driver 535, torch 2.8.0+cu128: the loss is nan after one step",
    'File "a.py", line 3, in load\n    raise MemoryError("too many rows")\nMemoryError: too many rows',
]


@pytest.mark.parametrize(("cause", "text"), FIRST)
def test_the_cause_comes_first(cause, text):
    assert [finding.cause for finding in diagnose([text]).findings][:1] == [cause]


@pytest.mark.parametrize("text", QUIET)
def test_nothing_is_blamed(text):
    assert [finding.cause for finding in diagnose([text]).findings if finding.severity == "error"] == []


def test_of_a_branch_that_holds_the_first_driver_that_serves_nothing_is_sure():
    found = diagnose([TORCH.format("525 driver")]).findings
    assert [f.confidence for f in found if f.cause == "driver_too_old"] == ["possible"]
