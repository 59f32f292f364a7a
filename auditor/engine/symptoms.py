"""What logs and tracebacks say: every card's symptoms held against pasted lines, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from auditor.knowledge.card import RuleCard, Symptom
from auditor.knowledge.catalogue import convert, spec
from auditor.knowledge.words import KnowledgeError
from auditor.model.fact import Evidence, Fact, known

LINE_CAP = 2000  # characters of a line that a pattern sees: what a careless pattern costs stays bounded
WINDOW = 4  # lines that a message may be wrapped over
HITS = 3  # quotes a symptom
_SPACES = re.compile(r"\s+")
_SIGNS = "()|?*{[.^$+\\"
# flags, a group's beginning, an escaped sign, a set, a repetition, a sign of its own, or letters
_TOKEN = re.compile(
    r"\(\?(?:[aiLmsux-]+\)|P=\w+\)|P<\w+>|[aiLmsux-]*:|<?[=!]|>)?|\\.?|\[\^?\]?[^\]]*\]?|\{[^}]*\}?|[?*)|.^$+]"
    r"|[^\\\[({?*)|.^$+]+",
    re.DOTALL,
)

Numbered = tuple[int, str]


class Hit(NamedTuple):
    """A symptom that was found: the line where it begins, the quote around it, its groups, and its very words."""

    symptom: Symptom
    line: int
    quote: str
    groups: dict[str, str]
    origin: Evidence | None = None
    words: str = ""

    @property
    def evidence(self) -> Evidence:
        """The quoted words, with where they were said: `origin` of the live machine, else a line of the paste."""
        where = self.origin or Evidence("paste", f"line {self.line}")
        return Evidence(where.kind, where.ref, self.quote[:200])

    @property
    def facts(self) -> dict[str, Fact]:
        """What its named groups say, by the card's table of group -> fact key, read as the catalogue's type."""
        told = {}
        for group, key in self.symptom.facts.items():
            if text := self.groups.get(group):
                with suppress(KnowledgeError, ValueError):
                    told[key] = known(_typed(key, text), self.evidence)
        return told


def _typed(key: str, text: str) -> object:
    """Return a group as the type of its key; a list is parted by blanks as well as by commas."""
    if spec(key).type == "list":
        return [word for word in re.split(r"[\s,]+", text.strip(" .,")) if word]
    return convert(key, text)


class Paste:
    """Pasted lines, prepared for many searches."""

    def __init__(self, lines: Iterable[Numbered]) -> None:
        self.lines = [
            (number, _SPACES.sub(" ", text[:LINE_CAP]).strip()) for number, text in lines if text.strip()
        ]
        self.starts: list[int] = []
        place = 0
        for _, text in self.lines:
            self.starts.append(place)
            place += len(text) + 1
        self.flat = " ".join(text for _, text in self.lines)
        self.low = self.flat.lower()

    def find(self, symptom: Symptom) -> Iterator[Hit]:
        """Yield the first places where a symptom shows, each within a few lines."""
        literals = needles(symptom.pattern)
        if literals and not any(literal in self.low for literal in literals):
            return
        pattern = compiled(symptom.pattern)
        place, found = 0, 0
        while found < HITS and (near := pattern.search(self.flat, place)):
            place = max(near.start() + 1, near.end())
            if hit := self._within(symptom, pattern, near.start()):
                found += 1
                yield hit

    def _within(self, symptom: Symptom, pattern: re.Pattern[str], start: int) -> Hit | None:
        """Hold the pattern against one line and then a few: a message does not reach across a whole log."""
        from bisect import bisect_right

        index = bisect_right(self.starts, start) - 1
        for count in range(1, WINDOW + 1):
            text = " ".join(text for _, text in self.lines[index : index + count])
            if match := pattern.search(text):
                groups = {name: value for name, value in match.groupdict().items() if value}
                return Hit(
                    symptom,
                    self.lines[index][0],
                    around(text, match.start(), match.end(), 200),
                    groups,
                    words=match.group(),
                )
        return None


def around(text: str, place: int, until: int, limit: int) -> str:
    """Return the words of a text around those from `place` to `until`, at most `limit` characters.

    A word is cut only where it is too long, or where it belongs to what was looked for.
    """
    if len(text) <= limit:
        return text
    start = max(0, min(place - 20, len(text) - limit))
    if start:
        blank = text.find(" ", start - 1, place)
        blank = text.rfind(" ", max(0, place - limit // 2), place) if blank < 0 else blank
        start = start if blank < 0 else blank + 1
    end = start + limit
    last = text.rfind(" ", max(until, start + limit // 2), end + 1) if end < len(text) else -1
    return text[start : last if last > 0 else end].strip()


def symptoms_in(cards: Iterable[RuleCard], lines: Iterable[Numbered]) -> dict[str, list[Hit]]:
    """Return card id -> what of its symptoms the lines show."""
    paste = Paste(lines)
    found = {card.id: [hit for symptom in card.symptoms for hit in paste.find(symptom)] for card in cards}
    return {name: hits for name, hits in found.items() if hits}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern, compiled once."""
    return re.compile(pattern)


@cache
def needles(pattern: str) -> tuple[str, ...]:
    """Return texts of which every match must hold one, in lower case; none where that cannot be told.

    Most patterns are of no concern to a text: looking for a literal costs a fiftieth of compiling them.
    """
    return _needed(iter(_TOKEN.findall(pattern)))


def _needed(tokens: Iterator[str]) -> tuple[str, ...]:
    """Read tokens to the end of their group: of each alternative, the part that says most."""
    chosen: list[tuple[str, ...]] = []
    parts: list[tuple[str, ...]] = [()]  # of one alternative, in order: texts of which one must be there
    run = False  # the last part is a run of letters
    for token in tokens:
        first, was_run, run = token[0], run, False
        if first not in _SIGNS or (first == "\\" and not token[1:].isalnum()):
            text, run = token.removeprefix("\\").lower(), True
            if was_run:
                text = parts.pop()[0] + text
            parts.append((text,))
        elif first == ")":
            break
        elif first == "|":
            chosen.append(_best(parts))
            parts = [()]
        elif first == "(":
            inner = () if token[-1] == ")" else _needed(tokens)
            parts.append(() if token[-1] in "=!" else inner)
        elif first in "?*{":  # what comes before need not be there; of a run that is its last letter
            parts[-1:] = [(parts[-1][0][:-1],) if was_run else (), ()]
        else:
            parts.append(())
    chosen.append(_best(parts))
    return tuple(dict.fromkeys(text for texts in chosen for text in texts)) if all(chosen) else ()


def _best(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the part whose shortest text is longest; none where there is no text."""
    best: tuple[str, ...] = ()
    length = 0
    for texts in parts:
        if texts and (least := min(map(len, texts))) > length:
            best, length = texts, least
    return best


def quoted(hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """Return the quotes of hits, each once."""
    return tuple(dict.fromkeys(hit.evidence for hit in hits))
