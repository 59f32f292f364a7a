"""pyenv: a shim on PATH is a shell script that costs a tenth of a second; its rule is read instead."""

from __future__ import annotations

import os

from auditor.host.protocol import Host, NotRecorded
from auditor.target.places import home, interpreter, names


def root(host: Host) -> str:
    """Return pyenv's folder: PYENV_ROOT, else ~/.pyenv; "" where there is no home."""
    try:
        stated = host.env("PYENV_ROOT")
    except NotRecorded:
        stated = None
    at_home = home(host)
    return stated or (os.path.join(at_home, ".pyenv") if at_home else "")


def versions(host: Host) -> list[str]:
    """Return the folders of the interpreters that pyenv installed."""
    folder = os.path.join(root(host), "versions")
    return [os.path.join(folder, name) for name in names(host, folder)]


def behind_shim(host: Host, path: str, cwd: str) -> str:
    """Return the interpreter that a pyenv shim would start, or `path` itself where it is none.

    PYENV_VERSION, else .python-version in `cwd` or its parents, else pyenv's version file.
    """
    folder = os.path.dirname(path)
    if os.path.basename(folder) != "shims":
        return path
    top = os.path.dirname(folder)
    for name in _stated(host, top, cwd):
        installed = names(host, os.path.join(top, "versions"))
        exact = [name] if name in installed else [v for v in installed if v.startswith(name + ".")]
        python = interpreter(host, os.path.join(top, "versions", exact[-1])) if exact else ""
        return python or path
    return path


def _stated(host: Host, top: str, cwd: str) -> list[str]:
    try:
        stated = host.env("PYENV_VERSION")
    except NotRecorded:
        stated = None
    if stated:
        return stated.split(":")
    folder = cwd
    while True:
        found = _lines(host, os.path.join(folder, ".python-version"))
        if found or os.path.dirname(folder) == folder:
            return found or _lines(host, os.path.join(top, "version"))
        folder = os.path.dirname(folder)


def _lines(host: Host, path: str) -> list[str]:
    try:
        return host.read(path, 4096).split()
    except (OSError, NotRecorded):
        return []
