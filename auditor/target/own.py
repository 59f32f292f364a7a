"""The environment that runs fwaudit: it must not stand in the way of the user's own."""

from __future__ import annotations

import os
import sys

import msgspec

from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.shapes import described
from auditor.target.places import PACKAGES

# what `pip install fwaudit` brings, with the tools that make an environment
_OURS = frozenset(
    {"fwaudit", "click", "rich", "msgspec", "packaging", "psutil", "archspec", "nvidia_ml_py", "py_cpuinfo", "jinja2",
     "markdown_it_py", "mdurl", "pygments", "markupsafe", "colorama", "pip", "setuptools", "wheel", "uv"}
)  # fmt: skip


class Own(msgspec.Struct, frozen=True):
    """Our interpreter, its environment, its frameworks, and whether it holds fwaudit and nothing else."""

    executable: str
    prefix: str
    frameworks: tuple[str, ...]
    only_fwaudit: bool


def own(host: Host) -> Own | None:
    """Return our own interpreter, or None where the host is a recording that lacks it."""
    try:
        return msgspec.convert(host.call("own interpreter", _look), described(Own))
    except (OSError, NotRecorded, CallFailed, msgspec.ValidationError):
        return None


def _look() -> dict[str, object]:
    held = [slug for package, slug in PACKAGES.items() if any(_holds(folder, package) for folder in sys.path)]
    return {
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "frameworks": held,
        "only_fwaudit": sys.prefix != sys.base_prefix and not held and not _installed() - _OURS,
    }


def _holds(folder: str, package: str) -> bool:
    return os.path.isfile(os.path.join(folder, package, "__init__.py"))


def _installed() -> set[str]:
    """Return the normalised names of the distributions in our environment."""
    found: set[str] = set()
    for folder in sys.path:
        if folder.startswith(sys.prefix) and os.path.isdir(folder):
            found.update(
                name.split("-")[0].lower() for name in os.listdir(folder) if name.endswith(".dist-info")
            )
    return found
