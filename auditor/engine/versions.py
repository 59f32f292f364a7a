"""Versions as makers write them: PEP 440, drivers ("550.54.14"), and parts of either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion, Version


class NoVersion(ValueError):
    """A text that is no version."""


@lru_cache(maxsize=512)
def parse(text: Any) -> Version:
    """Return a version.

    Raises:
        NoVersion: the text is none.

    """
    try:
        return Version(str(text).strip())
    except InvalidVersion as error:
        msg = f"{text!r} is no version"
        raise NoVersion(msg) from error


def release(text: Any) -> tuple[int, ...]:
    """Return the release's numbers: (2, 13, 0) for "2.13.0.dev20260516+cu132"."""
    return parse(text).release


def minor(text: Any) -> tuple[int, int]:
    """Return the first two numbers of a release, a missing one as 0."""
    numbers = (*release(text), 0)
    return numbers[0], numbers[1]


def minor_text(text: Any) -> str:
    """Return those two numbers as they are written: "2.13" for "2.13.0+cu132"."""
    return ".".join(str(part) for part in minor(text))


def local(text: Any) -> str:
    """Return the local part: "cu132" for "2.13.0+cu132", else an empty text."""
    return parse(text).local or ""


def version_lt(left: Any, right: Any) -> bool:
    """Return whether `left` is the older; a local part counts only where both have one."""
    one, other = parse(left), parse(right)
    if one.local and not other.local:
        one = Version(one.public)
    return one < other


def version_ge(left: Any, right: Any) -> bool:
    """Return whether `left` is the same or newer."""
    return not version_lt(left, right)


def satisfies(version: Any, specifier: str) -> bool:
    """Return whether a version meets a comma-joined list of >=, <=, >, <, == and != clauses.

    Enough for the tables, whose clauses are of these kinds; `packaging.specifiers` costs 10 ms to import.

    Raises:
        NoVersion: the version, or one in the specifier, is none.

    """
    found = parse(version)
    for clause in specifier.split(","):
        operator = clause[:2] if clause[1:2] == "=" else clause[:1]
        bound = parse(clause[len(operator) :])
        if not _CLAUSES[operator](found, bound):
            return False
    return True


_CLAUSES: Mapping[str, Callable[[Version, Version], bool]] = {
    ">=": lambda found, bound: found >= bound,
    "<=": lambda found, bound: found <= bound,
    "==": lambda found, bound: found == bound,
    "!=": lambda found, bound: found != bound,
    ">": lambda found, bound: found > bound,
    "<": lambda found, bound: found < bound,
}
