"""Applies the patterns, counts what was hidden, and remembers texts that come again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from auditor.redaction import (
    addresses,
    hardware,
    homes,
    names,
    people,
    places,
    policy,
    prose,
    secrets,
    services,
    storage,
)
from auditor.redaction.identity import Identity
from auditor.redaction.pattern import Pattern, apart, compiled

LINE_LIMIT = 1 << 16  # characters of a line that are looked at together
_APART = re.compile(r"[ /\\:=@$<|%\t\n]")
_ESCAPE = re.compile(r"(\\+(?:[nrt]|x1b\[[0-9;]{0,16}m|u001b\[[0-9;]{0,16}m))")
_REMEMBERED = 20_000
_DIGITS = str.maketrans("123456789", "0" * 9)
REPLAY_USER, REPLAY_HOST = "user", "host"
_Hinted = Sequence[tuple[tuple[str, ...], Pattern]]
PLACEHOLDERS = ("<hidden>", "<serial>", "<secret>", "<user>", "<host>", "<ip>", "<mac>", "<email>")


class Redactor:
    """Hides what may not leave the machine, the same value always in the same way.

    `replay` keeps paths absolute (a fake home, no "~") and UUIDs in shape, so that a recording still
    answers the questions it was asked. `counts` says how often each category was hidden.
    """

    def __init__(self, identity: Identity, *, replay: bool = False) -> None:
        self.identity = identity
        self.replay = replay
        self.counts: Counter[str] = Counter()
        self._patterns = _all_patterns(identity, replay=replay)
        self._hinted = [(pattern.hints or ("",), pattern) for pattern in self._patterns]
        self._in_words = [(hints, pattern) for hints, pattern in self._hinted if not pattern.apart]
        self._prefixes = [] if replay else homes.prefixes(identity)
        self._environments = [] if replay else homes.environments(identity)
        self._known: dict[str, tuple[str, Counter[str]]] = {}

    def text(self, text: str) -> str:
        """Return a text as it may be made public."""
        if len(text) < 2:
            return text
        known = self._known.get(text)
        if known is None:
            known = self._redacted(text)
            if len(self._known) < _REMEMBERED:
                self._known[text] = known
        if not known[1]:
            return text
        self.counts.update(known[1])
        return known[0]

    def foresee(self, texts: Iterable[str]) -> None:
        """Look at many texts together that will be asked for: of a pattern whose hints stand in none of them, none is tried.

        What `text` returns of each stays the same; a stored report of 10,000 findings takes a quarter less time.
        """
        unknown = (text for text in texts if 2 <= len(text) <= LINE_LIMIT and text not in self._known)
        for batch in _batches(unknown):
            live = _live(self._hinted, "\n".join(batch).lower())
            in_words = [row for row in live if not row[1].apart]
            for text in batch:
                counts: Counter[str] = Counter()
                self._known[text] = (self._piece(text, counts, live, in_words), counts)

    def value(self, value: Any, path: str = "") -> Any:
        """Return a JSON value with every string and key redacted.

        `path` is the fact's key, with "[i]" for any instance, and the fields below it: by it the
        policy knows identifiers, versions and command lines.
        """
        if isinstance(value, str):
            return self.ruled(value, policy.rule(path))
        if isinstance(value, dict):
            return {self._key(key): self.value(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, path) for item in value]
        return value

    def ruled(self, text: str, rule: policy.Rule) -> str:
        """Return a text under a rule of the policy."""
        if rule == "text" or not text:
            return self.text(text)
        if rule == "version":
            return text if policy.is_version(text) else self.text(text)
        if rule == "command":
            shown = hardware.program(text)
            self.counts["command line"] += shown != text
            return self.text(shown)
        return self._identifier(text, rule)

    def command(self, line: str) -> str:
        """Return a command that can still be pasted.

        A folder that would not be found without its hidden part goes by its variable, and "~" and
        variables stand outside of quotes, in which they would not be expanded.
        """
        for folder, name in self._prefixes:
            for quote in "'\"":
                before = f"{quote}{folder}/"
                self.counts["home"] += line.count(before)
                line = line.replace(before, f"{name}/{quote}" if name == "~" else f'"{name}"/{quote}')
        for pattern in self._environments:
            line = _apply(pattern, line, self.counts)
        return self.text(line)

    def blanked(self, text: str) -> str:
        """Return a text of the same length with "x" for what must be hidden."""
        for pattern in self._patterns:
            text = _apply(pattern, text, self.counts, blank=True)
        return text

    def hashed(self, text: str, width: int = 8) -> str:
        """Return hexadecimal digits that stand for a text."""
        return (self.identity.digest(text) * (width // 8 + 1))[:width]

    def _key(self, key: Any) -> Any:
        return self.text(key) if isinstance(key, str) else key

    def _identifier(self, text: str, rule: policy.Rule) -> str:
        if text in PLACEHOLDERS:
            return text
        shown = self.text(text)
        if rule == "hash" and shown != text:
            return shown
        self.counts["identifier"] += 1
        return f"id-{self.identity.digest(text)}" if rule == "hash" else "<hidden>"

    def _redacted(self, text: str) -> tuple[str, Counter[str]]:
        counts: Counter[str] = Counter()
        if len(text) <= LINE_LIMIT:
            return self._piece(text, counts, self._hinted, self._in_words), counts
        from auditor.redaction.blocks import without_blocks

        whole = without_blocks(text)  # a key may lie across the cut
        if whole != text:
            counts["key"] += 1
        pieces = [self._piece(piece, counts, self._hinted, self._in_words) for piece in _pieces(whole)]
        return "".join(pieces), counts

    def _piece(self, text: str, counts: Counter[str], patterns: _Hinted, in_words: _Hinted) -> str:
        text = _applied(text, text.lower(), counts, patterns, in_words)
        if _ESCAPE.search(text) is None:
            return text
        # the repr of lines: "\\n" is glued to the word behind it, so each line is looked at by itself too
        pieces = _ESCAPE.split(text)
        return "".join(_applied(piece, piece.lower(), counts, patterns, in_words) for piece in pieces)


def _applied(text: str, lowered: str, counts: Counter[str], patterns: _Hinted, in_words: _Hinted) -> str:
    one_word = _APART.search(text) is None
    for hints, pattern in in_words if one_word else patterns:
        for hint in hints:  # plain loops: they run for every text and pattern
            if hint in lowered:
                text = _apply(pattern, text, counts)
                break
    return text


def _live(patterns: _Hinted, lowered: str) -> list[tuple[tuple[str, ...], Pattern]]:
    """Return the patterns of which a hint may stand in the text, each with those hints alone.

    Looked for in its distinct words, all digits alike: hundreds of hints in the text itself cost more than the patterns.
    """
    words = " ".join(set(lowered.translate(_DIGITS).split()))
    found = (
        (tuple(hint for hint in hints if all(word in words for word in _words(hint))), pattern)
        for hints, pattern in patterns
    )
    return [row for row in found if row[0]]


@lru_cache(maxsize=4096)
def _words(hint: str) -> list[str]:
    return hint.translate(_DIGITS).split()


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of texts, each of some 64 KiB together: fewer patterns concern them than concern all."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size > LINE_LIMIT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _all_patterns(identity: Identity, *, replay: bool) -> list[Pattern]:
    """Return every pattern in the order that they must run: what holds credentials first, looks last."""
    home, user, host = (
        (_fake_home(identity.home), REPLAY_USER, REPLAY_HOST) if replay else ("~", "<user>", "<host>")
    )
    return [
        *secrets.patterns(),
        *apart(services.patterns()),
        *apart(homes.own(identity, home)),
        *hardware.patterns(identity, whole=replay),
        *addresses.patterns(),
        *apart(homes.others(identity)),
        *apart(storage.patterns(identity)),
        *apart(prose.patterns(user)),
        *apart(places.patterns()),
        *people.patterns(),
        *names.patterns(identity, user, host),
        *secrets.last(),
    ]


def _fake_home(home: str) -> str:
    """Return the home with another last name: parents are asked about too, so they stay."""
    parent, _, name = home.rstrip("/\\").replace("\\", "/").rpartition("/")
    return f"{parent}/{REPLAY_USER}" if names.is_telling(name) else home.rstrip("/")


def _apply(pattern: Pattern, text: str, counts: Counter[str], *, blank: bool = False) -> str:
    found = compiled(pattern.source, ignore_case=pattern.ignore_case)
    if found.search(text) is None:  # most find nothing, and a search costs less than a replacement
        return text
    hidden = 0

    def replace(match: Any) -> str:
        nonlocal hidden
        new = pattern.replace(match)
        hidden += new != match.group()
        return "x" * len(match.group()) if blank and new != match.group() else new

    text = found.sub(replace, text)
    if hidden:
        counts[pattern.category] += hidden
    return text


def _pieces(text: str) -> Iterator[str]:
    """Yield a long text in pieces cut at the end of a line, else of a word, else at the limit."""
    start = 0
    while len(text) - start > LINE_LIMIT:
        end = start + LINE_LIMIT
        least = start + LINE_LIMIT // 2
        cut = max(text.rfind("\n", least, end), text.rfind(", ", least, end)) + 1
        cut = cut or text.rfind(" ", least, end) + 1 or text.rfind('"', least, end) + 1 or end
        yield text[start:cut]
        start = cut
    yield text[start:]
