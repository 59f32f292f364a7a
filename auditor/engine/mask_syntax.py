"""What the values of device masks mean: text -> the devices that stay visible, in order.

CUDA_VISIBLE_DEVICES, by the CUDA Programming Guide ("CUDA Environment Variables") and
`torch.cuda._parse_visible_devices` of PyTorch 2.13: a list of indices or of (abbreviated) UUIDs;
what follows an invalid entry is not visible; an entry that stands twice makes the whole list empty;
an index is read as strtoul does, so that "1gpu" is 1. Empty means that no device is visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Masked(NamedTuple):
    """`visible` are physical indices in the program's order, None where it cannot be told; `problem` may be ""."""

    visible: list[int] | None
    problem: str = ""


def by_index(value: str, count: int | None) -> Masked:
    """Return what a list of indices leaves of `count` devices (None: not known how many there are)."""
    chosen: list[int] = []
    if not value.strip():
        return Masked([], "is set and empty: no device is visible")
    for entry in value.split(","):
        index = leading_number(entry.strip())
        if index in chosen:
            return Masked([], f"names {entry.strip()} twice: no device is visible")
        if index is None or index < 0 or (count is not None and index >= count):
            return Masked(chosen, _ends_at(entry.strip(), count, chosen))
        chosen.append(index)
    return Masked(chosen)


def leading_number(text: str) -> int | None:
    """Return the integer with which a text begins, as strtoul reads it, or None."""
    end = 1 if text[:1] in ("+", "-") else 0
    while text[end : end + 1].isdigit():
        end += 1
    return int(text[:end]) if text[:end].lstrip("+-") else None


def _ends_at(entry: str, count: int | None, chosen: Sequence[int]) -> str:
    left = f"only {', '.join(map(str, chosen))} before it" if chosen else "no device"
    if entry.startswith("-"):
        return f"ends at {entry}: {left} is visible"
    if leading_number(entry) is None:
        return f"holds {entry!r}, which is no device: {left} is visible"
    return f"names device {entry}, and there {'is' if count == 1 else 'are'} {count}: {left} is visible"


def by_uuid(value: str, uuids: Sequence[str | None], prefix: str = "GPU-") -> Masked:
    """Return what a list of UUIDs leaves; each may be cut short as long as it names one device alone."""
    chosen: list[int] = []
    if not all(uuids):
        return Masked(None, "names devices by UUID, and the UUIDs of this machine are not known")
    for entry in (each.strip() for each in value.split(",")):
        fitting = [i for i, uuid in enumerate(uuids) if uuid and uuid.lower().startswith(entry.lower())]
        if not entry.startswith(prefix) or len(fitting) != 1:
            why = "fits several devices" if len(fitting) > 1 else "is no device of this machine"
            return Masked(
                chosen, f"{entry} {why}: {'only those before it are' if chosen else 'no device is'} visible"
            )
        if fitting[0] in chosen:
            return Masked([], f"names {entry} twice: no device is visible")
        chosen += fitting
    return Masked(chosen)


def by_mig(value: str, parents: dict[str, int], uuids: Sequence[str | None]) -> Masked:
    """Return the card of the first MIG instance: a process sees one instance only (NVIDIA MIG User Guide).

    `parents` maps the instances' UUIDs to the index of their card. The form of drivers before 470,
    MIG-GPU-<uuid>/<gi>/<ci>, names the card itself.
    """
    entries = [each.strip() for each in value.split(",")]
    several = "names several MIG instances: a process can use only the first" if len(entries) > 1 else ""
    first = entries[0].removeprefix("MIG-").partition("/")[0]
    fitting = {card for uuid, card in parents.items() if uuid.lower().startswith(entries[0].lower())}
    if first.startswith("GPU-"):
        fitting = {card for card, uuid in enumerate(uuids) if uuid == first}
    if len(fitting) == 1:
        return Masked(list(fitting), several)
    if not parents:
        return Masked(None, "names a MIG instance, and the instances of this machine are not known")
    return Masked([], f"{entries[0]} is no MIG instance of this machine: no device is visible")


def by_selector(value: str) -> Masked:
    """Return what ONEAPI_DEVICE_SELECTOR leaves of the Level Zero GPUs, which PyTorch's XPU uses.

    Grammar: intel.github.io/llvm/EnvironmentVariables.html: `backend:devices` joined by ";", an
    entry that begins with "!" takes devices away, devices are *, gpu, cpu or indices.
    """
    accepted = [
        term for term in value.lower().split(";") if term.strip() and not term.strip().startswith("!")
    ]
    rejected = [term.strip()[1:] for term in value.lower().split(";") if term.strip().startswith("!")]
    fitting = [
        devices
        for backend, _, devices in (t.strip().partition(":") for t in accepted)
        if backend in ("*", "level_zero")
    ]
    if any(term in ("level_zero:*", "level_zero:gpu", "*:gpu", "*:*") for term in rejected):
        return Masked([], "takes away the Level Zero GPUs: no XPU is visible")
    if accepted and not any(_selects_gpu(devices) for devices in fitting):
        return Masked([], "selects no Level Zero GPU: no XPU is visible")
    numbers = [int(each) for devices in fitting for each in devices.split(",") if each.isdigit()]
    return Masked(numbers or None)


def _selects_gpu(devices: str) -> bool:
    return any(each in ("*", "gpu") or each.partition(".")[0].isdigit() for each in devices.split(","))
