"""What a result says of an ending, short enough to read."""

from __future__ import annotations

from auditor.model import cut
from auditor.smoke.child import Ending

LIMIT = 2000  # characters
LINES = 15
WIDTH = 200


def death(ending: Ending) -> str:
    """Return how a process died, as the beginning of a reason."""
    if ending.manner == "crash":
        return ending.words if ending.words.startswith("it ") else f"killed by {ending.words}"
    if ending.manner == "ended":
        return f"it left without a word ({ending.words})"
    return ending.words


def tail(text: str) -> str:
    """Return the last lines, without blank ones and faulthandler's list of extension modules."""
    lines = [
        line.rstrip()
        for line in text.splitlines()
        if line.strip() and not line.startswith("Extension modules:")
    ]
    return cut.tail("\n".join(cut.head(line, WIDTH) for line in lines[-LINES:]), LIMIT)


def renumbered(device: str, shown: tuple[int, ...] | None) -> str:
    """Return a CUDA device's name in the user's numbering, where hiding others changed it."""
    kind, _, number = device.partition(":")
    if (
        shown is None
        or kind not in ("cuda", "GPU", "gpu")
        or not number.isdigit()
        or int(number) >= len(shown)
    ):
        return device
    return f"{kind}:{shown[int(number)]}"
