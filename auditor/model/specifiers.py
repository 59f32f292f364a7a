"""Distributions' names (PEP 503), and whether a release meets a version specifier (PEP 440).

Nearly all are plain numbers with >=, <, != and the like. Those are compared here; `packaging` decides
all others, and is not imported (10 ms, a twentieth of a scan) where there are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Numbers = tuple[int, ...]

_SEPARATORS = re.compile(r"[-_.]+")
_VERSION = re.compile(r"\s*(\d+(?:\.\d+)*)(?:\+[A-Za-z0-9.]+)?\s*")  # a local part is not compared
_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|<|>|~=(?=[^,]*\.))\s*(\d+(?:\.\d+)*)\s*")


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name.strip()).lower()


def satisfied(version: str, specifier: str) -> bool:
    """Return whether a version meets every clause of a specifier; pre-releases count.

    Raises:
        ValueError: the version or the specifier cannot be read.

    """
    found, clauses = _VERSION.fullmatch(version), _plain(specifier)
    if found is None or clauses is None:
        from packaging.specifiers import SpecifierSet
        from packaging.version import Version

        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    numbers = _numbers(found[1])
    return all(_MEETS[operator](numbers, bound) for operator, bound in clauses)


@lru_cache(maxsize=512)
def _plain(specifier: str) -> tuple[tuple[str, Numbers], ...] | None:
    """Return operators with their bounds, None where a clause is of another kind."""
    found = [_CLAUSE.fullmatch(clause) for clause in specifier.split(",") if clause.strip()]
    return tuple((match[1], _numbers(match[2])) for match in found if match) if all(found) else None


@lru_cache(maxsize=512)
def _numbers(text: str) -> Numbers:
    return tuple(int(part) for part in text.split("."))


def _order(left: Numbers, right: Numbers) -> int:
    """Return -1, 0 or 1; a number that is missing is 0."""
    length = max(len(left), len(right))
    one, other = (numbers + (0,) * (length - len(numbers)) for numbers in (left, right))
    return (one > other) - (one < other)


def _compatible(found: Numbers, bound: Numbers) -> bool:
    return _order(found, bound) >= 0 and _order(found[: len(bound) - 1], bound[:-1]) == 0


_MEETS: Mapping[str, Callable[[Numbers, Numbers], bool]] = {
    ">=": lambda found, bound: _order(found, bound) >= 0,
    "<=": lambda found, bound: _order(found, bound) <= 0,
    "==": lambda found, bound: _order(found, bound) == 0,
    "!=": lambda found, bound: _order(found, bound) != 0,
    "<": lambda found, bound: _order(found, bound) < 0,
    ">": lambda found, bound: _order(found, bound) > 0,
    "~=": _compatible,
}
