"""Markdown without HTML, for trackers that show tags as text: what was folded stands open under a bold line."""

from __future__ import annotations

import re

_FENCE = re.compile(r"(`{3,})\w*$")
_SUMMARY = re.compile(r"<summary>(.*)</summary>$")
_SMALL = re.compile(r"<sub>(.*)</sub>$")


def flattened(markdown: str) -> str:
    """Return Markdown of ours with its own HTML in words of Markdown; fenced code stays as it is."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        if fence or _FENCE.match(line):
            opened = _FENCE.match(line)
            fence = "" if line == fence else fence or (opened[1] if opened else "")
            lines.append(line)
        elif line not in ("<details>", "</details>"):
            lines.append(_SMALL.sub(r"\1", _SUMMARY.sub(r"**\1**", line)))
    return "\n".join(lines)
