"""Every command that we ask a reporter to run: what it prints, pasted below it, is understood."""

from __future__ import annotations

import pytest

from auditor.engine.asking import _COMMANDS, _ELSEWHERE
from auditor.model.fact import Facts
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
    "lsmod": ("nvidia_uvm           4972544  0\nnvidia_drm            122880  4\nnvidia_modeset       1355776  6 nvidia_drm\nnvidia              54386688  73 nvidia_uvm,nvidia_modeset", "nvidia.modules", ["nvidia", "nvidia_uvm", "nvidia_modeset", "nvidia_drm"]),
    "ibstat": ("CA 'mlx5_0'\n\tPort 1:\n\t\tState: Down\n\t\tPhysical state: Disabled\n\t\tRate: 10", "ib.devices", ["mlx5_0"]),
    "getent": ("nameserver 10.0.0.2", "node.names", [{"name": "github.com", "resolves": False}]),
    "dmesg": ("[  123.4] NVRM: Xid (PCI:0000:1a:00): 79, pid=123, name=python, GPU has fallen off the bus.", "nvidia.xids", [["0000:1a:00", 79]]),
    "ldconfig": ("\tlibcudart.so.12 (libc6,x86-64) => /usr/local/cuda/lib64/libcudart.so.12\n\tlibcudnn.so.8 (libc6,x86-64) => /usr/lib/libcudnn.so.8", "loader.libraries", [{"soname": "libcudart.so.12", "path": "/usr/local/cuda/lib64/libcudart.so.12", "source": "ld.so.cache", "version": ""}, {"soname": "libcudnn.so.8", "path": "/usr/lib/libcudnn.so.8", "source": "ld.so.cache", "version": ""}]),
    "dockerenv": ("ls: cannot access '/run/.containerenv': No such file or directory\n/.dockerenv\n0::/", "container.runtime", "docker"),
    "nvidia-smi": ("Failed to initialize NVML: Driver/library version mismatch", "nvidia.tool_error", "Failed to initialize NVML: Driver/library version mismatch"),
    "set | findstr": ("CUDA_PATH=C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v12.1", "env.variables", {"CUDA_PATH": "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v12.1"}),
    "py --version": ("Python 3.11.4", "python.version", "3.11.4"),
}  # fmt: skip
DISK = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1       100G  100G     0 100% /\n/dev/loop3       64M   64M     0 100% /snap/core20"
WINDOWS = ("C:\\Users\\me>", "(dl) PS D:\\work> ")
PROMPTS = ("$ ", "me@box:~/work$ ", "(base) [me@box work]# ")
COMMANDS = sorted({line for _, line in _COMMANDS if is_command(line)} | {line for table in _ELSEWHERE.values() for _, line in table if is_command(line)})  # fmt: skip


def prompts(command):
    return WINDOWS if command.startswith(("py ", "set ")) else PROMPTS


@pytest.mark.parametrize(
    ("command", "prompt"),
    [(command, prompt) for command in COMMANDS for prompt in prompts(command)],
    ids=lambda text: text[:30],
)
def test_the_answer_to_a_question_of_ours_is_understood(command, prompt):
    if command == "df -h":
        facts = facts_of(read(f"it fails\n{prompt}{command}\n{DISK}\n{prompt}python train.py\n"))
        assert [(row["path"], row["free_kib"]) for row in facts["disk.places"].value] == [("/", 0)]
        return
    fitting = [part for part in ANSWERS if part in command]
    assert fitting, f"no answer is written for {command!r}"
    printed, key, value = ANSWERS[max(fitting, key=len) if "dockerenv" not in command else "dockerenv"]
    if command.startswith("env | grep -e DYLD"):
        printed, value = "PYTORCH_ENABLE_MPS_FALLBACK=1", {"PYTORCH_ENABLE_MPS_FALLBACK": "1"}
    facts = facts_of(read(f"it fails, see below\n{prompt}{command}\n{printed}\n{prompt}python train.py\n"))
    assert facts[key].value == value
    assert "python.distributions" not in facts or key in (
        "tensorflow.version",
        "jax.version",
        "torch.version",
    )


@pytest.mark.parametrize(
    ("command", "key", "value"),
    [
        ("lsmod | grep -e nvidia -e nouveau", "nvidia.modules", []),
        ("env | grep -e CUDA -e NVIDIA -e LD_", "env.variables", {}),
    ],
)
def test_where_nothing_is_printed_there_is_nothing(command, key, value):
    assert facts_of(read(f"$ {command}\n$ python train.py\nRuntimeError: x"))[key].value == value


def test_what_was_searched_for_less_is_not_taken_for_all():
    facts = facts_of(
        read(
            "$ lsmod | grep nvidia\n$ ldconfig -p | grep libcudart\n\tlibcudart.so.12 (libc6,x86-64) => /x/libcudart.so.12\n$ ls"
        )
    )
    assert not {"nvidia.modules", "loader.libraries"} & facts.keys()


@pytest.mark.parametrize(("process", "state"), [("0::/init.scope", "absent"), ("0::/", "unknown")])
def test_a_host_is_told_from_a_container_by_its_first_process_where_that_says_so(process, state):
    facts = facts_of(read(f"$ cat /proc/1/cgroup\n{process}\n$ ls"))
    assert Facts(facts)["container.runtime"].state == state


def test_an_empty_answer_is_an_answer():
    facts = facts_of(read("$ echo $LD_LIBRARY_PATH\n\n$ python train.py\nTraceback (most recent call last):"))
    assert facts["loader.ld_library_path"].value == []


def test_flags_tell_the_architecture():
    flags = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov lm sse sse2"
    assert facts_of(read(f"flags : {flags}"))["os.arch"].value == "x86_64"
