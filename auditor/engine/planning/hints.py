"""What people must know where no published build fits: other sources, other systems, each card alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auditor.engine.arch import number
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.choose import choose
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.knowledge.tables import Row

Hints = tuple[tuple[str, ...], tuple[str, ...]]
NOTHING: Hints = ((), ())


def hints(framework: str, candidates: Sequence[Candidate], machine: Machine) -> Hints:
    """Return (what blocks, alternatives) where something more telling than a build's needs is known."""
    for row in rows("elsewhere"):
        if (card := _match(row, framework, machine)) is not None:
            blocks = (row["blocks"].format(card=card),) if row["blocks"] else ()
            return blocks, tuple(row["instead"])
    return _each_alone(candidates, machine)


def _match(row: Row, framework: str, machine: Machine) -> str | None:
    """Return the card by which the row matches, empty where it names none; None where it does not match."""
    same = (
        row["framework"] in ("", framework)
        and row["family"] in ("", machine.family)
        and machine.os.startswith(row["system"])
        and row["platform"] in ("", machine.platform, "musl" if machine.libc == "musl" else "")
    )
    if not same or not row["sm"]:
        return "" if same else None
    least, most = row["sm"]
    cards = (card for card in machine.of("nvidia") if card.capability)
    return next((card.words for card in cards if least <= number(card.capability) <= most), None)


def _each_alone(candidates: Sequence[Candidate], machine: Machine) -> Hints:
    """Of several cards that no one build serves, name what serves each."""
    cards = machine.of("nvidia")
    if machine.family != "cuda" or len({card.capability for card in cards}) < 2:
        return NOTHING
    said = []
    for card in cards:
        build = choose(candidates, msgspec.structs.replace(machine, cards=(card,)), "cuda").build
        if build is not None:
            said.append(f"for {card.words} alone (CUDA_VISIBLE_DEVICES={card.index}): {build.words}")
    names = ", ".join(card.words for card in cards)
    blocks = f"no one build has kernels for all of {names} with this driver and Python"
    return ((blocks,), tuple(said)) if said else NOTHING
