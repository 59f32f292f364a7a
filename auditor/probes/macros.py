"""Reading versions out of C headers: `#define NAME 12` and its like."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.host.protocol import Host, NotRecorded

_HEADER_LIMIT = 1 << 16  # the versions stand near the beginning of every header that is asked


def version_in_header(
    host: Host, folders: Sequence[str], names: Sequence[str], macros: Sequence[str]
) -> str | None:
    """Return the macros' numbers joined by dots, from the first header that defines them all."""
    for path in (f"{folder}/{name}" for folder in folders for name in names):
        numbers = [define(read_header(host, path), macro) for macro in macros]
        if all(numbers):
            return ".".join(str(number) for number in numbers)
    return None


def read_header(host: Host, path: str) -> str:
    """Return the beginning of a header, or "" where it cannot be read."""
    try:
        return host.read(path, _HEADER_LIMIT)
    except (OSError, NotRecorded):
        return ""


def define(text: str, macro: str) -> str | None:
    """Return the decimal value that a header's text defines for a macro, or None."""
    start = 0
    while (start := text.find(macro, start)) >= 0:
        before = text[max(0, start - 20) : start].rpartition("\n")[2].split()
        after = text[start + len(macro) : start + len(macro) + 80].split(None, 1)
        start += len(macro)
        if before == ["#define"] and after and after[0].isdigit() and text[start : start + 1].isspace():
            return after[0]
    return None
