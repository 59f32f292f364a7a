"""Three-valued logic (Kleene's): true, false, or open with the reasons why."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Truth(msgspec.Struct, frozen=True):
    """A truth value: `holds` is True, False or None. `keys` are the facts that decided it.

    Where it is open, `because` says which facts were missing and why.
    """

    holds: bool | None
    keys: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


def all_of(parts: Iterable[Truth]) -> Truth:
    """Return the conjunction: false as soon as one is false, else open if one is open."""
    met: list[Truth] = []
    for part in parts:
        if part.holds is False:
            return part
        met.append(part)
    return _joined(met, True)


def any_of(parts: Iterable[Truth]) -> Truth:
    """Return the disjunction: true as soon as one is true, else open if one is open."""
    met: list[Truth] = []
    for part in parts:
        if part.holds is True:
            return part
        met.append(part)
    return _joined(met, False)


def negation(part: Truth) -> Truth:
    """Return the opposite; what is open stays open."""
    return part if part.holds is None else Truth(not part.holds, part.keys)


def _joined(parts: list[Truth], otherwise: bool) -> Truth:
    """Return `otherwise`, decided by all parts, unless one of them is open."""
    open_parts = [part for part in parts if part.holds is None]
    if not open_parts:
        return Truth(otherwise, unique(key for part in parts for key in part.keys))
    return Truth(
        None,
        unique(key for part in open_parts for key in part.keys),
        unique(why for part in open_parts for why in part.because),
    )


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words once each, in their order."""
    return tuple(dict.fromkeys(words))
