"""What is installed by the system's package manager: compilers, Python's headers, the container toolkit."""

from __future__ import annotations

from auditor.engine.planning.rows import rows
from auditor.engine.remedy.places import places
from auditor.model.fact import Facts

# where no distribution is told, or none of the table's
_UNTOLD = {
    "compiler": "# a C and a C++ compiler (gcc, g++), by this system's package manager",
    "python_headers": "# the headers of this Python, by this system's package manager",
    "iommu_passthrough": "# iommu=pt on the kernel's command line, by this system's boot loader",
    "container_toolkit": "# https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html",
}


def compiler(facts: Facts, interpreter: str) -> str:
    """Return the lines that bring a C and a C++ compiler."""
    return _command(facts, "compiler", interpreter)


def python_headers(facts: Facts, interpreter: str) -> str:
    """Return the lines that bring the C headers of the audited Python."""
    return _command(facts, "python_headers", interpreter)


def container_toolkit(facts: Facts, interpreter: str) -> str:
    """Return the lines that bring NVIDIA's Container Toolkit from NVIDIA's repository, or the distribution's own."""
    return _command(facts, "container_toolkit", interpreter)


def iommu_passthrough(facts: Facts, interpreter: str) -> str:
    """Return the lines that set iommu=pt on the kernel's command line, by this system's boot loader."""
    return _command(facts, "iommu_passthrough", interpreter)


def _command(facts: Facts, of: str, interpreter: str) -> str:
    """Return the commands of this distribution, filled in; a remark where the table has none."""
    name = str(facts.value("os.id") or "")
    text = next((str(row["commands"]) for row in rows("system_packages", of) if name in row["ids"]), "")
    python = ".".join(str(facts.value("python.version") or "3").split(".")[:2])
    for word, value in (
        ("python", python),
        ("joined", python.replace(".", "")),
        ("interpreter", interpreter),
    ):
        text = text.replace(f"{{{word}}}", value)
    if "container" in places(facts):
        text = text.replace("sudo ", "").replace("apt install", "apt install -y")
    return text or _UNTOLD[of]
