"""Frameworks whose imported files are not those that the metadata tells of."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from auditor.probes.frameworks import TENSORFLOWS
from auditor.probes.packages import by_name
from auditor.target.answer import Build, Distribution, Folder, Target

Row = dict[str, object]

_BRINGERS = {"torch": ("torch",), "tensorflow": TENSORFLOWS, "jax": ("jax",), "jaxlib": ("jaxlib",)}


def rows(target: Target, stated: Collection[str], listed: list[Row]) -> list[Row]:
    """Return python.duplicates with the frameworks that files without metadata, or of another release, hide.

    `stated` are the folders of PYTHONPATH, absolute. `hides` says how the first copy came before the other:
    "pythonpath", "folder" (files without metadata), or "files" (in the place of those that were installed).
    """
    marked = [_marked(row, stated) for row in listed]
    known = {row["name"] for row in marked}
    return [*marked, *(row for row in _hidden(target, stated) if row["name"] not in known)]


def _marked(row: Row, stated: Collection[str]) -> Row:
    copies = row["copies"]
    first = copies[0]["location"] if isinstance(copies, list) else ""
    return {**row, "hides": "pythonpath"} if _plain(str(first)) in stated else row


def _hidden(target: Target, stated: Collection[str]) -> Iterator[Row]:
    copies = by_name(target)
    for name, bringers in _BRINGERS.items():
        found = _imported(target, name)
        installed = next((copies[bringer][0] for bringer in bringers if bringer in copies), None)
        if found is None or installed is None:
            continue
        folder, build = found
        said = build.said.get("__version__")
        told = said if isinstance(said, str) else ""
        if hides := _how(folder, build, told, installed, stated):
            first = {"version": told or "unknown", "location": build.location}
            second = {"version": installed.version, "location": f"{installed.location}/{installed.info}"}
            yield {"name": name, "copies": [first, second], "hides": hides}


def _imported(target: Target, name: str) -> tuple[Folder, Build] | None:
    """Return the build that `import` finds; the working directory is another rule's question."""
    cwd = target.paths.cwd if target.paths else ""
    folders = [folder for folder in target.on_path if folder.path != cwd]
    found = ((folder, folder.builds[name]) for folder in folders if name in folder.builds)
    return next(((folder, build) for folder, build in found if build.complete), None)


def _how(folder: Folder, build: Build, told: str, installed: Distribution, stated: Collection[str]) -> str:
    if installed.source and (build.location + "/").startswith(installed.source + "/"):
        return ""
    if folder.path != installed.location:
        return "pythonpath" if _plain(folder.path) in stated else "folder"
    return "files" if told and _differ(told, installed.version) else ""


def _differ(told: str, installed: str) -> bool:
    """Return whether two versions are of two builds; metadata may leave the local part out."""
    if told == installed:
        return False
    from packaging.version import InvalidVersion, Version

    try:
        one, other = Version(told), Version(installed)
    except InvalidVersion:
        return True
    return one.public != other.public or bool(one.local and other.local and one.local != other.local)


def _plain(path: str) -> str:
    return os.path.normpath(path)
