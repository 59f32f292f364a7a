"""What a system's name says, as people, shops and /etc/os-release write it: platform, distribution, C library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# words that tell no two systems of the table apart
_NOISE = frozenset(
    ("linux", "gnu/linux", "os", "server", "lts", "edition", "workstation", "pro", "home", "enterprise")
)
_WSL = frozenset(("wsl", "wsl2"))
# "22.04.4", "v3.20", "sp6", "23h2", "2022": what is a release and no name
_NUMBER = re.compile(r"v?\d+(\.\d+)*|sp\d+|\d\dh\d")


def named_system(text: str) -> dict[str, str] | None:
    """Return the facts (`os.*`) that a system's name states, None where no system of the table is called so.

    A release below one that the table holds (RHEL 8.10, Debian 12.5, Ubuntu 22.04.4) has the C library of that one.
    """
    from auditor.knowledge.tables import table

    rows = {_name(_words(row["name"])): row for row in table("systems").all()}
    words = _words(text)
    row, number = _found(words, rows)
    wsl = _WSL & set(words)
    if row is None and wsl:
        rest = [word for word in words if word not in _WSL]
        row, number = _found(rest, rows)
        if row is not None and row["platform"] == "linux":
            row = {**row, "platform": "wsl2"}
        elif row is not None:
            return None
    if row is None:
        return None
    stated = {
        "os.platform": row["platform"],
        "os.id": row["id"],
        "os.version_id": (number.startswith(row["version"]) and number) or row["version"],
        "os.libc": row["libc"],
        "os.glibc_version": row["glibc"],
    }
    return {key: word for key, word in stated.items() if word}


def _words(text: str) -> list[str]:
    """Return the words of a name: without what stands in brackets, "rhel8" as two of them."""
    plain = re.sub(r"\([^)]*\)", " ", text.lower()).replace("!", "")
    parted = re.sub(r"\b([a-z]{3,})(\d+(\.\d+)*)\b", _parted, plain)
    return re.sub(r"[-_:\s]+", " ", parted).split()


def _parted(match: re.Match[str]) -> str:
    return match[0] if match[1] == "wsl" else f"{match[1]} {match[2]}"


def _name(words: list[str]) -> str:
    return " ".join([word for word in words if word not in _NOISE] or words)


def _found(words: list[str], rows: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, str]:
    """Return the row of a name, and the release where the row is of a wider one."""
    row, number = next(((rows[key], rest) for key, rest in _wider(words) if key in rows), (None, ""))
    if row is None or not (number and row["id"]) or row["version"]:
        return row, number
    # a distribution by another name of it: its releases stand below its id
    known = next(
        ((rows[key], rest) for key, rest in _wider([row["id"], *number.split()]) if key in rows), None
    )
    found, rest = known or (row, number)
    return found, rest.replace(" sp", ".")


def _wider(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the name, then without the last part of its release, and so on until the release is gone."""
    name, number = [word for word in words if word not in _NOISE] or words, ""
    yield " ".join(name), number
    while len(name) > 1 and _NUMBER.fullmatch(name[-1]):
        number = f"{name[-1].removeprefix('v')} {number}".strip()
        parts = name.pop().removeprefix("v").split(".")
        for length in range(len(parts) - 1, 0, -1):
            yield " ".join([*name, ".".join(parts[:length])]), number
        yield " ".join(name), number
