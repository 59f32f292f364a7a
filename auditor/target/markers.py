"""Environment markers (PEP 508) of the audited interpreter.

Plain comparisons joined by "and" are decided here, all others by `packaging`: see model/specifiers.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from auditor.model.specifiers import satisfied

if TYPE_CHECKING:
    from packaging.markers import Marker

_PLAIN = re.compile(r"\s*([a-z_]+)\s*(==|!=|>=|<=|<|>)\s*([\"'])([^\"']*)\3\s*")
_VERSIONS = ("python_version", "python_full_version")
_WORDS = ("sys_platform", "platform_system", "platform_machine", "os_name", "platform_python_implementation")


def holds(text: str, where: Mapping[str, str], extra: str) -> bool | None:
    """Return whether a marker holds for an extra ("" for none), None where it cannot be read."""
    plain = [_compared(part, where) for part in text.split(" and ")]
    if None not in plain:
        return all(plain)
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    marker = _marker(text)
    if marker is None:
        return None
    try:
        return marker.evaluate({**where, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _compared(part: str, where: Mapping[str, str]) -> bool | None:
    """Return what a plain comparison comes to, None for anything else."""
    match = _PLAIN.fullmatch(part)
    if match is None:
        return None
    name, operator, _, literal = match.groups()
    if name in _VERSIONS and literal[:1].isdigit():
        try:
            return satisfied(where[name], operator + literal)
        except ValueError:
            return None
    if name in _WORDS and operator in ("==", "!=") and not literal[:1].isdigit():
        return (where[name] == literal) is (operator == "==")
    return None


@cache
def _marker(text: str) -> Marker | None:
    from packaging.markers import InvalidMarker, Marker

    try:
        return Marker(text)
    except InvalidMarker:
        return None
