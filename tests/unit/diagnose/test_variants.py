"""Causes told by facts in many shapes, and healthy environments that look odd: in our own words and versions."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

DUMP = """PyTorch version: {tv}
Is debug build: False
CUDA used to build PyTorch: {cu}
ROCM used to build PyTorch: {rocm}

OS: {os}
GCC version: (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0
Libc version: glibc-2.35

Python version: {py} (64-bit runtime)
Python platform: {plat}
Is CUDA available: {av}
CUDA runtime version: {rt}
GPU models and configuration: {gpu}
Nvidia driver version: {drv}
cuDNN version: Could not collect
HIP runtime version: N/A

Versions of relevant libraries:
{libs}
"""


def dump(**changes: str) -> str:
    base = {
        "tv": "2.4.1+cu121",
        "cu": "12.1",
        "rocm": "N/A",
        "os": "Ubuntu 22.04.4 LTS (x86_64)",
        "py": "3.10.12",
        "plat": "Linux-6.5.0-x86_64-with-glibc2.35",
        "av": "True",
        "rt": "Could not collect",
        "gpu": "GPU 0: NVIDIA GeForce RTX 3090",
        "drv": "550.54.14",
        "libs": "[pip3] numpy==1.26.4\n[pip3] torch==2.4.1+cu121",
    }
    base |= changes
    if "libs" not in changes:
        base["libs"] = f"[pip3] numpy==1.26.4\n[pip3] torch=={base['tv']}"
    return DUMP.format(**base)


CASES = [
    ("healthy", dump()),
    (
        "healthy",
        dump(
            gpu="GPU 0: NVIDIA H100 80GB HBM3",
            drv="535.161.08",
            tv="2.8.0+cu128",
            cu="12.8",
            libs="[pip3] torch==2.8.0+cu128\n[pip3] triton==3.4.0",
        ),
    ),
    ("healthy", dump(av="False", gpu="Could not collect", drv="Could not collect")),
    ("healthy", dump(tv="2.6.0+cpu", cu="None", gpu="No CUDA", drv="No CUDA", av="False")),
    (
        "healthy",
        dump(
            tv="2.6.0",
            cu="None",
            os="macOS 15.1 (arm64)",
            plat="macOS-15.1-arm64-arm-64bit",
            gpu="No CUDA",
            drv="No CUDA",
            av="False",
            libs="[pip3] torch==2.6.0\n[pip3] torchvision==0.21.0",
        ),
    ),
    (
        "healthy",
        dump(
            tv="2.4.0+rocm6.1",
            cu="N/A",
            rocm="6.1.40091-a8dbc0c19",
            gpu="AMD Radeon Pro W7900",
            drv="Could not collect",
        ),
    ),
    ("healthy", dump(gpu="\nGPU 0: NVIDIA GeForce RTX 3090\nGPU 1: NVIDIA GeForce GTX 1080 Ti\n")),
    (
        "healthy",
        dump(
            tv="2.9.0",
            cu="13.0",
            gpu="GPU 0: NVIDIA Thor",
            drv="580.00",
            plat="Linux-6.8.12-tegra-aarch64-with-glibc2.39",
            os="Ubuntu 24.04.2 LTS (aarch64)",
            libs="[pip3] torch==2.9.0",
        ),
    ),
    (
        "healthy",
        dump(
            tv="2.1.0a0+41361538.nv23.06",
            cu="11.4",
            gpu="Could not collect",
            drv="Could not collect",
            plat="Linux-5.10.104-tegra-aarch64-with-glibc2.31",
            os="Ubuntu 20.04.6 LTS (aarch64)",
        ),
    ),
    (
        "healthy",
        dump(
            tv="2.5.1",
            cu="12.4",
            libs="[pip3] numpy==2.1.3\n[pip3] torch==2.5.1\n[pip3] torchvision==0.20.1\n[conda] pytorch 2.5.1 py3.12_cuda12.4_cudnn9.1.0_0 pytorch\n[conda] torchvision 0.20.1 py312_cu124 pytorch",
        ),
    ),
    ("driver_too_old", dump(av="False", drv="470.199.02", tv="2.1.2+cu121")),
    (
        "driver_too_old",
        dump(av="False", drv="Driver Version: 418.87", tv="1.13.1+cu117", cu="11.7", gpu="GPU 0: Tesla T4"),
    ),
    ("cpu_only_build", dump(av="False", tv="2.1.0", cu="Could not collect")),
    (
        "cpu_only_build",
        dump(
            av="False",
            tv="2.3.0+cpu",
            cu="None",
            os="Microsoft Windows 10 Pro",
            plat="Windows-10-10.0.19045-SP0",
        ),
    ),
    ("gpu_too_new_for_build", dump(tv="1.10.1+cu102", cu="10.2", gpu="GPU 0: NVIDIA GeForce RTX 3080")),
    (
        "gpu_too_new_for_build",
        dump(
            tv="2.6.0+cu126",
            cu="12.6",
            gpu="GPU 0: NVIDIA GeForce RTX 5090",
            drv="572.16",
            os="Microsoft Windows 11 Home",
            plat="Windows-11-10.0.26100-SP0",
        ),
    ),
    ("gpu_too_old_for_build", dump(tv="1.13.1+cu117", cu="11.7", gpu="GPU 0: Tesla K40c")),
    (
        "gpu_too_old_for_build",
        dump(tv="2.11.0+cu130", cu="13.0", gpu="GPU 0: Tesla V100-SXM2-32GB", drv="580.65.06"),
    ),
    ("torch_companion_mismatch", dump(libs="[pip3] torch==2.4.1+cu121\n[pip3] torchvision==0.15.2")),
    ("numpy2_abi", dump(tv="2.1.2+cu121", libs="[pip3] numpy==2.0.0\n[pip3] torch==2.1.2+cu121")),
    ("wrong_vendor_build", dump(tv="2.3.0+rocm6.0", cu="N/A", rocm="6.0.32830", av="False")),
    ("torchtext_eol", "pip list\ntorch 2.5.1\ntorchtext 0.18.0\nnumpy 1.26.4\n"),
    (
        "tf_windows_native_no_gpu",
        'TensorFlow version: 2.16.1\nOS: Windows 11\nGPU: RTX 4070\nPython 3.11\ntf.config.list_physical_devices("GPU") returns []',
    ),
    ("onnxruntime_cpu_gpu_both", "onnxruntime==1.18.0\nonnxruntime-gpu==1.18.0\n"),
    ("tf_mixed_packages", "tensorflow 2.15.0\ntf-nightly 2.16.0.dev20231201\nnumpy 1.26.0\nkeras 2.15.0\n"),
    ("protobuf_incompat", "tensorflow==2.8.0\nprotobuf==4.21.1\n"),
    ("keras3_incompat", "tensorflow==2.16.1\nkeras==3.3.3\ntransformers==4.40.0\n"),
    ("jax_plugin_mismatch", "jax 0.4.30\njaxlib 0.4.30\njax-cuda12-plugin 0.4.26\njax-cuda12-pjrt 0.4.26\n"),
    (
        "cuda_visible_devices_wrong",
        "CUDA_VISIBLE_DEVICES=4\ntorch: 2.3.0+cu121\nGPU: 2x RTX A6000\ndriver: 545.23.08\nRuntimeError: No CUDA GPUs are available",
    ),
    (
        "mixed_pip_conda",
        "# packages in environment at /x:\n# Name Version Build Channel\npytorch 2.1.0 py3.10_cuda12.1_cudnn8.9.2_0 pytorch\ntorch 2.3.0 pypi_0 pypi\n",
    ),
    ("wrong_vendor_build", "torch: 2.4.0+cu124\nGPU: AMD Radeon RX 7900 XTX\nOS: Ubuntu 24.04\nrocm: 6.2"),
    (
        "rocm_gfx_unsupported",
        "torch 2.4.1+rocm6.1\nGPU: gfx1151\nRuntimeError: HIP error: invalid device function",
    ),
    ("jax_cpu_only", "jax: 0.4.35\njaxlib: 0.4.35\nGPU: A100\njax.devices(): [CpuDevice(id=0)]\nOS: Linux"),
    (
        "nvidia_wheel_version_conflict",
        "torch==2.3.0\nnvidia-cublas-cu11==11.10.3.66\nnvidia-cublas-cu12==12.1.3.1\nnvidia-nccl-cu11==2.14.3\nImportError: undefined symbol: __nvJitLinkAddData_12_1, version libnvJitLink.so.12",
    ),
    (
        "cudnn_version_mismatch",
        "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (9, 1, 0) but found runtime version (8, 9, 7).",
    ),
    (
        "shm_too_small",
        "docker run --gpus all img\nRuntimeError: DataLoader worker (pid 118) is killed by signal: Bus error.",
    ),
    (
        "python_version_unsupported",
        "python: 3.14\nERROR: Could not find a version that satisfies the requirement tensorflow==2.15 (from versions: none)",
    ),
    (
        "tf_cuda_libs_missing",
        "Could not load dynamic library 'cudnn64_8.dll'; dlerror: cudnn64_8.dll not found",
    ),
]


@pytest.mark.parametrize(("want", "text"), CASES)
def test_variant(want, text):
    findings = diagnose([text]).findings
    if want == "healthy":
        assert [finding.cause for finding in findings if finding.severity == "error"] == []
    else:
        assert [finding.cause for finding in findings][:1] == [want]


FIXES = [
    (
        "JAX alone is told of beside a message that names no framework",
        "jax: 0.4.20\njaxlib: 0.4.20\nRuntimeError: INTERNAL: no kernel image is available for execution on the device\n",
        "jax[cuda12]",
    ),
    (
        "no published torch runs on so old a driver: the driver comes first",
        dump(tv="1.5.1", cu="10.2", av="False", gpu="GPU 0: Tesla P4", drv="396.37", libs="[pip3] torch==1.5.1"),
        "ubuntu-drivers install",
    ),
    (
        "conda installed torch, by the dump's own list",
        dump(
            tv="2.3.0", cu="Could not collect", av="False", gpu="GPU 0: NVIDIA A30", drv="550.54.15",
            libs="[pip3] torch==2.3.0.post301\n[conda] pytorch  2.3.0  cpu_generic_py310h_1  conda-forge",
        ),
        "conda remove pytorch",
    ),
    (
        "AMD's card is told by its name alone",
        dump(av="False", gpu="Could not collect", drv="Could not collect", libs="") + "GPU: AMD Radeon RX 7800 XT\n",
        "/rocm",
    ),
    (
        "an extension that pins its torch is named with the release for the one that is here",
        dump(tv="2.4.0+cu121", libs="[pip3] torch==2.4.0\n[pip3] xformers==0.0.29") + "xFormers was built for:\n",
        "xformers==0.0.28.post1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command"), [row[1:] for row in FIXES], ids=[row[0] for row in FIXES])
def test_the_first_fix_is_for_what_is_told(text: str, command: str) -> None:
    remedy = diagnose([text]).findings[0].remedy
    assert remedy is not None
    assert any(command in line for line in remedy.commands), remedy.commands


def test_what_conda_forge_rebuilt_is_not_installed_twice() -> None:
    libs = "[pip3] torch==2.3.0.post301\n[conda] pytorch  2.3.0  cuda118_py310h_301  conda-forge"
    assert "mixed_pip_conda" not in {
        finding.cause for finding in diagnose([dump(tv="2.3.0", libs=libs)]).findings
    }
