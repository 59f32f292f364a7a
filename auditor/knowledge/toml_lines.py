"""Finds the line of a key in a TOML text; tomllib tells values, not where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, key: tuple[str, ...]) -> int:
    """Return the line (from 1) of a key, else of the innermost table or inline table around it, else 1."""
    best, depth = 1, 0
    for number, path in _paths(text):
        if path == key[: len(path)] and len(path) > depth:
            best, depth = number, len(path)
    return best


def _paths(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield every header and every assignment as (line, path)."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, assigned = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _parts(header[1])
            yield number, table
        elif assigned:
            yield number, (*table, *_parts(assigned[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    found = re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s\"']+", dotted)
    return tuple(part.strip("\"'") for part in found)
