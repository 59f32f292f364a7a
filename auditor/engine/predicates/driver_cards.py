"""Whether the NVIDIA driver drives the cards that are here: its branch, and the kind of its kernel module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from auditor.engine.arch import number
from auditor.engine.cuda import branch_of, is_driver_version, is_windows_driver
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import newer_than_knowledge
from auditor.engine.remedy.places import is_anothers_driver
from auditor.engine.subjects import has_vendor, is_jetson
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.knowledge.tables import table

if TYPE_CHECKING:
    from auditor.engine.planning.accelerators import Card

Options = Mapping[str, Any]
# (look, card, driver, platform) -> the verdict on one card
Judge = Callable[[Look, "Card", str, str], Verdict]

# the open kernel module runs from Turing on, the closed one up to Hopper
# (NVIDIA driver 560.35.03 README, "Open Linux Kernel Modules")
_FIRST_OPEN = 75
_FIRST_OPEN_ONLY = 100


def driver_against_cards(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Hold every NVIDIA card against the driver; `misfit` is older, dropped or module."""
    from auditor.engine.planning.accelerators import cards_of

    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    if is_jetson(look):
        return not_applicable("the driver of a Jetson belongs to its JetPack")
    if look.maybe("container.runtime") not in (None, "wsl") and options["misfit"] == "module":
        return not_applicable("inside a container the kernel module is the host's")
    driver = _driver(look)
    if not driver:
        return not_applicable("no driver is known to be here")
    cards = [card for card in cards_of(look.facts) if card.vendor == "nvidia"]
    if not cards:
        raise Undecided("gpu[0].name: no GPU is described")
    look.used |= dict.fromkeys(key for card in cards if (key := f"gpu[{card.index}].name") in look.facts)
    platform = str(look.maybe("os.platform", ""))
    return [_judged(look, card, driver, platform, _JUDGES[options["misfit"]]) for card in cards]


def _driver(look: Look) -> str:
    """Return the driver's version: the loaded one, else that of its libraries; empty where there is none."""
    loaded = look.fact("nvidia.driver_version")
    found = loaded.value or look.maybe("nvidia.kernel_module_version") or look.maybe("nvidia.libcuda_version")
    if found is None and loaded.state == "unknown":
        raise Undecided(f"nvidia.driver_version: {loaded.reason}")
    return str(found) if found and is_driver_version(str(found)) else ""


def _judged(look: Look, card: Card, driver: str, platform: str, judge: Judge) -> Verdict:
    """Judge one card; what a framework computes on is driven, whatever the tables say."""
    if _is_used(look, card):
        return passed(f"gpu:{card.index}")
    if not card.capability:
        why = newer_than_knowledge(f"the card {card.name!r}") if card.name else "it is not told"
        return unknown(f"gpu[{card.index}].compute_capability: {why}", subject=f"gpu:{card.index}")
    return judge(look, card, driver, platform)


def _is_used(look: Look, card: Card) -> bool:
    """Return whether a framework sees it, be it to complain of it."""
    if look.maybe("log.unsupported_sm") or look.maybe("log.no_kernel_image"):
        return True
    for framework in ("pytorch", "tensorflow", "jax"):
        seen = [str(name).lower() for name in look.maybe(f"smoke.{framework}.devices") or []]
        if sum(name.startswith(("cuda", "gpu")) for name in seen) > card.index:
            return True
    return False


def _older(look: Look, card: Card, driver: str, platform: str) -> Verdict:
    from auditor.engine.planning.rows import support, toolkit_driver

    subject = f"gpu:{card.index}"
    first = support(card.capability).get("first_cuda", "")
    floor = toolkit_driver(first, platform) if first else ""
    if not floor:
        return unknown(f"gpu[{card.index}].compute_capability: {_unlisted(card)}", subject=subject)
    # drivers of the floor's own branch that came before the toolkit drive it too (520.56 and the RTX 4090)
    if branch_of(driver, platform) >= branch_of(floor, platform):
        return passed(subject)
    _cite(look)
    return fail(subject, gpu=card.words, driver=driver, floor=floor, branch=branch_of(floor, platform))


def _dropped(look: Look, card: Card, driver: str, platform: str) -> Verdict:
    from auditor.engine.planning.rows import support

    row, subject = support(card.capability), f"gpu:{card.index}"
    if not row:
        return unknown(f"gpu[{card.index}].compute_capability: {_unlisted(card)}", subject=subject)
    last = row["last_driver_branch"]
    if not last or branch_of(driver, platform) <= last:
        return passed(subject)
    _cite(look)
    ubuntu = look.maybe("os.id") in ("ubuntu", "linuxmint", "pop") and not is_anothers_driver(look.facts)
    return fail(subject, gpu=card.words, driver=driver, branch=last, variant="ubuntu" if ubuntu else "")


def _module(look: Look, card: Card, driver: str, platform: str) -> Verdict:
    subject, generation = f"gpu:{card.index}", number(card.capability)
    if is_windows_driver(platform):
        return not_applicable("Windows has one kind of driver", subject)
    if _FIRST_OPEN <= generation < _FIRST_OPEN_ONLY:
        return passed(subject)  # either kind drives it
    kind = look.fact("nvidia.kernel_module_open")
    if kind.state == "absent":
        return not_applicable("no NVIDIA kernel module is loaded", subject)
    is_open = look.value("nvidia.kernel_module_open")
    if is_open == (generation >= _FIRST_OPEN_ONLY):
        return passed(subject)
    names = ("open", "closed") if is_open else ("closed", "open")
    return fail(subject, gpu=card.words, driver=driver, loaded=names[0], needed=names[1], variant=names[1])


def _unlisted(card: Card) -> str:
    return newer_than_knowledge(f"the card {card.words}")


def _cite(look: Look) -> None:
    look.cite(table("nvidia_archs"), "support")


_JUDGES: Mapping[str, Judge] = {"older": _older, "dropped": _dropped, "module": _module}
