"""How rules look at facts: what was read is remembered, what is unknown stops the rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.knowledge.tables import Table
from auditor.model.fact import Evidence, Fact, Facts, absent, known, unknown

EVIDENCE_LIMIT = 8


class Undecided(Exception):
    """A rule needs a fact that is unknown."""

    def __init__(self, *because: str) -> None:
        """Keep the reasons, each "key: reason"."""
        self.because = because
        super().__init__("; ".join(because))


class Look:
    """A rule's view of the facts. `bound` maps `gpu` to an index, or `item` to an object of a list."""

    def __init__(self, facts: Facts, bound: Mapping[str, Any] | None = None) -> None:
        self.facts = facts
        self.bound = dict(bound or {})
        self.used: dict[str, None] = {}
        self.cited: list[Evidence] = []
        self.wary = False  # what is absent decides no comparison; `exists` and `absent` still ask for it

    def bind(self, name: str, value: Any) -> Look:
        """Return the same view with one more name bound; what it reads is remembered here too."""
        inner = Look(self.facts, {**self.bound, name: value})
        inner.used, inner.cited, inner.wary = self.used, self.cited, self.wary
        return inner

    def key(self, key: str) -> str:
        """Return `gpu[i].name` with the bound index in place of i."""
        prefix, mark, rest = key.partition("[i]")
        return f"{prefix}[{self.bound[prefix]}]{rest}" if mark and prefix in self.bound else key

    def fact(self, key: str) -> Fact:
        """Return the fact; `item` is the bound item of a list, `item.x` its field x."""
        if key == "item":
            return known(self.bound["item"])
        if key.startswith("item."):
            return self._item(key[5:])
        full = self.key(key)
        self.used[full] = None
        fact = self.facts[full]
        # what no message said is an answer: messages are read or there are none
        return absent("no message said it") if full.startswith("log.") and fact.state == "unknown" else fact

    def _item(self, field: str) -> Fact:
        item = self.bound.get("item")
        value = item.get(field) if isinstance(item, Mapping) else None
        if value is None and isinstance(item, Mapping) and field in (item.get("unknown") or ()):
            return unknown(item["unknown"][field])
        return absent(f"no {field}") if value is None else known(value)

    def value(self, key: str) -> Any:
        """Return the value, or None where the fact is absent.

        Raises:
            Undecided: the fact is unknown.

        """
        fact = self.fact(key)
        if fact.state == "unknown":
            raise Undecided(f"{self.key(key)}: {fact.reason}")
        return fact.value

    def maybe(self, key: str, default: Any = None) -> Any:
        """Return the value where known, else `default`: for facts that only sharpen an answer."""
        full = self.key(key)
        fact = self.facts[full]
        if fact.state != "known":
            return default
        self.used[full] = None
        return fact.value

    def cite(self, table: Table, name: str = "") -> None:
        """Count a table's set of rows among the evidence."""
        self.cited.append(Evidence("computed", f"rules/tables/{table.cite(name)}"))

    def evidence(self, keys: Iterable[str] | None = None) -> tuple[Evidence, ...]:
        """Return where the facts that were used come from, then the tables; at most eight."""
        found: dict[Evidence, None] = {}
        for key in self.used if keys is None else keys:
            fact = self.facts[key]
            if fact.state != "unknown":
                found |= dict.fromkeys(fact.evidence[:2] or (Evidence("computed", key),))
        kept = [*list(found)[: EVIDENCE_LIMIT - min(2, len(self.cited))], *self.cited[:2]]
        return tuple(dict.fromkeys(kept))
