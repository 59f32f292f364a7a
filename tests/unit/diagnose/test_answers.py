"""Every command that we ask a reporter to run: what it prints, pasted below it, is understood."""

from __future__ import annotations

import pytest

from auditor.engine.asking import _COMMANDS
from auditor.readers import read
from auditor.readers.facts import facts_of
from auditor.render.parts.wording import is_command

# a part of the command -> (what it prints, a fact that this tells, its value)
ANSWERS = {
    "/proc/driver/nvidia/version": ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024", "nvidia.kernel_module_version", "535.183.01"),
    "lspci": ("01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GA102 [GeForce RTX 3090] [10de:2204] (rev a1)", "accelerators.vendors", ["nvidia"]),
    "rocminfo": ("ROCk module is loaded\nAgent 1\n  Name:                    gfx90a\n  Marketing Name:          AMD Instinct MI250X\n  Device Type:             GPU", "amd.gfx_targets", ["gfx90a"]),
    "lscpu": ("Architecture:            x86_64\nCPU(s):                  8", "os.arch", "x86_64"),
    "collect_env": ("PyTorch version: 2.4.1+cu121", "torch.version", "2.4.1+cu121"),
    "pip list": ("Package    Version\n---------- -------\ntensorflow 2.16.1", "tensorflow.version", "2.16.1"),
    "print_environment_info": ("jax:    0.4.30\njaxlib: 0.4.30", "jax.version", "0.4.30"),
    "python --version": ("Python 3.10.12", "python.version", "3.10.12"),
    "nvcc": ("nvcc: NVIDIA (R) Cuda compiler driver\nCuda compilation tools, release 12.1, V12.1.66", "cuda.nvcc_version", "12.1"),
    "echo $LD_LIBRARY_PATH": ("/usr/local/cuda-12.1/lib64", "loader.ld_library_path", ["/usr/local/cuda-12.1/lib64"]),
    "env | grep": ("CUDA_VISIBLE_DEVICES=0", "env.variables", {"CUDA_VISIBLE_DEVICES": "0"}),
    "df -h /dev/shm": ("Filesystem      Size  Used Avail Use% Mounted on\nshm              64M     0   64M   0% /dev/shm", "memory.shm_total_kib", 65536),
    "ulimit": ("open files                          (-n) 1024\nmax locked memory           (kbytes, -l) 64", "limits.memlock", 65536),
    "ldd --version": ("ldd (GNU libc) 2.28", "os.glibc_version", "2.28"),
    "/etc/os-release": ('NAME="Rocky Linux"\nID="rocky"\nVERSION_ID="8.9"\nLinux n1 4.18.0-513.el8.x86_64 #1 SMP Tue x86_64 x86_64 GNU/Linux', "os.version_id", "8.9"),
    "free": ("               total        used        free      shared  buff/cache   available\nMem:            31Gi       4.0Gi        20Gi       0.0Ki       7.0Gi        26Gi", "memory.available_kib", 26 << 20),
    "memory.max": ("8589934592\nmax", "cgroup.memory_limit_kib", 8 << 20),
    "gcc": ("gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0", "compilers.gcc", "11.4.0"),
    "/proc/1/cgroup": ("12:memory:/docker/4f5ac1", "container.runtime", "docker"),
    "mokutil": ("SecureBoot enabled", "system.secure_boot", True),
}  # fmt: skip
# what they print is read in other tests, or quoted by the cards' symptoms (the kernel log), or too long for a row
ELSEWHERE = ("nvidia-smi", "lsmod", "ibstat", "getent", "dmesg", "df -h")


@pytest.mark.parametrize(
    "command", sorted({line for _, line in _COMMANDS if is_command(line)}), ids=lambda line: line[:40]
)
@pytest.mark.parametrize("prompt", ["$ ", "me@box:~/work$ ", "(base) [me@box work]# "])
def test_the_answer_to_a_question_of_ours_is_understood(command, prompt):
    part = next((part for part in ANSWERS if part in command), "")
    if not part:
        assert any(word in command for word in ELSEWHERE), f"no answer is written for {command!r}"
        return
    printed, key, value = ANSWERS[part]
    facts = facts_of(read(f"it fails, see below\n{prompt}{command}\n{printed}\n{prompt}python train.py\n"))
    assert facts[key].value == value


def test_an_empty_answer_is_an_answer():
    facts = facts_of(read("$ echo $LD_LIBRARY_PATH\n\n$ python train.py\nTraceback (most recent call last):"))
    assert facts["loader.ld_library_path"].value == []


def test_flags_tell_the_architecture():
    flags = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov lm sse sse2"
    assert facts_of(read(f"flags : {flags}"))["os.arch"].value == "x86_64"
