"""Fits sections into a tracker's limit: the most important first, what was left out is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

_RESERVE = 160  # characters kept for a section's own words of what was left out
_TRIED = 100  # pieces in a row without room for them after which the rest is not made any more


class Made(Collection[str]):
    """Pieces that are made when they are asked for: of ten thousand findings a tracker takes a hundred."""

    def __init__(self, things: Sequence[Any], make: Callable[[Any], str]) -> None:
        self._things, self._make = things, make

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[str]:
        return map(self._make, self._things)

    def __contains__(self, piece: object) -> bool:
        return any(made == piece for made in self)


class Section(NamedTuple):
    """Pieces in order of importance between `head` and `tail`; `noun` says what a piece is."""

    noun: str
    head: str
    pieces: Collection[str]
    tail: str = ""


def fitted(sections: Iterable[Section], room: int) -> str:
    """Return the sections within `room` characters; a section without room for a piece is named only."""
    out: list[str] = []
    left_out: list[str] = []
    for section in sections:
        text, missing = _cut(section, room - _RESERVE)
        if missing:
            left_out.append(f"{missing:,} {section.noun}")
        out.append(text)
        room -= len(text)
    if left_out:
        note = f"\n*Left out to stay within the limit: {', '.join(left_out)}.*\n"
        out.append(note if len(note) <= room else "")
    return "".join(out)


def _cut(section: Section, room: int) -> tuple[str, int]:
    """Return as much of a section as fits and how many pieces do not."""
    room -= len(section.head) + len(section.tail)
    taken: list[str] = []
    passed = 0
    for piece in section.pieces:
        if len(piece) <= room:
            taken.append(piece)
            room -= len(piece)
            passed = 0
        elif (passed := passed + 1) == _TRIED:
            break
    missing = len(section.pieces) - len(taken)
    if section.pieces and not taken:
        return "", missing
    return section.head + "".join(taken) + section.tail, missing
