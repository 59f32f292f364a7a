"""Cuts long texts between words only.

A secret or an address that is cut in two is no longer recognised by redaction, and its half would leak;
so a word is kept whole or left out whole.
"""

from __future__ import annotations

MARK = "..."


def head(text: str, limit: int) -> str:
    """Return the beginning of a text, at most `limit` characters, ending with a whole word."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(MARK)]
    end = max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\t"))
    return kept[: max(end, 0)].rstrip() + MARK


def tail(text: str, limit: int) -> str:
    """Return the last whole lines of a text, at most `limit` characters; of one long line, its beginning."""
    if len(text) <= limit:
        return text
    start = text.find("\n", len(text) - limit)
    return text[start + 1 :] if start >= 0 else head(text, limit)
