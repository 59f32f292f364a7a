"""Secrets that run over several lines, hidden before a text is taken apart: each of their lines alone would tell nothing of it."""

from __future__ import annotations

import re

from auditor.redaction import secrets, services
from auditor.redaction.pattern import Pattern, Replace, compiled

_LINES = ("-----begin", "---- begin", "private-lines", "password")


def without_blocks(text: str) -> str:
    """Return a text with keys and netrc entries hidden that span lines; every other line keeps its number."""
    lowered = text.lower()
    if not any(word in lowered for word in _LINES):
        return text
    for pattern in (*secrets.patterns(), *services.patterns()):
        if any(hint in _LINES or hint.startswith(_LINES) for hint in pattern.hints):
            text = compiled(pattern.source, ignore_case=pattern.ignore_case).sub(_same_lines(pattern), text)
    return text


def _same_lines(pattern: Pattern) -> Replace:
    def replace(match: re.Match[str]) -> str:
        lines = match.group().count("\n")
        if not lines:
            return match.group()
        shown = pattern.replace(match)
        return shown + "\n" * (lines - shown.count("\n"))

    return replace
