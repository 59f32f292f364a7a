"""Words and figures that several sections share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from auditor.model.fact import Fact, Facts
from auditor.model.report import Report

FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
_PROGRAMS = (
    "python", "python3", "pip", "conda", "mamba", "micromamba", "uv", "sudo", "export", "unset", "docker", "podman",
    "apptainer", "srun", "sbatch", "source", "fwaudit", "nvidia-smi", "wsl", "wsl.exe", "py", "timeout", "cat", "cc",
    "df", "env", "ibstat", "ldconfig", "ls", "nvcc", "strings", "ulimit", "dpkg", "rm", "free", "getent", "pushd",
    "vm_stat", "rocm-smi", "sacct", "powershell", "top", "tasklist", "wget", "scontrol", "squeue", "sinfo",
    "shutdown", "cmd", "pnputil", "cd", "pixi", "winget", "xcode-select", "apt", "curl", "module", "echo",
    "nslookup", "ibqueryerrors", "pipx", "poetry", "rmdir", "lsmod", "numactl", "ps", "timedatectl",
)  # fmt: skip
VERSIONS = {"pytorch": "torch.version", "tensorflow": "tensorflow.version", "jax": "jax.version"}


def framework(slug: str) -> str:
    """Return a framework's name as its makers write it."""
    return FRAMEWORKS.get(slug, slug)


def facts_of(report: Report) -> Facts:
    """Return the report's facts as a mapping in which what is missing is unknown."""
    return Facts(report.facts)


def installed(report: Report) -> list[str]:
    """Return the slugs of the frameworks that the audited environment holds or that were tried."""
    listed = facts_of(report).value("python.frameworks")
    held = [str(slug) for slug in listed] if isinstance(listed, (list, tuple)) else []
    return list(dict.fromkeys([*held, *(result.framework for result in report.smoke)]))


def items(value: Any) -> list[Any]:
    """Return a list's items; nothing where a garbled report holds something else."""
    return list(value) if isinstance(value, (list, tuple)) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """Return a list's objects; nothing where a garbled report holds something else."""
    return [item for item in items(value) if isinstance(item, dict)]


def joined(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def gib(kib: Any) -> str:
    """Return KiB as GiB: whole ones from ten on."""
    if not isinstance(kib, (int, float)):
        return ""
    size = kib / (1 << 20)
    return f"{size:,.0f} GiB" if size >= 10 else f"{size:.1f} GiB"


def number(value: Any) -> str:
    """Return a figure with as many digits as matter."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers with runs folded: 0-3, 5."""
    parts: list[list[int]] = []
    for index in sorted(numbers):
        if parts and index == parts[-1][1] + 1:
            parts[-1][1] = index
        else:
            parts.append([index, index])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def shown(fact: Fact, wrapped: str = "{}") -> str:
    """Return a fact's value inside `wrapped`, or nothing where it is not known."""
    return wrapped.format(fact.value) if fact.state == "known" and fact.value not in (None, "") else ""


def sentence(text: str) -> str:
    """Return text with a full stop, save behind a path, an option or a command, where it would be copied."""
    text = text.strip()
    last = text.rpartition(" ")[2]
    return text + "." if last and last[-1] not in ".!?:" and not set("/=\\$~") & set(last) else text


def is_command(text: str) -> bool:
    """Return whether a text is something to type rather than something to read."""
    first = text.strip().split(" ", 1)[0]
    is_path = first.startswith(("~/", "/", "./", "'", '"/', ".\\", "$")) or first[1:3] == ":\\"
    sets = first == "set" and ("=" in text or "|" in text)
    return is_path or sets or first in _PROGRAMS or first.startswith(("python3.", "pip3"))
