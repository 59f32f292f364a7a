"""One thing to look for in text, and what stands in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

Replace = Callable[[re.Match[str]], str]


class Pattern(NamedTuple):
    r"""A linear-time pattern: every repetition is bounded or cannot overlap with what follows.

    `hints` are lower-case words of which a text must hold one before the pattern is tried at all
    (none: always tried). `apart` ones match nothing in a text that is one word: without space or
    any of `/ \\ : = @ $ < | %`. `replace` returns the match itself where it is harmless after all.
    """

    category: str
    source: str
    replace: Replace
    hints: tuple[str, ...] = ()
    ignore_case: bool = False
    apart: bool = False


@lru_cache(maxsize=256)
def compiled(source: str, *, ignore_case: bool) -> re.Pattern[str]:
    """Compile when first needed."""
    return re.compile(source, re.IGNORECASE if ignore_case else 0)


def apart(patterns: list[Pattern]) -> list[Pattern]:
    """Return the patterns as such that match nothing in a single word."""
    return [pattern._replace(apart=True) for pattern in patterns]


class Template:
    r"""A replacement that is a text, in which \1 and the like are groups where it `expands`, as `re.sub` writes them."""

    def __init__(self, text: str, *, expands: bool) -> None:
        self.text, self.expands = text, expands

    def __call__(self, match: re.Match[str]) -> str:
        """Return what stands in the match's place."""
        return match.expand(self.text) if self.expands else self.text


def fixed(text: str) -> Replace:
    """Return a replacement that is always `text`."""
    return Template(text, expands=False)


def group(template: str) -> Replace:
    r"""Return a replacement with \1 and the like, as `re.sub` writes them."""
    return Template(template, expands=True)
