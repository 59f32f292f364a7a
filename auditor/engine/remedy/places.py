"""Where commands would be typed: a container, a Jetson, WSL, Windows or a Mac, conda, a job of Slurm.

A card's variant of such a name takes the place of its remedy there, and `NAME_container` that of its variant NAME.
"""

from __future__ import annotations

from auditor.engine.look import Look
from auditor.engine.subjects import is_jetson
from auditor.model.fact import Facts

PLACES = ("container", "jetson", "wsl", "windows", "mac", "conda", "slurm", "amd")
_PLATFORMS = {"windows": "windows", "darwin": "mac", "wsl2": "wsl", "wsl1": "wsl"}
# what the reader of a container calls WSL itself; Apptainer has the host's kernel modules and no root either
_NO_CONTAINER = ("wsl", None)


def places(facts: Facts) -> tuple[str, ...]:
    """Return where this is, what decides most first."""
    platform = str(facts.value("os.platform"))
    found = {
        "container": facts.value("container.runtime") not in _NO_CONTAINER,
        "jetson": is_jetson(Look(facts)),
        "slurm": facts.value("orchestrator.name") == "slurm",
        "conda": facts.value("python.installer") == "conda" and facts.value("python.kind") != "conda-base",
        "amd": facts.value("accelerators.vendors") == ["amd"],
        _PLATFORMS.get(platform, ""): True,
        "wsl": facts.value("os.wsl") is True or platform.startswith("wsl"),
    }
    return tuple(name for name in PLACES if found.get(name))


def is_for_a_place(variant: str) -> bool:
    """Whether a variant is written for one place alone, so that it is no choice elsewhere."""
    return variant.rpartition("_")[2] in PLACES


def is_anothers_driver(facts: Facts) -> bool:
    """Whether the driver is that of a host, of Windows or of JetPack, so that none is installed here."""
    return bool({"container", "wsl", "jetson"} & set(places(facts)))
