"""Puts together again what a mail, a terminal or a form broke at one column: the place that all lines share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

NARROWEST, WIDEST = 60, 132  # columns at which programs and people break lines
USUAL = (72, 74, 76, 78, 79, 80, 100, 120)  # where one full line is enough
FEWEST = 2  # lines that end short of the column, each followed by a word that did not fit
MOST = 20  # lines that one line may have been broken into

_RULED = re.compile(r"\s{0,12}[+|=*#~_\-]{3}|.*[|+]\s*$")
_COLUMNS = re.compile(r"\S {3,60}\S|\S {2,60}\S.{0,200}\S {2,60}\S")
_PROMPT = re.compile(r"[\w@:~/()\[\] .-]{0,60}[$#%>\u276f] \S|>>> ")
_STARTS = re.compile(
    r"""\s|[-*+|$#>=]\s|[+|]-|>>>|Traceback|File "|\[[\w ]{1,16}\] |\d{4}-\d\d-\d\d|[A-Z][\w /]{1,30}: |[\w.-]{2,40}==\d|GPU \d|[A-Z_]{2,40}="""
)
_WORD = re.compile(r"\S{1,200}")


def rejoined(numbers: Sequence[int], rows: Sequence[str]) -> list[tuple[int, str]]:
    """Return lines with their numbers, those broken at the text's shared column as one, under the first's number.

    A line that fills the column goes on in the next one; so does one that ends where the next word would not fit.
    Rules and rows of tables are as wide as they are on purpose and stay.
    """
    width, between = _column(rows)
    joined: list[tuple[int, str]] = []
    parts, before, last = 0, "", 0
    for number, row in zip(numbers, rows, strict=True):
        glue = _glue(before, row, width, between) if width and joined and number == last + 1 else None
        parts = 0 if glue is None else parts + 1
        if glue is None or parts > MOST:
            joined.append((number, row))
        else:
            joined[-1] = (joined[-1][0], joined[-1][1].rstrip(" " if glue else "") + glue + row)
        before, last = row, number
    return joined


def _column(rows: Sequence[str]) -> tuple[int, bool]:
    """Return the column at which a text is broken (0 where nothing tells of one), and whether between words only."""
    width = max(map(len, rows), default=0)
    if not NARROWEST <= width <= WIDEST:
        return 0, False
    full = sum(1 for row in rows if len(row) == width and not _RULED.match(row))
    short = [a.endswith(" ") for a, b in pairwise(rows) if len(a) < width and _glue(a, b, width)]
    spaced = any(len(a) == width and a.endswith(" ") and _glue(a, b, width) == "" for a, b in pairwise(rows))
    told = full >= 2 or (full and width in USUAL) or any(short) or spaced or len(short) >= FEWEST
    return (width if told else 0), len(short) > full - 1 and bool(short)


def _kept(row: str) -> bool:
    """Return whether a line is as wide as it is on purpose: a rule, a row of a table, a command typed."""
    return bool(_RULED.match(row) or _COLUMNS.search(row) or _PROMPT.match(row))


def _glue(before: str, row: str, width: int, between: bool = False) -> str | None:
    """Return what stands between two lines that were one, None where they are two.

    Where a text is known to be broken between words, the next line need not begin in lower case.
    """
    if not row.strip() or _kept(before) or _RULED.match(row) or _PROMPT.match(row) or _alike(before, row):
        return None
    if len(before) == width:
        if _STARTS.match(row) and not row[0].isspace():
            return None
        words = before.split()
        inside = len(words) < 2 or len(words[-1]) + len(row.split()[0]) > width  # no line holds such a word
        return "" if inside or not between or before.endswith(" ") else " "
    word = _WORD.match(row)
    if word is None or _STARTS.match(row) or len(before.rstrip()) + 1 + len(word[0]) <= width:
        return None
    goes_on = (
        before.endswith(" ") or row[0].islower() or (between and not before.endswith((".", ":", "!", "?")))
    )
    return " " if goes_on else None


def _alike(before: str, row: str) -> bool:
    """Return whether two lines begin as rows of one list or log do."""
    first, second = (re.sub(r"\d", "0", text[:6]) for text in (before, row))
    return len(first) == 6 and first == second
