"""A rule card as a value: what one TOML file under `rules/cards` says."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from auditor.model.finding import Confidence, Outcome, Reference, Severity

OPERATORS: tuple[str, ...] = (
    "eq", "ne", "in", "lt", "le", "gt", "ge", "version_lt", "version_ge", "matches", "exists", "absent",
)  # fmt: skip

Who = Literal["you", "administrator"]


class Condition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"not_": "not"}
):
    """One condition: `all`, `any`, `not`, `some`/`each` with `where`, or a comparison.

    A comparison holds `fact` (with `field` inside an object) against `value`, another fact (`other`),
    or the row of `table` that `key` names (`column` of it). `some` and `each` walk the instances of a
    prefix ("gpu", facts `gpu[i].*`) or the items of a list (facts `item.*`).
    """

    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    not_: Condition | None = None
    some: str = ""
    each: str = ""
    where: Condition | None = None
    fact: str = ""
    field: str = ""
    op: str = ""
    value: Any = None
    other: str = ""
    table: str = ""
    key: str = ""
    column: str = ""


class RemedySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A remedy with placeholders such as `{pip_install}` or `{nvidia.driver_version}`."""

    summary: str
    commands: tuple[str, ...] = ()
    who: Who = "you"
    reboot: bool = False
    affects_others: bool = False
    meanwhile: str = ""
    check: str = ""


class Symptom(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What logs and tracebacks say: a linear pattern, sought in one line at a time.

    `decides`: the message is unmistakable, so that it alone makes the finding. `facts` maps named groups
    to keys of the catalogue, whose types say how the text is read. `variant` names the remedy that this
    message calls for, where it is not the card's usual one.
    """

    pattern: str
    decides: bool = False
    facts: dict[str, str] = {}
    variant: str = ""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Facts and what the card must say of them; facts that are not given are unknown.

    With `text` the card is held against what a log says instead: fail where a symptom decides.
    `says` stands in the message, `advises` in the commands.
    """

    outcome: Outcome
    facts: dict[str, Any] = {}
    absent: tuple[str, ...] = ()
    subject: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    says: str = ""
    name: str = ""
    text: str = ""
    advises: str = ""


class RuleCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One rule. `when` or `check` decides; `applies` says for which machines it is a question at all.

    A card with neither is decided by its symptoms alone. `suspects` of a card that tells of a symptom are the causes
    to think of, the commonest first, where no fact decides between them.
    """

    id: str
    slug: str
    cause: str
    family: str
    title: str
    severity: Severity
    message: str
    why: str
    when: Condition | None = None
    check: str = ""
    options: dict[str, Any] = {}
    applies: Condition | None = None
    per: str = ""
    subject: str = ""
    confidence: Confidence = "certain"
    explains: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    remedy: RemedySpec | None = None
    variants: dict[str, RemedySpec] = {}
    references: tuple[Reference, ...] = ()
    since: str = "0.1"
    status: Literal["stable", "preview", "deprecated"] = "stable"
    examples: tuple[Example, ...] = ()
    file: str = ""

    @property
    def names(self) -> tuple[str, str, str]:
        """The words by which a person may ask for this card."""
        return (self.id, self.slug, self.cause)
