"""Which GPUs a child must leave alone, decided from facts before anything touches a device."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.model.fact import Facts

IN_USE = "in use by others"
# Device memory for each child: a tenth of what is free, within these bounds; the quick level's largest
# arrays take 128 MiB. A CUDA context takes up to 0.5 GiB beside it, hence what must be free.
LIMIT_MIB, LIMIT_LEAST_MIB = 1024, 256
FREE_NEEDED_MIB = 1024
# Device memory that is in use though no process is seen to hold it: containers hide other people's
# processes, while an idle driver or a desktop keeps some hundred MiB.
HIDDEN_USE_MIB = 2048


class Mask(msgspec.Struct, frozen=True, kw_only=True):
    """`env` hides the busy GPUs; `hidden` are their names in the user's numbering, with the reason.

    `shown` are the numbers, in the user's numbering, of the CUDA devices that the child sees, where
    `env` changes that numbering. `one_at_a_time` says that a GPU accepts a single process.
    """

    env: dict[str, str] = {}
    hidden: dict[str, str] = {}
    shown: tuple[int, ...] | None = None
    device_limit_mib: int = LIMIT_MIB
    one_at_a_time: bool = False


def mask(facts: Facts, *, busy: bool) -> Mask:
    """Return what to hide; with `busy` nothing is hidden."""
    cards = {index: _card(facts, index) for index in facts.instances("gpu")}
    nvidia = [i for i, card in cards.items() if card.get("vendor", "nvidia") == "nvidia"]
    alone = any("Exclusive" in str(cards[i].get("compute_mode")) for i in nvidia)
    plain = Mask(device_limit_mib=_limit(cards), one_at_a_time=alone)
    if busy:
        return plain
    env, hidden, shown = _nvidia(facts, {i: cards[i] for i in nvidia})
    amd = {i: busy_reason(card) for i, card in cards.items() if card.get("vendor") == "amd"}
    if any(amd.values()):
        # HIP's numbering follows no order that the facts tell: all are left alone
        env |= {"HIP_VISIBLE_DEVICES": "-1", "ROCR_VISIBLE_DEVICES": ""}
        hidden |= {
            f"amd:{i}": why or f"{IN_USE}: another AMD GPU of this machine is" for i, why in amd.items()
        }
    if facts.value("tpu.holders"):
        env["JAX_PLATFORMS"] = "cpu"
        hidden["tpu:0"] = f"{IN_USE}: held by {_names(facts.value('tpu.holders'))}"
    return msgspec.structs.replace(plain, env=env, hidden=hidden, shown=shown)


def busy_reason(card: dict[str, Any]) -> str:
    """Return why a card must be left alone, or "" where nobody uses it.

    Raises nothing: a card of which nothing can be told is left alone too.
    """
    if card.get("compute_mode") == "Prohibited":
        return "its compute mode is Prohibited: no process may use it"
    holders, used, free = card.get("processes"), card.get("memory_used_mib"), card.get("memory_free_mib")
    if holders is None and used is None:
        return "cannot tell whether others use it: neither its processes nor its memory in use can be seen"
    working = [p for p in holders or [] if _computes(str(p.get("type", "C")).upper(), used)]
    if working:
        return f"{IN_USE}: {_names(working)}"
    seen = sum(p.get("memory_mib") or 0 for p in holders or [])
    if used is not None and used - seen > HIDDEN_USE_MIB:
        return f"{IN_USE}: {used} MiB of its memory are held by processes that cannot be seen from here"
    if free is not None and free < FREE_NEEDED_MIB:
        return f"{IN_USE}: only {free} MiB of its memory are free"
    return ""


def _computes(kind: str, used: int | None) -> bool:
    """Return whether a process is a reason to stay away: its type is C (compute), G (graphics) or C+G.

    A desktop's graphics are none, nor are C+G of a compositor (KDE's on Wayland is one) that leave the
    card as empty as a desktop does.
    """
    if "G" in kind and "C" in kind:
        return used is None or used > HIDDEN_USE_MIB
    return "C" in kind


def _nvidia(
    facts: Facts, cards: dict[int, dict[str, Any]]
) -> tuple[dict[str, str], dict[str, str], tuple[int, ...] | None]:
    """Return env, hidden and shown for the NVIDIA cards that the user's environment shows."""
    if not cards:
        return _unseen(facts)
    order = facts.value("env.visible_gpus")
    reasons = {i: busy_reason(card) for i, card in cards.items()}
    if not any(reasons.get(i) for i in (order if order is not None else cards)):
        return {}, {}, None
    places = list(order) if order is not None else sorted(cards)
    idle = [n for n, i in enumerate(places) if i in cards and not reasons[i]]
    uuids = [cards[places[n]].get("uuid") for n in idle]
    if order is None or not all(uuids):
        idle, uuids = [], []
    why = "its number among the visible GPUs is unknown, and one of them is in use"
    hidden = {f"cuda:{n}": reasons.get(i) or why for n, i in enumerate(places) if n not in idle}
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, uuids))}, hidden, tuple(idle)


def _unseen(facts: Facts) -> tuple[dict[str, str], dict[str, str], tuple[int, ...] | None]:
    """Nothing is known of any card: stay away where a device node shows that there may be one."""
    if facts.value("nvidia.gpu_count") == 0 or not facts.value("nvidia.device_nodes"):
        return {}, {}, None
    reason = facts["nvidia.gpu_count"].reason or "the driver shows no card"
    return {"CUDA_VISIBLE_DEVICES": ""}, {"cuda": f"cannot tell whether others use it: {reason}"}, ()


def _card(facts: Facts, index: int) -> dict[str, Any]:
    fields = ("vendor", "uuid", "processes", "compute_mode", "memory_used_mib", "memory_free_mib")
    return {
        field: facts.value(f"gpu[{index}].{field}")
        for field in fields
        if facts[f"gpu[{index}].{field}"].is_known
    }


def _limit(cards: dict[int, dict[str, Any]]) -> int:
    free = [int(card["memory_free_mib"]) // 10 for card in cards.values() if card.get("memory_free_mib")]
    return max(LIMIT_LEAST_MIB, min(LIMIT_MIB, *free)) if free else LIMIT_MIB


def _names(holders: list[dict[str, Any]]) -> str:
    shown = [f"{h.get('name') or 'process'} (pid {h.get('pid')})" for h in holders[:3]]
    more = len(holders) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
