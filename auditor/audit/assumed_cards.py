"""--assume gpu=NAME and gfx=NAME: the facts of assumed accelerators, which replace what was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

import msgspec

from auditor.engine.card_names import NamedCard, card_named, foreign, nearest_card
from auditor.model.fact import Evidence, Fact, absent, known, unknown

_NONE = ("none", "no", "absent", "0", "")
_NO_NUMBER = re.compile(r"\s*(-\s*\d+|0+)\s*[x×*]", re.IGNORECASE)


class UnknownCard(ValueError):
    """A card that no table knows: its name, the nearest, and how to state what it is."""


def named_cards(stated: Sequence[tuple[str, str]]) -> tuple[NamedCard, ...]:
    """Return the cards of (gpu|gfx, name) pairs; each gfx first completes an AMD card that has none of its own.

    Raises:
        UnknownCard: "none" beside a card, or fewer than one of a kind.

    """
    cards: list[NamedCard] = []
    for key, value in stated:
        if value.lower() in _NONE:
            continue
        if _NO_NUMBER.match(value):
            msg = f"{value!r}: a number of cards is 1 or more; `gpu=none` means that there is none"
            raise UnknownCard(msg)
        if key == "gpu":
            found = card_named(value)
            cards += [msgspec.structs.replace(found, count=1)] * found.count
            continue
        target = _gfx(value)
        bare = next((i for i, card in enumerate(cards) if card.vendor == "amd" and not _is_own(card)), None)
        if bare is None:
            cards.append(NamedCard(vendor="amd", name="", gfx=target))
        else:
            cards[bare] = msgspec.structs.replace(cards[bare], gfx=target, capabilities=("stated",))
    if cards and any(value.lower() in _NONE for _, value in stated):
        msg = "gpu=none contradicts the other cards; give one of them"
        raise UnknownCard(msg)
    return tuple(cards)


def _gfx(text: str) -> str:
    """Return the instruction set of "gfx90a:sramecc+".

    Raises:
        UnknownCard: it is written as none is; names the nearest.

    """
    target = text.lower().partition(":")[0]
    if re.fullmatch(r"gfx[0-9]{1,3}[0-9a-f]{2}|gfx\d{1,2}-\d-generic", target):
        return target
    from auditor.knowledge.tables import table
    from auditor.knowledge.words import nearest

    names = sorted({name for row in table("rocm_gfx").all() for name in row["gfx"]})
    near = nearest(target, names)
    hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(names)}"
    msg = f"{text!r} is no instruction set of an AMD GPU{hint}"
    raise UnknownCard(msg)


def _is_own(card: NamedCard) -> bool:
    """Whether a gfx was stated for the card already."""
    return bool(card.capabilities) or not card.name


def card_facts(stated: Sequence[tuple[str, str]], given: Set[str]) -> dict[str, Fact]:
    """Return the facts of the stated cards; `given` are the keys that are stated beside them.

    Raises:
        UnknownCard: an NVIDIA name that no table has, unless its capability is stated too.

    """
    if not stated:
        return {}
    evidence = tuple(Evidence("assumed", f"--assume {key}={value}") for key, value in stated)
    cards = named_cards(stated)
    facts: dict[str, Fact] = {}
    for index, card in enumerate(cards):
        _check(card, f"gpu[{index}].compute_capability" in given)
        facts |= {f"gpu[{index}].{field}": fact for field, fact in _own(card, evidence).items()}
    return facts | _summaries(cards, evidence)


def _check(card: NamedCard, stated: bool) -> None:
    if card.is_known or stated:
        return
    if instead := foreign(card.name):
        msg = f'no build that PyTorch, TensorFlow or JAX publishes uses "{card.name}" (instead: {instead}); --assume gpu=none plans for the processor'
        raise UnknownCard(msg)
    near = nearest_card(card.name)
    hint = f'; did you mean "{near}"?' if near else "."
    msg = (
        f'no card that the tables know is called "{card.name}"{hint} Where it is newer than they are, '
        "state what it is, such as --assume gpu[0].compute_capability=12.0"
    )
    raise UnknownCard(msg)


def _own(card: NamedCard, evidence: tuple[Evidence, ...]) -> dict[str, Fact]:
    found = {"vendor": known(card.vendor, *evidence)}
    if card.name:
        found["name"] = known(card.name, *evidence)
    if card.gfx:
        found["gfx_target"] = known(card.gfx, *evidence)
    if card.vendor == "nvidia" and len(card.capabilities) == 1:
        found["compute_capability"] = known(card.capabilities[0], *evidence)
    elif card.vendor == "nvidia" and card.capabilities:
        several = " and ".join(card.capabilities)
        why = f"{card.name} is the name of chips with compute capability {several}"
        found["compute_capability"] = unknown(why, *evidence)
    return found


def _summaries(cards: tuple[NamedCard, ...], evidence: tuple[Evidence, ...]) -> dict[str, Fact]:
    def of(vendor: str) -> list[str]:
        return [card.name for card in cards if card.vendor == vendor]

    chips = [{"generation": name} for name in of("tpu")]
    apple = of("apple")
    return {
        "nvidia.gpus": known([{"name": name} for name in of("nvidia")], *evidence),
        "nvidia.gpu_count": known(len(of("nvidia")), *evidence),
        "amd.gpu_count": known(len(of("amd")), *evidence),
        "intel.gpus": known([{"name": name} for name in of("intel")], *evidence),
        "tpu.chips": known(chips, *evidence),
        "apple.metal": known(True, *evidence) if apple else absent("assumed to be absent", *evidence),
        "accelerators.vendors": known(sorted({card.vendor for card in cards}), *evidence),
    }
