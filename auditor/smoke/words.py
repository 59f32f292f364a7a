"""What a result says of an ending, short enough to read."""

from __future__ import annotations

import os
import re

from auditor.model import cut
from auditor.smoke.child import Ending
from auditor.smoke.values import MODULES

LIMIT = 2000  # characters
LINES = 15
WIDTH = 200
# faulthandler's headings; "Current thread's C stack trace" is Python 3.14's
_STACK = re.compile(r"(Current thread|Thread 0x|Stack).*\(most recent call first\):")
_END = "\0"
_DRIVER = os.path.join("workloads", "_child.py")


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


def not_installed(framework: str) -> str:
    """Return why nothing of a framework runs, with what installs it as a workload's own `install` does."""
    module = MODULES[framework]
    return (
        f"{module} is not installed (`fwaudit plan --framework {framework}` tells which build fits this machine); "
        f"install it with: pip install {module}"
    )


def innermost_last(text: str) -> str:
    """Return what a dying process wrote, each of faulthandler's stacks turned round: the place comes last.

    faulthandler writes the innermost frame first, a traceback last, and the thread that died or was
    asked anywhere among the others; whoever shows only the last lines then shows the place. Frames of
    our own driver, which every stack begins with, are left out.
    """
    out: list[str] = []
    stacks: list[list[str]] = []
    for line in [*text.splitlines(), _END]:
        if _STACK.match(line):
            stacks.append([line])
        elif stacks and line.startswith("  "):
            stacks[-1].append(line)
        elif not stacks or line.strip():  # blank lines part the stacks of one dump
            out += _dump(stacks)
            stacks = []
            out.append(line)
    return "\n".join(out[:-1])


def _dump(stacks: list[list[str]]) -> list[str]:
    """Return the lines of one dump's stacks, the current thread's last, its own frames behind C's."""
    ordered = sorted(stacks, key=lambda lines: (lines[0].startswith("Current"), "'s C stack" not in lines[0]))
    return [line for head, *frames in ordered for line in (_turned(head), *reversed(_theirs(frames)))]


def _turned(head: str) -> str:
    return head.replace("(most recent call first)", "(most recent call last)")


def _theirs(frames: list[str]) -> list[str]:
    """Return a stack's frames without those of our driver, or all where there are no others."""
    return [frame for frame in frames if _DRIVER not in frame] or frames


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
