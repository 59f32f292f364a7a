"""The systems that the comparison names (`rules/components.toml`)."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from auditor._resources import tree
from auditor.knowledge.loading import read_toml

Status = Literal["active", "maintenance", "stale", "deprecated", "ended", "renamed"]


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that metadata does not state; `from` and `below` bound the component's own releases."""

    distribution: str
    specifier: str
    why: str
    below: str = ""
    first: str = msgspec.field(default="", name="from")


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One system; the file's head says what each field means."""

    slug: str
    name: str
    framework: Literal["pytorch", "tensorflow", "jax", ""]
    status: Status
    source: str
    date: str
    distributions: tuple[str, ...] = ()
    within: Literal["torch", "tensorflow", "python", ""] = ""
    since: str = ""
    npm: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    pairing: str = ""
    same_minor: str = ""
    needs: tuple[Need, ...] = ()
    note: str = ""
    successor: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    components: tuple[Component, ...]


@cache
def load_components() -> tuple[Component, ...]:
    """Return every component in the file's order.

    Raises:
        KnowledgeError: the file breaks the rules of this module.

    """
    return read_toml(tree("rules") / "components.toml", _File).components
