"""Splits pasted text into lines and undoes what carried it: quotes, fences, ANSI codes, log prefixes."""

from __future__ import annotations

import re
from typing import NamedTuple

from auditor.readers.carried import uncarried
from auditor.readers.wrapped import rejoined

LINE_LIMIT = 2000  # characters looked at of one line: every pattern stays cheap
FIRST, LAST = 8000, 4000  # lines looked at of a long text
HEAD, TAIL = 600_000, 400_000  # characters looked at of a long text
REPEATS = 3  # of a line that a log repeats, so many are kept

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028\u2029\ufeff]")
_QUOTE = re.compile(r"\s{0,3}(?:>(?!>>)[ \t]?){1,6}(?!>)")
_FENCE = re.compile(r"\s{0,40}(?:`{3,80}|~{3,80})\s{0,8}[\w+.-]{0,80}\s{0,8}$")
_TAG = re.compile(r"</?(?:details|summary|pre|code|p|br|b|i|div|span|blockquote)\s?/?>", re.IGNORECASE)
# a line that a report of ours, or somebody, quotes with its number
_QUOTED_LINE = re.compile(r"""\s{0,6}(?:[-*] )?line \d{1,7}: (["`])(.{1,2000}?)(?:\1\s*|$)$""")
_ENTITIES = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    ("&amp;", "&"),
)
# what log collectors put before a program's own line
_PREFIXES = (
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)\s"),
    re.compile(r"[\w.-]{1,60}-\d{1,4}\s{1,20}\|\s"),
    re.compile(r"\((?:[A-Z]\w{1,30} )?pid=\d{1,8}[^)]{0,40}\)\s"),
    re.compile(r"\[?(?:default|rank)\d{0,5}\]?:\s?"),
)


class Line(NamedTuple):
    """One line: its number in the paste (from 1) and its text without what carried it."""

    number: int
    text: str

    @property
    def words(self) -> str:
        """The text without surrounding white space."""
        return self.text.strip()


def split(text: str) -> list[Line]:
    """Return the lines of a text, inert and without quotes, fences, tags and log prefixes.

    Of a long text the beginning and the end are kept (a million characters, 12,000 lines), of each line 2,000
    characters, and of one that a log repeats the first three.
    """
    numbered = list(enumerate(_ends(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1))
    numbered = [(number, row) for number, row in numbered if row]
    if len(numbered) > FIRST + LAST:
        numbered = numbered[:FIRST] + numbered[-LAST:]
    seen: dict[str, int] = {}
    kept = []
    parts = [(number, part) for number, row in numbered for part in _objects(row)]
    freed = uncarried([_freed(part[: LINE_LIMIT * 2]) for _, part in parts])
    for number, row in rejoined([number for number, _ in parts], freed):
        plain = _plain(row)
        seen[plain] = seen.get(plain, 0) + 1
        if plain and seen[plain] <= REPEATS:
            kept.append(Line(number, plain))
    return kept


def _objects(row: str) -> list[str]:
    """Return a list of packages that a program wrote on one line, such as pip's JSON, in pieces that can be read whole."""
    if len(row) <= LINE_LIMIT or '"version"' not in row:
        return [row]
    pieces = [""]
    for part in row.split("},"):
        if pieces[-1] and len(pieces[-1]) + len(part) + 2 > LINE_LIMIT:
            pieces.append("")
        pieces[-1] += part + "},"
    return pieces


def _ends(text: str) -> str:
    """Return the beginning and the end of a long text, with as many empty lines between as keeps the count."""
    if len(text) <= HEAD + TAIL:
        return text
    return text[:HEAD] + "\n" * max(1, text.count("\n", HEAD, len(text) - TAIL)) + text[-TAIL:]


def _freed(row: str) -> str:
    """Return a line without colours, signs that are not seen, and the marks of a quotation."""
    if "\x1b" in row:
        row = _ANSI.sub("", row)
    if "&" in row:
        for entity, sign in _ENTITIES:
            row = row.replace(entity, sign)
    row = _CONTROLS.sub("", row)
    if row.lstrip()[:1] == ">" and (quote := _QUOTE.match(row)):
        row = row[quote.end() :]
    return row


def _plain(row: str) -> str:
    if _FENCE.match(row):
        return ""
    if "line " in row[:12] and (quoted := _QUOTED_LINE.match(row)):
        row = quoted[2]
    if "<" in row:
        row = _TAG.sub(" ", row)
    if "%20" in row:
        row = row.replace("%20", " ")
    for prefix in _PREFIXES:
        if found := prefix.match(row):
            row = row[found.end() :]
    return row.expandtabs(4).rstrip()[:LINE_LIMIT]
