"""Environments as folders: their interpreter and their frameworks, seen by files alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from auditor.host.protocol import CallFailed, Host, NotRecorded

# what stands for a framework on disk: an __init__.py of its package
PACKAGES = {"torch": "pytorch", "tensorflow": "tensorflow", "jax": "jax"}
_INTERPRETERS = ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe")


def home(host: Host) -> str:
    """Return the user's home folder, or "" where it is unknown."""
    try:
        return host.env("HOME") or str(host.call("home folder", lambda: os.path.expanduser("~")))
    except (OSError, NotRecorded, CallFailed):
        return ""


def is_file(host: Host, path: str) -> bool:
    """Return whether a path is a regular file (links followed)."""
    try:
        return stat.S_ISREG(host.stat(path).mode)
    except (OSError, NotRecorded, ValueError):
        return False


def is_folder(host: Host, path: str) -> bool:
    """Return whether a path is a folder (links followed)."""
    try:
        return stat.S_ISDIR(host.stat(path).mode)
    except (OSError, NotRecorded, ValueError):
        return False


def names(host: Host, folder: str, limit: int = 300) -> list[str]:
    """Return at most `limit` names in a folder, none where it cannot be listed."""
    try:
        return host.listdir(folder)[:limit]
    except (OSError, NotRecorded, ValueError):
        return []


def interpreter(host: Host, prefix: str) -> str:
    """Return the interpreter of an environment, or "" where it has none."""
    paths = (os.path.join(prefix, place) for place in _INTERPRETERS)
    return next((path for path in paths if is_file(host, path)), "")


def dangling(host: Host, prefix: str) -> str:
    """Return where an environment's interpreter pointed before its base was removed, or ""."""
    for place in _INTERPRETERS[:2]:
        try:
            return host.readlink(os.path.join(prefix, place))
        except (OSError, NotRecorded):
            continue
    return ""


def prefix_of(python: str) -> str:
    """Return the environment's folder of an interpreter's path."""
    folder = os.path.dirname(python)
    return os.path.dirname(folder) if os.path.basename(folder) in ("bin", "Scripts") else folder


def site_folders(host: Host, prefix: str) -> Iterator[str]:
    """Yield the folders of an environment that hold installed packages."""
    for lib in ("lib", "lib64", "local/lib"):
        for name in names(host, os.path.join(prefix, lib)):
            if name.startswith(("python", "pypy")):
                yield from (
                    os.path.join(prefix, lib, name, kind) for kind in ("site-packages", "dist-packages")
                )
    yield os.path.join(prefix, "Lib", "site-packages")


def frameworks(host: Host, prefix: str) -> list[str]:
    """Return the frameworks that an environment holds, of pytorch, tensorflow and jax."""
    found = {
        slug
        for folder in site_folders(host, prefix)
        for package, slug in PACKAGES.items()
        if is_file(host, os.path.join(folder, package, "__init__.py"))
    }
    return [slug for slug in PACKAGES.values() if slug in found]
