"""A choice of interpreter, and the error of one that does not exist."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from auditor.host.protocol import Host, NotRecorded
from auditor.target.places import dangling, interpreter, is_file


class Choice(msgspec.Struct, frozen=True):
    """The interpreter to audit and why; where it is not `usable`, `reason` says so at once."""

    python: str | None
    because: str
    usable: bool
    reason: str = ""


class TargetError(Exception):
    """What the user named does not exist: `what`, `where`, and the `nearest` that does."""

    def __init__(self, what: str, where: str, nearest: str = "") -> None:
        self.what, self.where, self.nearest = what, where, nearest
        hint = f"; did you mean {nearest}?" if nearest else ""
        super().__init__(f"{where}: {what}{hint}")


def of_prefix(host: Host, prefix: str, because: str) -> Choice:
    """Return the choice of an environment's interpreter, unusable where it has none."""
    python = interpreter(host, prefix)
    if python:
        return Choice(python, because, True)
    gone = dangling(host, prefix)
    reason = f"its python is a link to {gone}, which is gone" if gone else "no bin/python in it"
    return Choice(os.path.join(prefix, "bin", "python"), because, False, reason)


def on_path(host: Host, name: str) -> Iterator[str]:
    """Yield the executables called `name` on PATH, in its order."""
    for folder in dict.fromkeys(variable(host, "PATH").split(os.pathsep)):
        path = os.path.join(folder, name)
        if folder.startswith("/") and _is_executable(host, path):
            yield path


def _is_executable(host: Host, path: str) -> bool:
    try:
        return is_file(host, path) and bool(host.stat(path).mode & 0o111)
    except (OSError, NotRecorded):
        return False


def variable(host: Host, name: str) -> str:
    """Return an environment variable, "" where it is not set or was not recorded."""
    try:
        return host.env(name) or ""
    except NotRecorded:
        return ""
