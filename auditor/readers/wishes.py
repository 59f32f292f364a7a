"""What somebody wants to install, as a statement or an installer's command tells it."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes


def wanted(notes: Notes, line: Line, value: str) -> None:
    """Read which framework somebody wants to install: nothing is said of what is installed."""
    found = _WANTED.search(value)
    if found and not ("pytorch" in value.lower() and "lightning" in value.lower()):
        name = {"pytorch": "torch"}.get(found[1].lower(), found[1].lower())
        notes.tell("log.wanted_package", name, line)
        if found[3]:
            notes.tell("log.wanted_version", f"{found[2] or '=='}{found[3]}", line)


def pinned(notes: Notes, line: Line, value: str) -> None:
    """Read the first line of a requirements.txt: what is wanted, and what the environment was made from."""
    wanted(notes, line, value)
    if found := _PIN.fullmatch(value):
        notes.package(line, found[1], found[2])


_PIN = re.compile(r"([A-Za-z][\w.-]{1,40})==(\d[\w.+]{0,30})")


def command(notes: Notes, line: Line, value: str) -> None:
    """Read what an installer was asked for; whether it gave it, the rest tells."""
    if found := re.match(
        r"[`$ ]{0,4}(?:python\S{0,4} -m )?(?:pip3?|uv pip|uv) (?:install|add)\s+(.{1,200})", value
    ):
        wanted(notes, line, found[1])


_WANTED = re.compile(
    r"(?<![\w-])(torch|pytorch|tensorflow|tensorflow-gpu|tensorflow-cpu|jax|jaxlib|torchvision)(?![\w-])\s*([=<>!~]=?=?)?\s*v?(\d[\w.]{0,20})?",
    re.IGNORECASE,
)
