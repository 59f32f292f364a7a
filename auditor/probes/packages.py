"""What is installed in the audited environment, from what its interpreter told."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.model.fact import Evidence, Fact, absent, file, known
from auditor.model.specifiers import normal
from auditor.target.answer import Distribution, Target
from auditor.target.requirements import unmet

PROVIDES = (
    "python.distributions", "python.duplicates", "python.unmet_requirements", "python.broken_metadata",
    "python.nvidia_libraries", "python.pip_version", "python.installer",
)  # fmt: skip


def facts(target: Target, asked: Evidence) -> dict[str, Fact]:
    """Return what is installed, twice or broken, and which requirements do not hold."""
    assert target.python is not None
    copies = by_name(target)
    first = [found[0] for _, found in sorted(copies.items())]
    missing, unread = unmet(first, target.python)
    pip = copies.get("pip")
    return {
        "python.distributions": known([_row(d, local_build(target, d)) for d in first], asked),
        "python.duplicates": known(duplicates(copies), asked),
        "python.unmet_requirements": known([_unmet_row(row) for row in missing], asked),
        "python.broken_metadata": known(broken(target, first, unread), asked),
        "python.nvidia_libraries": known(nvidia_libraries(target), asked),
        "python.pip_version": known(pip[0].version, file(_info(pip[0])))
        if pip
        else absent("pip is not installed", asked),
    }


def installer(target: Target, kind: str, asked: Evidence) -> Fact:
    """Return what manages the environment: conda, uv or pip; absent where none of them is at hand."""
    if kind in ("conda", "conda-base", "uv"):
        return known(kind.partition("-")[0], asked)
    copies = by_name(target)
    if "pip" in copies:
        return known("pip", asked)
    if any(found[0].installer == "uv" for found in copies.values()):
        return known("uv", asked)
    return absent("neither conda, uv nor pip is seen in it", asked)


def by_name(target: Target) -> dict[str, list[Distribution]]:
    """Return the distributions on the path by normalised name, the one that counts first."""
    found: dict[str, list[Distribution]] = {}
    for folder in target.on_path:
        for distribution in folder.distributions:
            found.setdefault(normal(distribution.name), []).append(distribution)
    return found


def duplicates(copies: dict[str, list[Distribution]]) -> list[dict[str, object]]:
    """Return the distributions that stand more than once on the path.

    The metadata beside the sources of an editable install is no second copy, nor is a second record of
    the same release in the same folder (Debian leaves an egg-info beside a dist-info).
    """
    rows: list[dict[str, object]] = []
    for name, found in sorted(copies.items()):
        sources = [d.source for d in found if d.source]
        real = [
            d for d in found if not any((d.location + "/").startswith(source + "/") for source in sources)
        ]
        if len({(d.location, d.version) for d in real}) > 1:
            rows.append(
                {"name": name, "copies": [{"version": d.version, "location": d.location} for d in real]}
            )
    return rows


def broken(
    target: Target, installed: Iterable[Distribution], unread: list[tuple[str, str]]
) -> list[dict[str, str]]:
    """Return what cannot be read: metadata, folders of the path, requirement lines."""
    rows = [{"path": b.path, "reason": b.reason} for folder in target.on_path for b in folder.broken]
    rows += [
        {"path": f.path, "reason": f"the folder cannot be listed: {f.error}"}
        for f in target.on_path
        if f.error
    ]
    where = {d.name: _info(d) for d in installed}
    rows += [
        {"path": where[name], "reason": f"cannot be compared: Requires-Dist: {line}"} for name, line in unread
    ]
    return rows


def nvidia_libraries(target: Target) -> list[dict[str, object]]:
    """Return the shared libraries of nvidia-* wheels; two wheels that claim one file both stand here."""
    found = [library for folder in target.on_path for library in folder.libraries]
    rows: list[dict[str, object]] = [
        {
            "soname": path.replace("\\", "/").rpartition("/")[2],
            "path": path,
            "distribution": normal(name),
            "version": version,
            **({} if present else {"missing": True}),
        }
        for path, name, version, present in found
    ]
    return sorted(rows, key=lambda row: (str(row["path"]), str(row["distribution"])))


def local_build(target: Target, distribution: Distribution) -> str:
    """Return the local part of a version that only the package's own file tells ("cu130"), else ""."""
    for folder in target.on_path:
        build = folder.builds.get(distribution.name) if folder.path == distribution.location else None
        told = build.said.get("__version__") if build else None
        if isinstance(told, str) and "+" in told:
            return told.partition("+")[2]
    return ""


def _row(distribution: Distribution, build: str) -> dict[str, object]:
    row = {
        "name": normal(distribution.name),
        "version": distribution.version,
        "location": distribution.location,
    }
    more = {"installer": distribution.installer, "editable": distribution.source, "build": build}
    return {**row, **{name: value for name, value in more.items() if value or name == "installer"}}


def _unmet_row(row: msgspec.Struct) -> dict[str, object]:
    fields: dict[str, object] = msgspec.structs.asdict(row)
    return {name: value for name, value in fields.items() if value != ""}


def _info(distribution: Distribution) -> str:
    return f"{distribution.location}/{distribution.info}"
