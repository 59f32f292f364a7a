"""What a reporter should run so that an open question can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model.fact import Facts
from auditor.model.finding import Finding

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
    ("os.arch", "lscpu"),
    ("os.glibc", "ldd --version"),
    ("os.", "cat /etc/os-release; uname -a"),
    ("memory.", "free -h"),
    ("ib.", "ibstat"),
    ("node.fabric", "ibstat; ip -br addr"),
    ("node.names", "getent hosts github.com; cat /etc/resolv.conf"),
    ("node.", "sudo dmesg | tail -n 100"),
    ("cgroup.", "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max"),
    ("compilers.", "gcc --version"),
    ("log.", "the whole traceback, from its first line on"),
    ("container.", "ls -d /.dockerenv /run/.containerenv; cat /proc/1/cgroup"),
    ("smoke.", "python -m torch.utils.collect_env"),
    ("numa.", "lscpu"),
    ("system.secure_boot", "mokutil --sb-state"),
)


_NONE = Facts()
_COLLECT = "python -m torch.utils.collect_env"
_ANY = "fwaudit scan --level none"
# the beginning of a fact's key -> what shows it elsewhere; "" where a scan alone does
_ELSEWHERE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "windows": (
        ("nvidia.", "nvidia-smi"),
        ("gpu[", "nvidia-smi"),
        ("accelerators.", "nvidia-smi"),
        ("torch.", "py -m torch.utils.collect_env"),
        ("tensorflow.", "py -m pip list"),
        ("jax.", 'py -c "import jax; jax.print_environment_info()"'),
        ("python.version", "py --version"),
        ("python.", "py -m pip list"),
        ("cuda.", "nvcc --version"),
        ("env.", 'set | findstr "CUDA NVIDIA"'),
        ("log.", "the whole traceback, from its first line on"),
        ("smoke.", "py -m torch.utils.collect_env"),
        ("os.", "py -m torch.utils.collect_env"),
        ("cpu.", "py -m torch.utils.collect_env"),
    ),
    "darwin": (
        ("torch.", _COLLECT),
        ("tensorflow.", "python -m pip list"),
        ("jax.", "python -c 'import jax; jax.print_environment_info()'"),
        ("python.version", "python --version"),
        ("python.", "python -m pip list"),
        ("env.", "env | grep -e DYLD_ -e TORCH -e TF_"),
        ("log.", "the whole traceback, from its first line on"),
        *((start, _COLLECT) for start in ("smoke.", "os.", "cpu.", "accelerators.", "gpu[", "nvidia.")),
        ("limits.", "ulimit -a"),
        ("disk.", "df -h"),
    ),
}
# who manages the environment lists it
_LISTS = {"uv": "uv pip list", "conda": "conda list"}
_MOST = 3
ALONE = "the message: it does not decide by itself"


def asked(finding: Finding, facts: Facts = _NONE) -> list[str]:
    """Return what a reporter should run so that a possible cause is decided: its check where facts are not missing."""
    told = finding.unknown_because[:1] == (ALONE,) and finding.remedy and finding.remedy.check
    return [told] if told else commands_for(finding.unknown_because, facts)


# what tells most of a case of which nothing is known
_FIRST = ("torch.version", "accelerators.vendors", "python.distributions")


def first_questions(facts: Facts) -> list[str]:
    """Return what to ask where no cause was found: the commands for what a report should tell and this one does not."""
    framework = any(facts[f"{name}.version"].is_known for name in ("torch", "tensorflow", "jax"))
    missing = [
        key for key in _FIRST if facts[key].state == "unknown" and not (framework and key == _FIRST[0])
    ]
    return commands_for((f"{key}: not told" for key in missing), facts) if missing else []


def commands_for(because: Iterable[str], facts: Facts = _NONE) -> list[str]:
    """Return the commands that show the missing facts, at most three; `fwaudit scan` where no single one does.

    They are those of the reporter's system and installer, as far as `facts` tell them.
    """
    table = _ELSEWHERE.get(str(facts.value("os.platform")), _COMMANDS)
    lists = _LISTS.get(str(facts.value("python.installer")), "")
    found = [_command(why, table) for why in because]
    fitting = (lists if lists and line.endswith("-m pip list") else line for line in found)
    named = list(dict.fromkeys(line for line in fitting if line))
    return named[:_MOST] or [_ANY]


def _command(why: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((line for start, line in table if why.startswith(start)), "")
