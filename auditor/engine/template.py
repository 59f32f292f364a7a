"""Fills the placeholders of a card's texts: `{nvidia.driver_version}`, `{item.path}`, `{pip_install}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.remedy.environment import Environment

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\[i\])?(?:\.[a-z0-9_]+)*)\}")


class Words:
    """What the placeholders stand for: a predicate's values, then the environment, then facts."""

    def __init__(
        self,
        look: Look,
        values: Mapping[str, str] | None = None,
        environment: Environment | None = None,
        *,
        says_unknown: bool = True,
    ) -> None:
        """`says_unknown` False leaves the placeholder of an unknown fact as it is written."""
        self.says_unknown = says_unknown
        self.look = look
        self.values = dict(values or {})
        self.environment = environment or Environment(look.facts)

    def with_value(self, name: str, value: str) -> Words:
        """Return the same words, in which `name` stands for `value` unless a predicate said what it is."""
        return Words(
            self.look, {name: value, **self.values}, self.environment, says_unknown=self.says_unknown
        )

    def get(self, name: str) -> str:
        """Return the text for one placeholder; one that nobody knows stays as it is written."""
        if name in self.values:
            return self.values[name]
        if "." in name:
            return self._fact(name)
        word = self.environment.word(name)
        return "{" + name + "}" if word is None else word

    def _fact(self, name: str) -> str:
        item = name.startswith("item.")
        if item and "item" not in self.look.bound:
            return "{" + name + "}"  # a message told it all: there is no item whose field this would be
        fact = self.look.fact(name) if item else self.look.facts[self.look.key(name)]
        if fact.state == "unknown":
            return "unknown" if self.says_unknown else "{" + name + "}"
        return _as_text(fact.value) if fact.is_known else "none"


def fill(template: str, words: Words) -> str:
    """Return the text with every placeholder filled."""
    return _PLACEHOLDER.sub(lambda found: words.get(found[1]), template) if "{" in template else template


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_as_word(part) for part in value[:12])
    return str(value)


def _as_word(part: Any) -> str:
    """Return an item of a list; an object goes by its name where it has one."""
    return str(part["name"]) if isinstance(part, Mapping) and "name" in part else str(part)
