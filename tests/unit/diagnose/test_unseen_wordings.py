"""Reports in words and layouts of people whom no card was written for: which cause comes first, and what stays quiet."""

import pytest

from auditor.audit.diagnose import diagnose

FIRST = [
    (
        "kernel_module_not_built",
        "$ uname -r\n6.5.0-44-generic\n$ dkms status\nnvidia/545.29.06, 6.5.0-41-generic, x86_64: installed",
    ),
    ("kernel_module_not_built", "kernel: 6.9.3-arch1-1\nnvidia/470.239.06: added"),
    (
        "kernel_module_not_built",
        "Linux gpu4 5.15.0-119-generic #129-Ubuntu SMP x86_64 GNU/Linux\n"
        "/lib/modules/5.15.0-117-generic/updates/dkms/nvidia.ko",
    ),
    (
        "rocm_device_permission",
        "$ ls -l /dev/kfd /dev/dri/renderD128\ncrw-rw---- 1 root render 234,   0 Jul  3 09:15 /dev/kfd\n"
        "crw-rw---- 1 root render 226, 128 Jul  3 09:15 /dev/dri/renderD128\n"
        "$ id\nuid=1001(kim) gid=1001(kim) groups=1001(kim),44(video)",
    ),
    (
        "rocm_device_permission",
        "gpu: RX 6800\ntorch: 2.4.1+rocm6.1\ngroups: kim wheel\n/dev/kfd: crw-rw---- 1 root render 511, 0 May  1 10:00 /dev/kfd",
    ),
    ("cuda_visible_devices_wrong", "CUDA_VISIBLE_DEVICES=-1\ngpu: RTX A4000\nCUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"),
    ("memlock_limit", "Failed to register memory 0x7f00 on mlx5_0: Cannot allocate memory [12]\n$ ulimit -l\n65536"),
    ("driver_too_old", "I tried nvcr.io/nvidia/pytorch:24.06-py3 on my RTX 3070 with driver 470.239.06, torch.cuda.is_available() is False"),
    ("different_interpreter", "$ pip list | grep torch\ntorch 2.5.1\n$ python -c 'import torch; print(torch.__version__)'\n2.2.0"),
    ("gpu_too_old_for_build", "GPU: GeForce GT 730M\ntorch: 2.0.1+cu118\nCUDA error: no kernel image is available for execution on the device"),
    ("cudnn_version_mismatch", "gpu: RTX A4500\ntensorflow==2.19.0\ntorch==2.6.0\nnvidia-cudnn-cu12==9.1.0.70\nDNN library initialization failed"),
    ("tf_addon_mismatch", "tensorflow==2.12.1\ntensorflow-io==0.37.1"),
    ("cpu_only_build", "machine: DGX Spark\npython -c 'import torch; print(torch.__version__, torch.cuda.is_available())'\n2.9.0+cpu False"),
    ("cuda_visible_devices_wrong", "(env) ~/nets$ CUDA_VISIBLE_DEVICES=3 python train.py\nRuntimeError: No CUDA GPUs are available\n"
     "| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4 |\n"
     "|   0  NVIDIA A10   On  | 00000000:01:00.0 Off |                    0 |\n"
     "| N/A   32C    P8   15W / 150W |      0MiB / 23028MiB |      0%      Default |"),
    ("user_site_shadowing", "(seg) $ python -c 'import torch; print(torch.__version__, torch.__file__)'\n"
     "1.12.1+cu102 /home/kim/.local/lib/python3.9/site-packages/torch/__init__.py\n"
     "(seg) $ which python\n/home/kim/mambaforge/envs/seg/bin/python\ngpu: RTX 3070"),
]  # fmt: skip
QUIET = [
    "$ uname -r\n6.5.0-44-generic\n$ dkms status\nnvidia/545.29.06, 6.5.0-44-generic, x86_64: installed\n"
    "nvidia/535.161.07: added\nKeyError: 'loss'",
    "$ ls -l /dev/kfd\ncrw-rw---- 1 root render 234, 0 Jul  3 09:15 /dev/kfd\n$ groups\nkim wheel video render\n"
    "IndexError: list index out of range",
    "$ CUDA_VISIBLE_DEVICES=5 ./a.sh\nok\n$ CUDA_VISIBLE_DEVICES=0 ./a.sh\ngpu: RTX 3060\nKeyError: 'x'",
    ">>> print(torch.__version__, torch.cuda.is_available())\n2.6.0+cu124 True\nKeyError: 'x'",
    "$ ls -l /dev/kfd\ncrw-rw-rw- 1 root root 234, 0 Jul  3 09:15 /dev/kfd\n$ groups\nkim\nKeyError: 'x'",
]


@pytest.mark.parametrize(("cause", "text"), FIRST)
def test_the_cause_comes_first(cause, text):
    assert [finding.cause for finding in diagnose([text]).findings][:1] == [cause]


@pytest.mark.parametrize("text", QUIET)
def test_nothing_is_blamed(text):
    assert [finding.cause for finding in diagnose([text]).findings if finding.severity == "error"] == []
