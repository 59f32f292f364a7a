"""What an audited interpreter answers: the other side of inside.py, decoded strictly."""

from __future__ import annotations

from typing import Any

import msgspec


class Distribution(msgspec.Struct, frozen=True):
    """An installed distribution. `location` is its folder on the path, `info` its metadata's name there.

    `requires` are the lines of Requires-Dist; `source` is the folder of an editable install.
    """

    name: str
    version: str
    location: str
    info: str
    installer: str
    requires: tuple[str, ...]
    source: str


class Broken(msgspec.Struct, frozen=True):
    """A distribution that cannot be read."""

    path: str
    reason: str


class Build(msgspec.Struct, frozen=True):
    """A framework's package at `location`: literals of its version module, names in its lib folder, GPU architectures.

    `complete` is False where the package's __init__.py is missing.
    """

    location: str
    complete: bool
    said: dict[str, Any]
    files: tuple[str, ...]
    architectures: tuple[str, ...] | None


class Folder(msgspec.Struct, frozen=True):
    """One folder of the path; `real` is its name without links. `libraries` are (file, distribution, version, present) of nvidia-* wheels."""

    path: str
    error: str
    distributions: tuple[Distribution, ...]
    broken: tuple[Broken, ...]
    modules: tuple[str, ...]
    libraries: tuple[tuple[str, str, str, bool], ...]
    builds: dict[str, Build]
    real: str = ""


class Conda(msgspec.Struct, frozen=True):
    """conda's part: whether this is the base environment, and (name, version, build) of its packages."""

    base: bool
    packages: tuple[tuple[str, str, str], ...]


class Interpreter(msgspec.Struct, frozen=True):
    """The interpreter itself, as `inside.interpreter` reports it."""

    version: str
    implementation: str
    free_threaded: bool
    bits: int
    platform: str
    multiarch: str
    machine: str
    libc: str
    executable: str
    prefix: str
    base_prefix: str
    stdlib: str
    include: str
    pyvenv: dict[str, str] | None
    externally_managed: bool
    conda: Conda | None
    sys_path: tuple[str, ...]


class Paths(msgspec.Struct, frozen=True):
    """The search path of a user's program; `user_site` is "" where it is switched off."""

    sys_path: tuple[str, ...]
    user_site: str
    cwd: str
    safe_path: bool


class Reply(msgspec.Struct, frozen=True):
    """One run's answer; which part is there depends on what was asked."""

    protocol: int
    python: Interpreter | None = None
    folders: tuple[Folder, ...] = ()
    paths: Paths | None = None
    error: str = ""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The audited interpreter as it answered, or the reason why it did not.

    `path_reason` says why the path of a user's program is not known: `search_path` is then the
    isolated one.
    """

    usable: bool
    reason: str = ""
    python: Interpreter | None = None
    folders: tuple[Folder, ...] = ()
    paths: Paths | None = None
    path_reason: str = ""

    @property
    def search_path(self) -> tuple[str, ...]:
        """The search path, in the order in which `import` looks."""
        if self.paths:
            return self.paths.sys_path
        return self.python.sys_path if self.python else ()

    @property
    def on_path(self) -> list[Folder]:
        """The folders that are on the search path, in its order, each once: lib64 may be a link to lib."""
        by_path = {folder.path: folder for folder in self.folders}
        found: dict[str, Folder] = {}
        for path in self.search_path:
            if folder := by_path.get(path):
                found.setdefault(folder.real or path, folder)
        return list(found.values())
