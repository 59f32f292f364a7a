"""Rebuilds from PyPI metadata the rows of rules/tables that can be derived from it, and prints what changed.

usage: python tools/refresh_tables.py [--write] [SET ...]      (never run by tests: it asks PyPI, through pip)

Without --write only the differences are printed. Written are sets of the level "artifact" that come from PyPI; what
else differs is for a person. Rows of releases that PyPI no longer offers stay as they are.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
from packaging.version import Version
from pypi_metadata import PYTHONS, Release, every_version, newest_by_minor, pythons, release, versions

TABLES = Path(__file__).parents[1] / "rules" / "tables"

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]


class Derived(NamedTuple):
    """A set of rows that metadata tells: its table, its name there, its key (a version last), and how it is told.

    In a set of `steps` a row holds until the next one, so that a row which is no longer told is wrong.
    """

    table: str
    name: str
    key: tuple[str, ...]
    rows: Callable[[Rows], Iterator[Row]]
    steps: bool = False

    @property
    def called(self) -> str:
        """The name by which a user asks for it."""
        return f"{self.table}/{self.name}" if self.name else self.table


def minor(version: str) -> str:
    """Return "2.13" for "2.13.0"."""
    return ".".join(version.split(".")[:2])


def companions(package: str) -> Callable[[Rows], Iterator[Row]]:
    """Return the rows [minor release, minor release of torch] of a package whose newest of a minor pins one torch."""

    def rows(_: Rows) -> Iterator[Row]:
        for number, version in newest_by_minor(package).items():
            if torch := release(package, version).pin("torch"):
                yield {"package": number, "torch": minor(torch)}

    return rows


def xformers(_: Rows) -> Iterator[Row]:
    """Yield every release with the torch that it pins: its binaries belong to one build."""
    for version in every_version("xformers"):
        if torch := release("xformers", version).pin("torch"):
            yield {"package": version, "torch": minor(torch)}


def newest_pythons(_: Rows) -> Iterator[Row]:
    """Yield from which minor release on the wheels reach up to which Python: the rows where that changes."""
    for package in ("torchvision", "torchaudio"):
        last: Row = {}
        for number, version in newest_by_minor(package).items():
            row = {"package": package, "from": number, "python_max": pythons(package, version)[-1]}
            if last and last["python_max"] != row["python_max"]:
                yield last
            last = row


def newest_wheels(_: Rows) -> Iterator[Row]:
    """Yield the newest release for each Python."""
    for package in ("torch", "tensorflow", "jaxlib"):
        for python in PYTHONS:
            if found := versions(package, python):
                yield {"package": package, "python": python, "newest": found[0]}


def _wheels_for(package: str, number: str) -> list[str]:
    """Return the Pythons for which any release of a minor one has a wheel, oldest first."""
    every = [version for version in every_version(package) if minor(version) == number]
    found = {python for version in every for python in pythons(package, version)}
    return [python for python in PYTHONS if python in found]


def _floor(specifier: str) -> str:
    floors = re.findall(r"(?:>=|==)\s*(\d[\w.]*)", specifier)
    return max(floors, key=Version, default="")


def _extra(told: Release, name: str, extra: str) -> str:
    for requirement in told.requires:
        if requirement.name == name and f'extra == "{extra}"' in str(requirement.marker).replace("'", '"'):
            return str(requirement.specifier)
    return ""


def _jax_wanted(known: Rows) -> Iterator[str]:
    """Yield the releases of JAX with a row, and the newest of each minor that is newer than the oldest of them."""
    oldest = min(Version(key[0]) for key in known)
    newest = {version for version in newest_by_minor("jax").values() if Version(version) >= oldest}
    yield from sorted(newest | {key[0] for key in known}, key=Version)


def jax(known: Rows) -> Iterator[Row]:
    """Yield what releases of JAX ask for."""
    for version in _jax_wanted(known):
        told = release("jax", version)
        if jaxlib := told.specifier("jaxlib"):
            yield {
                "jax": version,
                "jaxlib_min": _floor(jaxlib),
                "python_min": _floor(told.python),
                "numpy": told.specifier("numpy"),
                "libtpu": _extra(told, "libtpu", "tpu"),
            }


def jax_builds(known: Rows) -> Iterator[Row]:
    """Yield up to which Python jaxlib has wheels, for which free-threaded ones, and the CUDA plugins."""
    for version in _jax_wanted(known):
        if not (found := pythons("jaxlib", version)):
            continue
        free = [p for p in PYTHONS[6:] if version in versions("jaxlib", p, f"cp{p.replace('.', '')}t")]
        plugins = [extra for extra in ("cuda13", "cuda12") if extra in release("jax", version).extras]
        yield {"jax": version, "python_max": found[-1], "free_threaded": free, "plugins": plugins}


def tensorflow(known: Rows) -> Iterator[Row]:
    """Yield what each minor release of TensorFlow asks for; CUDA, cuDNN and architectures stand in its build only."""
    oldest = min(Version(key[0]) for key in known)
    for number, version in newest_by_minor("tensorflow").items():
        if Version(number) >= oldest:
            told, found = release("tensorflow", version), _wheels_for("tensorflow", number)
            asked = {name: told.specifier(name) for name in ("numpy", "protobuf", "keras")}
            yield {
                "tensorflow": number,
                "newest": version,
                "python_min": found[0],
                "python_max": found[-1],
                **asked,
            }


def torch(known: Rows) -> Iterator[Row]:
    """Yield what each minor release of torch has wheels for, and the CUDA of PyPI's."""
    for number, version in newest_by_minor("torch").items():
        found = _wheels_for("torch", number)
        row: Row = {"torch": number, "newest": version, "python_min": found[0], "python_max": found[-1]}
        if cuda := _cuda(release("torch", version)):
            row["pypi_cuda"] = cuda
        if (number,) in known or Version(number) > max(Version(key[0]) for key in known):
            yield row


def _cuda(told: Release) -> str:
    """Return the CUDA of a torch from the runtime wheel or the toolkit that it pins."""
    for requirement in told.requires:
        if requirement.name == "cuda-toolkit" or requirement.name.startswith("nvidia-cuda-runtime"):
            return minor(_floor(str(requirement.specifier)))
    return ""


DERIVED = (
    Derived("companions", "torchvision", ("package",), companions("torchvision")),
    Derived("companions", "torchaudio", ("package",), companions("torchaudio")),
    Derived("companions", "xformers", ("package",), xformers),
    Derived("companions", "pythons", ("package", "from"), newest_pythons, steps=True),
    Derived("python_wheels", "", ("package", "python"), newest_wheels),
    Derived("jax_releases", "", ("jax",), jax),
    Derived("jax_builds", "releases", ("jax",), jax_builds),
    Derived("tensorflow_releases", "wheels", ("tensorflow",), tensorflow),
    Derived("torch_releases", "", ("torch",), torch),
)


def refresh(what: Derived, *, write: bool) -> int:
    """Print how one set differs from PyPI and write what may be written; return how many rows differ."""
    path = TABLES / f"{what.table}.toml"
    text = path.read_text(encoding="utf-8")
    sets = [rows for rows in tomllib.loads(text)["sets"] if rows.get("name", "") == what.name]
    known = {_key(what, row): row for rows in sets for row in _as_rows(rows)}
    told = {_key(what, row): row for row in what.rows(known) if _is_covered(what, row, known)}
    if not told:
        print(f"{what.called}: PyPI tells nothing", file=sys.stderr)
        return 0
    changes = {key: row for key, row in told.items() if key not in known or _differs(known[key], row)}
    gone = [key for key in known if what.steps and key not in told]
    for key, row in changes.items():
        print(f"{what.called}: {_said(known.get(key), row)}")
    for key in gone:
        print(f"{what.called}: no longer {json.dumps(known[key])}")
    if write and (changes or gone):
        path.write_text(_written(text, what, sets, known, changes, gone), encoding="utf-8")
    return len(changes) + len(gone)


def _as_rows(rows: Row) -> list[Row]:
    return [dict(zip(rows["columns"], row, strict=True)) for row in rows["rows"]]


def _key(what: Derived, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in what.key)


def _is_covered(what: Derived, row: Row, known: Rows) -> bool:
    """Whether a row is at least as new as the oldest of its package: older ones were left out on purpose."""
    key = _key(what, row)
    oldest = min((Version(other[-1]) for other in known if other[:-1] == key[:-1]), default=None)
    return oldest is None or Version(key[-1]) >= oldest


def _same(old: Any, new: Any) -> bool:
    """Whether two values say the same: "<5.0,>=3.20" and ">=3.20,<5.0.0dev" do."""
    if isinstance(old, str) and isinstance(new, str):
        return _parts(old) == _parts(new)
    return bool(old == new)


def _parts(specifier: str) -> list[str]:
    return sorted(re.sub(r"(?:\.0)*(?:\.?dev\d*)?$", "", part) for part in specifier.split(","))


def _differs(old: Row, new: Row) -> bool:
    return any(not _same(old[column], value) for column, value in new.items())


def _said(old: Row | None, new: Row) -> str:
    if old is None:
        return f"new {json.dumps(new)}"
    parts = [f"{c}: {json.dumps(old[c])} -> {json.dumps(v)}" for c, v in new.items() if not _same(old[c], v)]
    return f"changed {json.dumps(next(iter(new.values())))} {'; '.join(parts)}"


def _written(
    text: str, what: Derived, sets: list[Row], known: Rows, changes: Rows, gone: list[tuple[Any, ...]]
) -> str:
    """Return the table's text with the changes in it, in sets that come from PyPI alone."""
    ours = [rows for rows in sets if rows["level"] == "artifact" and "PyPI" in rows["source"]]
    own = {_key(what, row): row for rows in ours for row in _as_rows(rows)}
    before = text
    for key, row in changes.items():
        if key in own:
            merged = own[key] | {c: v for c, v in row.items() if not _same(own[key][c], v)}
            text = _replaced(text, _text(own[key]), _text(merged))
        elif key in known or not ours or set(row) != set(ours[0]["columns"]):
            print(f"{what.called}: not written, other sources have a say in it: {json.dumps(row)}")
        else:
            text = _placed(text, own, key, row)
            own[key] = row
    for key in gone:
        if key in own:
            text = re.sub(re.escape(_text(known[key])) + r",?\s*?(?=[\n\[])", "", text, count=1)
    return text if text == before else _dated(text, ours[0])


def _text(row: Row) -> str:
    return json.dumps(list(row.values()))


def _placed(text: str, own: Rows, key: tuple[Any, ...], row: Row) -> str:
    """Put a new row where the order of its neighbours wants it: some sets rise, some fall."""
    alike = [other for other in own if other[:-1] == key[:-1]] or list(own)
    falls = len(alike) > 1 and Version(alike[0][-1]) > Version(alike[1][-1])
    order = sorted(alike, key=lambda other: Version(other[-1]), reverse=falls)
    following = [other for other in order if (Version(other[-1]) < Version(key[-1])) == falls]
    if following:
        beside = _text(own[following[0]])
        return _replaced(text, beside, f"{_text(row)}, {beside}")
    beside = _text(own[order[-1]])
    return _replaced(text, beside, f"{beside}, {_text(row)}")


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        print(f"cannot find the one row {old}: {new} is to be written by hand", file=sys.stderr)
        return text
    return text.replace(old, new)


def _dated(text: str, rows: Row) -> str:
    """Date a set, which is found by its source, today."""
    start = text.index(f'source = "{rows["source"]}"')
    return text[:start] + re.sub(
        r'date = "[\d-]+"', f'date = "{datetime.now(UTC).date()}"', text[start:], count=1
    )


def main() -> int:
    """Refresh the sets that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(what.called for what in DERIVED))
    parser.add_argument(
        "--write", action="store_true", help="write what comes from PyPI alone into the tables"
    )
    given = parser.parse_args()
    if unknown := set(given.sets) - {what.called for what in DERIVED}:
        parser.error(
            f"no such set: {', '.join(sorted(unknown))}; sets: {', '.join(w.called for w in DERIVED)}"
        )
    wanted = [what for what in DERIVED if not given.sets or what.called in given.sets]
    differing = sum(refresh(what, write=given.write) for what in wanted)
    print(f"{differing} rows differ in {len(wanted)} sets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
