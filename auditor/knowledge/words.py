"""Errors of the rule files: which file, which key, and the nearest valid word."""

from __future__ import annotations

from collections.abc import Iterable


class KnowledgeError(ValueError):
    """A rule file says something that the loader does not understand."""

    def __init__(self, file: str, key: str = "", problem: str = "") -> None:
        """Keep the parts; the text reads "file: key: problem"."""
        self.file = file
        self.key = key
        self.problem = problem
        super().__init__(": ".join(part for part in (file, key, problem) if part))


def nearest(word: str, valid: Iterable[str], alike: float = 0.5) -> str:
    """Return the valid word most like `word`, or an empty text where none is `alike` (difflib's ratio, 0 to 1)."""
    import difflib

    close = difflib.get_close_matches(word, list(valid), n=64, cutoff=alike)
    ratios = [round(difflib.SequenceMatcher(None, name, word).ratio(), 3) for name in close]
    best = [name for name, ratio in zip(close, ratios, strict=True) if ratio == ratios[0]]

    def places(name: str) -> tuple[int, bool]:
        return sum(a == b for a, b in zip(name, word, strict=False)), sorted(name) == sorted(word)

    # of equally like ones the one with the most letters in their places: FWA1O1 is FWA101, not FWA611;
    # then the one with the same letters: RTX 4900 is RTX 4090, not RTX A400
    return max(best, key=places, default="")


def unknown_word(kind: str, word: str, valid: Iterable[str]) -> str:
    """Return the sentence that names an unknown word and the nearest valid one."""
    close = nearest(word, valid)
    return f"unknown {kind} {word!r}" + (f"; the nearest is {close!r}" if close else "")
