"""What fits where not all of the wanted packages do: as many of them as can stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

import msgspec

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.choose import choose
from auditor.engine.planning.companions import allowed
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.wish import Wish

_TRIED = 40  # sets of packages that are looked at
_SHOWN = 3


def without(named: Sequence[Candidate], wish: Wish, machine: Machine) -> tuple[str, ...]:
    """Return "without vllm: torch 2.14.1 cu126" for the fewest packages that must go, none where nothing fits."""
    if not wish.requirements or choose(named, machine, machine.family).build is None:
        return ()
    for gone, found in _by_number(named, wish, machine):
        if found:
            return found[:_SHOWN]
        if gone == len(wish.requirements):
            break
    return ()


def _by_number(
    named: Sequence[Candidate], wish: Wish, machine: Machine
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield how many packages go, and what fits then; beyond what may be tried, all of them go."""
    tried = 0
    every = len(wish.requirements)
    for gone in range(1, every + 1):
        sets = list(islice(combinations(wish.requirements, gone), max(_TRIED - tried, 0)))
        tried += len(sets)
        if gone == every:
            sets = [wish.requirements]
        yield gone, tuple(said for left_out in sets for said in _said(left_out, named, wish, machine))


def _said(
    left_out: Sequence[str], named: Sequence[Candidate], wish: Wish, machine: Machine
) -> tuple[str, ...]:
    kept = tuple(text for text in wish.requirements if text not in left_out)
    lesser = msgspec.structs.replace(wish, requirements=kept)
    build = choose(allowed(named, lesser, machine) if kept else named, machine, machine.family).build
    return (f"without {', '.join(left_out)}: {build.words}",) if build else ()
