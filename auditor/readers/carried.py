"""Takes off what carried a whole text: a log's stamp, a rank, a pod's name, a level, a line number before every line."""

from __future__ import annotations

import re
from collections.abc import Sequence

FEWEST = 3  # lines that must bear the same mark
SHARE = 0.9  # of the lines: a mark on most lines is a carrier's, on some it is the program's own

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|STDERR|STDOUT|stderr|stdout)"
_STAMP = r"\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"[\[(]?{_STAMP}[\])]?(?:[ :|]{{1,3}}(?:- )?|$)",
        r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} [\w./-]{1,64}(?:\[\d{1,8}\])?:(?: |$)",
        r"\[?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]?(?: |$)",
        r"\[\d{1,5},\d{1,5}\]<std(?:err|out|diag)>:",
        r"\[(?:pod/)?[a-z0-9.-]{1,80}(?:/[a-z0-9.-]{1,80}){1,3}\](?: |$)",
        r"[a-z][a-z0-9.-]{0,60}-[a-z0-9]{6,10}-[a-z0-9]{5}(?:[ :]|$)\s?",
        r"\s{0,6}\d{1,5}:(?: |$)",
        r"\s{0,6}\d{1,5}(?:  | ?[|\t] ?|$)",
        rf"(?:- )?[\[(]?{_LEVEL}[\])]?\s{{0,5}}(?::root)?(?::\s?| - | \| |\s|$)",
        r"[*\u2022](?: |$)",
    )
)


def uncarried(rows: Sequence[str]) -> list[str]:
    """Return lines without the marks that nearly all of them begin with, one mark behind the other.

    A mark is taken off the lines that bear it; what stands before a few lines alone is left to the readers.
    """
    plain = list(rows)
    for _ in range(len(_SHAPES)):
        ends = next((found for shape in _SHAPES if (found := _shared(shape, plain))), None)
        if ends is None:
            break
        plain = [row[end:] for row, end in zip(plain, ends, strict=True)]
    return plain


def _shared(shape: re.Pattern[str], rows: Sequence[str]) -> list[int]:
    """Return where a mark ends in each line (0 where it is not there), nothing where few bear it."""
    found = [shape.match(row) for row in rows]
    bearing = sum(1 for row, mark in zip(rows, found, strict=True) if mark and row)
    written = sum(map(bool, rows))
    if bearing < FEWEST or bearing < SHARE * written:
        return []
    return [mark.end() if mark else 0 for mark in found]
