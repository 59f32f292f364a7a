"""One text may tell of several moments or machines: before and after an upgrade, the one that works and the other.

Versions of different moments must not be held against one another. The last moment counts.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from auditor.model.fact import Evidence, Fact
from auditor.readers.notes import Notes, Package

Told = tuple[Package, Evidence]

_GAP = 3  # lines between two rows of one list, at most
_INSTALLED = "Successfully installed"
# what is installed anew with torch, so that an older telling of it is worth nothing
_WITH_TORCH = re.compile(r"torch\w*|triton|nvidia-.+|xformers|flash-attn")
_LEFT_BEHIND = ("torchvision", "torchaudio")
_ONE_LOOK = 3  # lines from a list's row to what Python printed below it
_PRINTED = re.compile(r"(?:torch: )?'?\d\.\d{1,2}\.\d{1,2}(?:\+\w{2,9})?'?")
_DUMP, _DUMPED = re.compile(r"PyTorch version"), re.compile(r"\[(?:pip\d?|conda)\]")
_BUILD = ("torch.cuda_build", "torch.hip_build", "torch.build", "torch.arch_list", "smoke.pytorch.devices")


class Moment(NamedTuple):
    """The packages and facts that count, torch's copies where one dump shows two, and versions that contradict."""

    packages: list[Told]
    facts: dict[str, Fact]
    copies: list[dict[str, str]]
    contradiction: dict[str, str]


def last_moment(notes: Notes) -> Moment:
    """Return what a text tells of the last moment, or machine, that it speaks of."""
    facts = dict(notes.facts)
    packages, torch = _last(notes.packages, notes.removed), facts.get("torch.version")
    row = next((told for told in packages if told[0]["name"] == "torch"), None)
    if (
        row is None
        or torch is None
        or not torch.is_known
        or release(torch.value) == release(row[0]["version"])
    ):
        return Moment(packages, facts, [], {})
    ran, listed = str(torch.value), str(row[0]["version"])
    if _one_dump(notes, torch, row):
        places = ((ran, "what runs"), (listed, "the list of packages"))
        return Moment(packages, facts, [{"version": v, "location": place} for v, place in places], {})
    if _is_installed(row) and _line(torch.evidence[0]) < _line(row[1]):
        kept = {key: fact for key, fact in facts.items() if key not in _BUILD and key != "torch.version"}
        return Moment(packages, kept, [], {})  # torch was installed anew after what the dump tells
    contradicts = _is_installed(row) or _one_look(torch, row)
    row_of = {"key": "torch.version", "first": listed, "other": ran}
    others = [told for told in packages if not _WITH_TORCH.fullmatch(told[0]["name"])]
    return Moment(others, facts, [], row_of if contradicts else {})


def _last(packages: list[Told], removed: list[tuple[str, int]]) -> list[Told]:
    """Return the packages without those of earlier lists, where several lists name several releases of torch."""
    blocks = _blocks(packages)
    naming = [block for block in blocks if any(row["name"] == "torch" for row, _ in block)]
    releases = [{release(row["version"]) for row, _ in block if row["name"] == "torch"} for block in naming]
    if len(naming) < 2 or all(one == releases[0] for one in releases):
        return packages
    last, earlier = naming[-1], {id(told) for block in naming[:-1] for told in block}
    if not _is_installed(last[0]):
        return [told for told in packages if id(told) not in earlier]
    changed = removed + [(told[0]["name"], _line(told[1])) for told in packages if _is_installed(told)]
    return [told for told in packages if id(told) not in earlier or _stays(told, changed)]


def _stays(told: Told, changed: list[tuple[str, int]]) -> bool:
    """Return whether a package of an earlier list is there still: pip names each that it installs or takes away.

    torch's own libraries go with it; torchvision and torchaudio stay as they were, which then breaks them.
    """
    name = told[0]["name"]
    again = any(other == name and line > _line(told[1]) for other, line in changed)
    return not again and (name in _LEFT_BEHIND or not _WITH_TORCH.fullmatch(name))


def _blocks(packages: list[Told]) -> list[list[Told]]:
    """Return the lists that the packages stand in: rows close together, an installation by itself."""
    blocks: list[list[Told]] = []
    before: Told | None = None
    for told in sorted(packages, key=lambda told: _line(told[1])):
        if (
            before is None
            or _line(told[1]) - _line(before[1]) > _GAP
            or _is_installed(told) != _is_installed(before)
        ):
            blocks.append([])
        blocks[-1].append(told)
        before = told
    return blocks


def _one_dump(notes: Notes, torch: Fact, row: Told) -> bool:
    """Return whether one dump says that another torch runs than its own list names."""
    again = any(
        key == "torch.version" and release(fact.value) != release(torch.value) for key, fact in notes.others
    )
    same = bool(_DUMP.search(torch.evidence[0].excerpt)) and bool(_DUMPED.search(row[1].excerpt))
    return same and not again


def _one_look(torch: Fact, row: Told) -> bool:
    """Return whether a list and what Python itself printed below stand together: two looks at one moment."""
    printed = torch.evidence[0]
    near = 0 < _line(printed) - _line(row[1]) <= _ONE_LOOK
    return near and bool(_PRINTED.fullmatch(printed.excerpt))


def _is_installed(told: Told) -> bool:
    return _INSTALLED in told[1].excerpt


def _line(evidence: Evidence) -> int:
    number = evidence.ref.rpartition(" ")[2]
    return int(number) if number.isdigit() else 0


def release(version: Any) -> str:
    """Return a version without its local part, and without what conda-forge counts its builds by (.post301)."""
    return str(version).partition("+")[0].partition(".post")[0]
