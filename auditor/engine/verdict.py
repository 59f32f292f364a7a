"""What a predicate answers, before the card's words are put around it."""

from __future__ import annotations

import msgspec

from auditor.model.finding import Confidence, Outcome, Severity


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome for one subject. `values` fill the card's templates; `variant` names its remedy.

    `explains` are the causes that this one explains, where they are not all that the card names.
    """

    outcome: Outcome
    subject: str = ""
    values: dict[str, str] = {}
    because: tuple[str, ...] = ()
    keys: tuple[str, ...] | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    variant: str = ""
    explains: tuple[str, ...] | None = None


def fail(
    subject: str = "",
    *,
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    variant: str = "",
    explains: tuple[str, ...] | None = None,
    **values: object,
) -> Verdict:
    """Return a failure; keyword arguments fill placeholders of the card's texts."""
    texts = {name: str(value) for name, value in values.items()}
    return Verdict(
        outcome="fail",
        subject=subject,
        values=texts,
        severity=severity,
        confidence=confidence,
        variant=variant,
        explains=explains,
    )


def passed(subject: str = "") -> Verdict:
    """Return that all is well."""
    return Verdict(outcome="pass", subject=subject)


def unknown(*because: str, subject: str = "") -> Verdict:
    """Return that it cannot be said, each reason naming a key or what the tables lack."""
    return Verdict(outcome="unknown", subject=subject, because=because)


def not_applicable(why: str, subject: str = "") -> Verdict:
    """Return that it is no question here."""
    return Verdict(outcome="not-applicable", subject=subject, values={"not_applicable": why})
