"""What a build needs, held against a machine: each unmet need with its kind and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from auditor.engine.arch import covers, number, numbers, span
from auditor.engine.cuda import branch_of
from auditor.engine.lookup import NotInTable, newer_than_knowledge
from auditor.engine.planning.accelerators import Card
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.disk import scarce
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import (
    least_driver,
    least_module_driver,
    newest_capability,
    rows,
    support,
    toolkit_driver,
)
from auditor.engine.versions import minor, release, version_lt

# the boards whose code is their own (TX1, TX2, Xavier, Orin)
JETSON = (53, 62, 72, 87)
# boards whose driver is their JetPack's: those, and Thor
MODULES = (*JETSON, 110)
_KNOWN_FAMILY = {"rocm": "amd", "cuda": "nvidia"}


class Unmet(NamedTuple):
    """One need that is not met; `kind` is python, platform, floor, cpu, driver, card, disk, or question (not known)."""

    kind: str
    reason: str


def unmet(candidate: Candidate, machine: Machine) -> list[Unmet]:
    """Return every need of the build that the machine does not meet; empty where it fits."""
    return [Unmet(kind, reason) for kind, check in _CHECKS for reason in check(candidate, machine)]


def reaches(version: str, least: str) -> bool:
    """Whether a version is at least `least`; "580" stands for any driver of its branch."""
    if not least:
        return True
    given = release(version)
    return given >= release(least)[: len(given)]


def _python(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if machine.implementation not in ("CPython", "cpython"):
        yield f"its wheels are for CPython, not {machine.implementation}"
    this = minor(machine.python)
    if this < minor(candidate.python_min) or this > minor(candidate.python_max):
        word = f"{candidate.python_min} to {candidate.python_max}"
        yield f"its wheels are for Python {word}, not {this[0]}.{this[1]}"
    elif machine.free_threaded and f"{this[0]}.{this[1]}" not in candidate.free_threaded:
        yield f"it has no wheel for the free-threaded Python {this[0]}.{this[1]}"


def _platform(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if not candidate.has_wheel:
        yield f"it has no wheel for {machine.platform}"
    if machine.libc != "glibc" and machine.platform.startswith("linux"):
        yield f"its wheels need glibc; this system has {machine.libc}"
    if machine.os == "wsl1" and candidate.family != "cpu":
        yield "WSL 1 gives Linux programs no GPU"
    elif candidate.family == "rocm" and machine.os.startswith("wsl"):
        yield "its wheels need /dev/kfd, which WSL does not have (AMD publishes wheels of its own for WSL)"


def _floor(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if candidate.floor and machine.floor and version_lt(machine.floor, candidate.floor):
        what = "macOS" if machine.os == "darwin" else "glibc"
        yield f"it needs {what} {candidate.floor}, this system has {machine.floor}"


def _cpu(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if machine.flags is None or not machine.platform.endswith("x86_64"):
        return
    missing = [flag for flag in candidate.needs_flags if flag not in machine.flags]
    if missing:
        yield f"it needs a processor with {', '.join(missing).upper()}, which this one lacks"


def _driver(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if candidate.family != "cuda":
        return
    least = needed_driver(candidate, machine)
    if machine.driver_state == "absent":
        nouveau = " (nouveau drives the card, which runs no CUDA)" if machine.has_nouveau else ""
        yield f"it needs an NVIDIA driver, {least} or newer, and none is installed{nouveau}"
    elif machine.driver_state == "known":
        if not reaches(machine.driver, least):
            yield f"it needs driver {least} or newer, this one is {machine.driver}"
        yield from _dropped(machine)
    else:
        yield from _jetson(least, machine)


def _jetson(least: str, machine: Machine) -> Iterator[str]:
    """A Jetson's driver belongs to its JetPack, so that it cannot be assumed to be new enough."""
    for card in machine.of("nvidia"):
        if is_module(card):
            yield f"it needs driver {least} or newer, and that of {card.words} is its JetPack's: state driver="


def needed_driver(candidate: Candidate, machine: Machine) -> str:
    """Return the oldest driver on which the build runs with every NVIDIA card of the machine."""
    cards = machine.of("nvidia")
    if cards and all(is_module(card) for card in cards) and (own := least_module_driver(candidate.cuda)):
        return own
    needs = [least_driver(candidate.cuda, machine.os)]
    needs += [_card_driver(card, machine) for card in machine.of("nvidia")]
    return max((need for need in needs if need), key=release)


def is_module(card: Card) -> bool:
    """Whether a card is a Jetson, whose driver belongs to its JetPack."""
    return bool(card.capability) and number(card.capability) in MODULES


def _card_driver(card: Card, machine: Machine) -> str:
    """Return the driver of the first CUDA toolkit that knows the card: no older one drives it."""
    first = support(card.capability).get("first_cuda", "")
    if not first:
        return ""
    try:  # no driver for Windows comes with CUDA 13: the least that serves its family stands for it
        return toolkit_driver(first, machine.os) or least_driver(first, machine.os)
    except NotInTable:
        return ""


def _dropped(machine: Machine) -> Iterator[str]:
    """Say of each card that a driver of this branch no longer drives it."""
    branch = branch_of(machine.driver, machine.os)
    for card in machine.of("nvidia"):
        last = support(card.capability).get("last_driver_branch", 0)
        if last and branch > last:
            yield f"driver {machine.driver} no longer drives {card.words}; {last} is its last branch"


def last_branch(machine: Machine) -> int:
    """Return the newest driver branch that still drives every card; 0 where any does."""
    branches = [support(card.capability).get("last_driver_branch", 0) for card in machine.of("nvidia")]
    return min((branch for branch in branches if branch), default=0)


def _question(candidate: Candidate, machine: Machine) -> Iterator[str]:
    """Ask what a card is: nothing is decided about one of which that is not known."""
    vendor = _KNOWN_FAMILY.get(candidate.family, "")
    for card in machine.of(vendor):
        if vendor == "nvidia" and not card.capability:
            yield f"the compute capability of {card.words} is not known; state it with --assume"
        if vendor == "amd" and not card.gfx:
            yield f"the instruction set (gfx) of {card.words} is not known; state it with --assume gfx=gfx1100"
    if vendor and not machine.of(vendor):
        yield f"which {vendor.upper()} GPU there is, is not known; name it with --assume gpu=NAME"


def _card(candidate: Candidate, machine: Machine) -> Iterator[str]:
    vendor = _KNOWN_FAMILY.get(candidate.family, "")
    for card in machine.of(vendor):
        reason = (
            _without_kernels(candidate, card, machine)
            if vendor == "nvidia"
            else _without_gfx(candidate, card)
        )
        if reason:
            yield reason


def _without_kernels(candidate: Candidate, card: Card, machine: Machine) -> str:
    """Return why the build does not run on the card, empty where it does."""
    if not card.capability:
        return ""
    device = number(card.capability)
    if device > newest_capability():
        return newer_than_knowledge(card.words)
    if machine.os.startswith("wsl") and device < rows("nvidia_archs", "wsl")[0]["sm_min"]:
        return f"NVIDIA supports CUDA under WSL2 from Pascal (6.0) on, and {card.words} is older"
    if candidate.archs is None:
        return "which GPUs it has kernels for is not known"
    if candidate.name == "jax" and device in JETSON:
        return f"its CUDA libraries are built for servers, not for {card.words}, a Jetson"
    how = covers(candidate.archs, card.capability, candidate.cuda)
    if not how or (how == "ptx" and not _ptx_runs(candidate, card, machine)):
        return f"it has no kernels for {card.words}: {_served(candidate.archs)}"
    if device < candidate.sm_min:
        return f"its cuDNN wants compute capability {candidate.sm_min / 10:.1f}, {card.words} has less"
    return ""


def _served(archs: tuple[str, ...]) -> str:
    """Return "sm_75 to sm_120", or from where on, where the build compiles for the card when it runs."""
    if all(arch.startswith("compute") for arch in archs):
        return f"it serves compute capability {min(numbers(archs)) / 10:.1f} and newer"
    return span(archs)


def _ptx_runs(candidate: Candidate, card: Card, machine: Machine) -> bool:
    """Whether the driver compiles the build's PTX for the card: not newer than the driver, nor reported broken."""
    if candidate.ptx_limit and number(card.capability) > candidate.ptx_limit:
        return False
    if candidate.name == "jax":
        return True
    least = toolkit_driver(candidate.cuda, machine.os)
    return machine.driver_state != "known" or reaches(machine.driver, least)


def _without_gfx(candidate: Candidate, card: Card) -> str:
    if not card.gfx:
        return ""
    if candidate.gfx is None:
        return "which AMD GPUs it has kernels for is not known"
    return "" if card.gfx in candidate.gfx else f"it has no kernels for {card.words}"


def _disk(candidate: Candidate, machine: Machine) -> Iterator[str]:
    if said := scarce(candidate, machine):
        yield said


_CHECKS: tuple[tuple[str, Callable[[Candidate, Machine], Iterator[str]]], ...] = (
    ("platform", _platform),
    ("python", _python),
    ("floor", _floor),
    ("cpu", _cpu),
    ("question", _question),
    ("card", _card),
    ("driver", _driver),
    ("disk", _disk),
)
