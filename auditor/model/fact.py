"""What was looked at: a fact is known, absent (an answer too) or unknown with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from auditor.model.cut import head

EvidenceKind = Literal["file", "command", "call", "env", "paste", "assumed", "computed"]
State = Literal["known", "absent", "unknown"]

EXCERPT_LIMIT = 200


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a claim comes from: the file, command or call, and at most 200 characters of it."""

    kind: EvidenceKind
    ref: str
    excerpt: str = ""


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer. `value` counts only where known; `reason` says why it is absent or unknown."""

    state: State
    value: Any = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.state == "known"


def known(value: Any, *evidence: Evidence) -> Fact:
    """Return a fact with a value."""
    return Fact("known", value, "", evidence)


def absent(reason: str, *evidence: Evidence) -> Fact:
    """Return the answer "there is none", with how that is known."""
    return Fact("absent", None, reason, evidence)


def unknown(reason: str, *evidence: Evidence) -> Fact:
    """Return "could not be looked at", with the reason."""
    return Fact("unknown", None, reason, evidence)


def file(path: str, excerpt: str = "") -> Evidence:
    """Return evidence read from a file."""
    return Evidence("file", path, head(excerpt, EXCERPT_LIMIT))


def command(line: str, excerpt: str = "") -> Evidence:
    """Return evidence printed by a command."""
    return Evidence("command", line, head(excerpt, EXCERPT_LIMIT))


def call(name: str, excerpt: str = "") -> Evidence:
    """Return evidence answered by a function of the system or of a library."""
    return Evidence("call", name, head(excerpt, EXCERPT_LIMIT))


def env(name: str, excerpt: str = "") -> Evidence:
    """Return evidence from an environment variable."""
    return Evidence("env", name, head(excerpt, EXCERPT_LIMIT))


def computed(*keys: str) -> Evidence:
    """Return evidence worked out from other facts, named."""
    return Evidence("computed", ", ".join(keys))


NEVER_ASKED = unknown("not looked at in this run")


class Facts(Mapping[str, Fact]):
    """Facts by key; a key that nobody provided reads as unknown, never as absent."""

    def __init__(self, facts: Mapping[str, Fact] | Iterable[tuple[str, Fact]] = ()) -> None:
        self._facts: dict[str, Fact] = dict(facts)

    def __getitem__(self, key: str) -> Fact:
        return self._facts.get(key, NEVER_ASKED)

    def __contains__(self, key: object) -> bool:
        return key in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def value(self, key: str, default: Any = None) -> Any:
        """Return the value of `key` where known, else `default`."""
        fact = self[key]
        return fact.value if fact.state == "known" else default

    def instances(self, prefix: str) -> list[int]:
        """Return the sorted indices i for which a key `prefix[i].*` is present."""
        head = prefix + "["
        found = {key[len(head) : key.index("]")] for key in self._facts if key.startswith(head)}
        return sorted(int(index) for index in found if index.isdecimal())

    def merged(self, more: Mapping[str, Fact]) -> Facts:
        """Return these facts with `more` laid over them."""
        return Facts({**self._facts, **dict(more.items())})
