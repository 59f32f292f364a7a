"""Who holds the memory of a GPU that gave none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look, Undecided
from auditor.engine.subjects import gpu_name, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, not_applicable, passed

Options = Mapping[str, Any]

_SIZE = re.compile(r"([\d.]+) ?([KMG])?(?:i?B|bytes)")
_UNIT = {"K": 2**10, "M": 2**20, "G": 2**30, None: 1}
# less than this may be a CUDA context, a display, or what the allocator's own counting leaves out
_NOTICEABLE = 1.5 * 2**30
_SHARE = 0.25
# a CUDA context and the workspace of one library take some 500 MiB
_CONTEXT_MIB = 512
_LEFT = 0.06


def memory_held_elsewhere(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Compare what a process held of a full GPU with the GPU's size: the rest belongs to others.

    Where the message has no figures, the cards' own memory tells: one that is all but full gives none.
    """
    said = {word: look.value(f"log.gpu_memory_{word}") for word in ("total", "free", "own")}
    if said["total"] is None:
        return _full_cards(look)
    if look.maybe("log.gpu_memory_at_start"):
        return _before_it_began(str(said["total"]), str(said["free"]))
    if missing := [word for word, text in said.items() if text is None]:
        raise Undecided(f"log.gpu_memory_{missing[0]}: the message does not say it")
    total, free, own = (_bytes(said[word]) for word in ("total", "free", "own"))
    others = total - free - own
    if others < max(_NOTICEABLE, _SHARE * total):
        return passed()
    return fail(
        said=f"of {said['total']} only {said['free']} was free while this process held {said['own']}: "
        f"about {others / 2**30:.1f} GiB belong to others"
    )


def _before_it_began(total: str, free: str) -> Verdict:
    """Judge what a program found free before it took any; the size of both stands behind the total."""
    unit = total.split()[-1]
    if _bytes(total) - _bytes(f"{free} {unit}") < max(_NOTICEABLE, _SHARE * _bytes(total)):
        return passed()
    return fail(said=f"of {total} only {free} {unit} was free before this process took any")


def _bytes(text: Any) -> float:
    found = _SIZE.fullmatch(str(text))
    if not found:
        raise Undecided(f"log.gpu_memory_total: {text!r} is no size")
    return float(found[1]) * _UNIT[found[2]]


def _full_cards(look: Look) -> list[Verdict] | Verdict:
    """Find the cards without room, where a library could not even begin on one of them."""
    if look.value("log.gpu_allocation_failed") is None:
        if look.maybe("log.gpu_memory_kept"):
            raise Undecided("gpu[0].processes: it is not told which process holds the memory")
        return not_applicable("no GPU ran out of memory")
    cards = nvidia_gpus(look)
    if not cards:
        raise Undecided("gpu[0].memory_used_mib: no GPU is described")
    full = [index for index in cards if _is_full(look, index)]
    if not full and not any(look.maybe(f"gpu[{index}].memory_used_mib") is not None for index in cards):
        raise Undecided(f"gpu[0].memory_used_mib: {look.facts['gpu[0].memory_used_mib'].reason}")
    return [_by_card(look, index) for index in full] or passed()


def _is_full(look: Look, index: int) -> bool:
    total, used = look.maybe(f"gpu[{index}].memory_total_mib"), look.maybe(f"gpu[{index}].memory_used_mib")
    if not total or used is None:
        return False
    return bool(total - used < max(_CONTEXT_MIB, _LEFT * total))


def _by_card(look: Look, index: int) -> Verdict:
    """Say who holds it. The picture may be of the program's own run, so that it is no more than likely."""
    used, total = look.maybe(f"gpu[{index}].memory_used_mib"), look.maybe(f"gpu[{index}].memory_total_mib")
    rows = look.maybe(f"gpu[{index}].processes")
    holders = [f"{row.get('name') or 'process'} ({row.get('pid')})" for row in rows or [] if row.get("pid")]
    who = (
        f"; it lists {', '.join(holders[:3])}" if holders else "; no process is listed" if rows == [] else ""
    )
    said = f"{gpu_name(look, index)} has {used} of {total} MiB in use{who}"
    return fail(f"gpu:{index}", said=said, severity="warning", confidence="likely")
