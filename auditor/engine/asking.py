"""What a reporter should run so that an open question can be decided."""

from __future__ import annotations

from collections.abc import Iterable

# the beginning of a fact's key -> the command that shows it, the more special one first
_COMMANDS = (
    ("nvidia.kernel_module", "cat /proc/driver/nvidia/version"),
    ("nvidia.modules", "lsmod | grep -e nvidia -e nouveau"),
    ("nvidia.pci", "lspci -nn | grep -i -e nvidia -e vga"),
    ("nvidia.", "nvidia-smi"),
    ("gpu[", "nvidia-smi"),
    ("accelerators.", "nvidia-smi"),
    ("amd.", "rocminfo"),
    ("cpu.", "lscpu"),
    ("torch.", "python -m torch.utils.collect_env"),
    ("tensorflow.", "python -m pip list"),
    ("jax.", "python -c 'import jax; jax.print_environment_info()'"),
    ("python.version", "python --version"),
    ("python.", "python -m pip list"),
    ("cuda.", "nvcc --version"),
    ("loader.", "ldconfig -p | grep -e cuda -e cudnn; echo $LD_LIBRARY_PATH"),
    ("env.", "env | grep -e CUDA -e NVIDIA -e LD_"),
    ("memory.shm", "df -h /dev/shm"),
    ("limits.", "ulimit -a"),
    ("disk.", "df -h"),
    ("os.", "cat /etc/os-release; uname -a"),
    ("container.", "cat /proc/1/cgroup"),
    ("system.secure_boot", "mokutil --sb-state"),
)


def command_for(because: Iterable[str]) -> str:
    """Return the command that shows the first missing fact; `fwaudit scan` where no single one does."""
    for why in because:
        for start, line in _COMMANDS:
            if why.startswith(start):
                return line
    return "fwaudit scan --level none"
