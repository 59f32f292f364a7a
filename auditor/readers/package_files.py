"""Lists of packages that programs write for programs: pip's and conda's JSON, conda's lists of addresses."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import NamedTuple

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.packages import conda_row

_NAME = r"_{0,2}[A-Za-z0-9][\w.-]{0,60}"
_VERSION = r"\d[\w.!+]{0,50}"
# {"name": "numpy", "version": "2.1.3"}, several of them on one line, in either order
_PAIR = re.compile(rf'"name":\s?"({_NAME})",\s?"version":\s?"({_VERSION})"')
_FIELD = re.compile(r'^\s*"(\w{2,20})":\s?("?)([^"]{0,200})\2,?\s*$')
_ADDRESS = re.compile(
    rf"^\s*\w{{3,5}}://\S{{3,300}}/(noarch|linux-\w{{2,8}}|osx-\w{{2,8}}|win-\w{{2,8}})/({_NAME}?)-({_VERSION})-([\w.]{{1,80}}?)\.(?:conda|tar\.bz2)(?:#\S{{0,80}})?\s*$"
)
# a package's table in poetry.lock and uv.lock
_LOCKED = re.compile(rf'^\s*(name|version) = "([\w.!+-]{{1,60}}|{_NAME})"\s*$')
_EXPLICIT = re.compile(r"^\s*@EXPLICIT\s*$")
_USING = re.compile(
    r"^\s*Using (?:C?Python|PyPy) (\d\.\d{1,2}\.\d{1,2}\w{0,4}) environment at:? (\S.{0,200}?)\s*$"
)
_CONDA_KEYS = frozenset(("dist_name", "build_string", "base_url"))


class _Row(NamedTuple):
    name: str
    version: str
    build: str = ""
    channel: str = ""


def read(lines: list[Line]) -> Notes:
    """Return the distributions of such lists, with the build that conda gives them."""
    notes = Notes()
    for line in lines:
        if pairs := _PAIR.findall(line.text):
            for name, version in pairs:
                notes.package(line, name, version, "pip")
        elif found := _ADDRESS.match(line.text):
            _package(notes, _Row(found[2], found[3], found[4]), [line])
        elif _EXPLICIT.match(line.text):
            notes.take(line)
        elif found := _USING.match(line.text):
            notes.tell("python.version", found[1], line)
            notes.tell("python.prefix", found[2], line)
    _objects(notes, lines)
    _locked(notes, lines)
    return notes


def _locked(notes: Notes, lines: list[Line]) -> None:
    """Read what a lock file holds; of a package that it holds twice, for two systems, which one is here is open."""
    rows = [
        (above, below, name[2], version[2])
        for above, below in itertools.pairwise(lines)
        if (name := _LOCKED.match(above.text))
        and (version := _LOCKED.match(below.text))
        and (name[1], version[1]) == ("name", "version")
    ]
    held = Counter(name for _, _, name, _ in rows)
    for above, below, package, release in rows:
        notes.take(above, below)
        if held[package] == 1 and release[0].isdigit():
            notes.package(above, package, release)


def _objects(notes: Notes, lines: list[Line]) -> None:
    """Read JSON with a field on each line; an object that is cut off tells what stands there."""
    block: list[Line] = []
    fields: dict[str, str] = {}
    for line in [*lines, Line(0, "}")]:
        if found := _FIELD.match(line.text):
            fields.setdefault(found[1], found[3])
            block.append(line)
        elif fields:
            _object(notes, fields, block)
            block, fields = [], {}


def _object(notes: Notes, fields: dict[str, str], block: list[Line]) -> None:
    name, version = fields.get("name", ""), fields.get("version", "")
    if not (re.fullmatch(_NAME, name) and re.fullmatch(_VERSION, version)):
        return
    if _CONDA_KEYS & set(fields):
        build, channel = fields.get("build_string", ""), fields.get("channel", "")
        _package(notes, _Row(name, version, build, channel), block)
    elif set(fields) <= {
        "name",
        "version",
        "location",
        "installer",
        "editable_project_location",
        "latest_version",
    }:
        notes.package(block[0], name, version, "pip")
        notes.take(*block)


def _package(notes: Notes, row: _Row, lines: list[Line]) -> None:
    conda_row(notes, lines[0], row.name, row.version, row.build, row.channel or None)
    notes.take(*lines)
