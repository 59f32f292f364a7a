"""Makes foreign text harmless to a terminal: what would act or hide is shown instead."""

from __future__ import annotations

import re
from functools import lru_cache

# control characters (ESC and CSI among them), separators that break lines, zero-width and
# bidirectional marks (Trojan Source, CVE-2021-42574), tag characters, lone surrogates
_ACTING = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_PLAIN = {
    "…": "...", "—": "-", "–": "-", "‑": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "µ": "u", "·": "-", "•": "*",
    "→": "->", "≥": ">=", "≤": "<=", "×": "x", "°": " deg", "®": "(R)", "™": "(TM)", "©": "(C)", "\xa0": " ",
}  # fmt: skip


def inert(text: str, *, unicode: bool = True) -> str:
    r"""Return text whose control characters read as \x1b or \u202e; line breaks and tabs stay.

    Without `unicode` the result is ASCII: common signs by their likeness, the rest escaped.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _acting().sub(_shown, text)
    if unicode or text.isascii():
        return text
    for sign, likeness in _PLAIN.items():
        text = text.replace(sign, likeness)
    return text.encode("ascii", "backslashreplace").decode("ascii")


def one_line(text: str, *, unicode: bool = True) -> str:
    """Return inert text on a single line, runs of white space folded."""
    return inert(" ".join(text.split()), unicode=unicode)


@lru_cache(maxsize=1)
def _acting() -> re.Pattern[str]:
    return re.compile(_ACTING)


def _shown(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
