"""What people must know where no published build fits: other sources, other systems, each card alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auditor.engine.arch import covers, number
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.choose import choose
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.planning.wish import canonical
from auditor.engine.versions import minor
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


def package_elsewhere(requirements: Sequence[str], machine: Machine) -> tuple[str, ...]:
    """Say who else publishes a wished package for the machine's accelerator."""
    asked = {canonical(text) for text in requirements}
    found = (row for row in rows("package_elsewhere") if row["family"] == machine.family)
    return tuple(row["instead"] for row in found if row["package"] in asked)


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


def last_served(framework: str, candidates: Sequence[Candidate], machine: Machine) -> tuple[str, ...]:
    """Name the last release that had kernels for a card, where that is older than all that are planned with."""
    ours = [one for one in candidates if one.family == "cuda"]
    if framework != "pytorch" or machine.family != "cuda":
        return ()
    said = {}
    for card in machine.of("nvidia"):
        if card.capability and not any(covers(one.archs or (), card.capability, one.cuda) for one in ours):
            found = [row for row in rows("torch_archs") if _serves(row, card.capability, machine.platform)]
            for row in sorted(found, key=lambda row: (minor(row["torch"]), minor(row["cuda"])))[-1:]:
                said[card.capability] = (
                    f"the last release with kernels for {card.words} was torch {row['torch']} "
                    f"(CUDA {row['cuda']}), older than the Pythons and drivers that are planned for"
                )
    return tuple(said.values())


def _serves(row: Row, capability: str, platform: str) -> bool:
    archs = tuple(f"sm_{one}" for one in row["sm"])
    return row["platform"] == platform.replace("-", "_") and bool(covers(archs, capability, row["cuda"]))
