"""What a rule concluded."""

from __future__ import annotations

from typing import Literal

import msgspec

from auditor.model.fact import Evidence

Outcome = Literal["fail", "pass", "not-applicable", "unknown", "crash"]
Severity = Literal["error", "warning", "note"]
Confidence = Literal["certain", "likely", "possible"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Remedy(msgspec.Struct, frozen=True, omit_defaults=True):
    """What mends it: a summary, the commands, who can do it, and the command by which to check."""

    summary: str
    commands: tuple[str, ...] = ()
    who: Literal["you", "administrator"] = "you"
    reboot: bool = False
    affects_others: bool = False
    meanwhile: str = ""
    check: str = ""


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source with its date."""

    url: str
    date: str = ""
    title: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One rule held against the facts, for one subject ("gpu:0") where there are several."""

    id: str
    cause: str
    title: str
    outcome: Outcome
    severity: Severity
    subject: str = ""
    message: str = ""
    why: str = ""
    evidence: tuple[Evidence, ...] = ()
    unknown_because: tuple[str, ...] = ()
    confidence: Confidence = "certain"
    remedy: Remedy | None = None
    references: tuple[Reference, ...] = ()
    explains: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()
    waiver: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether it stands among the report's findings: it failed or crashed and is not waived."""
        return self.outcome in ("fail", "crash") and not self.waiver
