"""Puts causes before what they explain, and folds what says the same."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.engine.logic import unique
from auditor.model.finding import SEVERITIES, Confidence, Finding

_CONFIDENCES: tuple[Confidence, ...] = ("certain", "likely", "possible")
_FRAMEWORKS = ("pytorch", "tensorflow", "jax")
_PACKAGE_OF = {"torch": "pytorch", "jaxlib": "jax"}
_OTHER_OUTCOMES = ("unknown", "pass", "not-applicable")


def rank(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in order: root causes, what they explain, then what is no problem.

    `explained_by` of a finding names the causes of those that explain it; the order is total, so that
    the same facts always give the same report.
    """
    everything = list(findings)
    problems = _explained(_folded([finding for finding in everything if finding.is_problem]))
    others = [finding for finding in everything if not finding.is_problem]
    others.sort(key=lambda finding: (_OTHER_OUTCOMES.index(_outcome(finding)), finding.id, finding.subject))
    return [*_ordered(problems), *others]


def _outcome(finding: Finding) -> str:
    return finding.outcome if finding.outcome in _OTHER_OUTCOMES else "pass"


def _weight(finding: Finding) -> tuple[int, int, int, str, str]:
    return (
        finding.outcome == "crash",
        SEVERITIES.index(finding.severity),
        _CONFIDENCES.index(finding.confidence),
        finding.id,
        finding.subject,
    )


def _folded(problems: list[Finding]) -> list[Finding]:
    """Keep one finding for a cause and subject: the gravest and surest, with the evidence of all."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(problems, key=_weight):
        groups.setdefault((finding.cause, finding.subject), []).append(finding)
    return [_merged(group) for group in groups.values()]


def _merged(group: list[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1:
        return first
    return msgspec.structs.replace(
        first,
        evidence=tuple(dict.fromkeys(piece for finding in group for piece in finding.evidence)),
        explains=unique(word for finding in group for word in finding.explains),
    )


def _explained(problems: list[Finding]) -> list[Finding]:
    return [
        msgspec.structs.replace(
            finding, explained_by=unique(other.cause for other in problems if _explains(other, finding))
        )
        for finding in problems
    ]


def _explains(cause: Finding, effect: Finding) -> bool:
    if cause is effect or cause.cause == effect.cause:
        return False
    return bool({effect.cause, effect.id} & set(cause.explains)) and _same_subject(
        cause.subject, effect.subject
    )


def _same_subject(one: str, other: str) -> bool:
    """Return whether two subjects may belong together; "gpu:0" and "pytorch" may, "gpu:0" and "gpu:1" not."""
    one, other = (_PACKAGE_OF.get(subject, subject) for subject in (one, other))
    if not one or not other or one == other or other.startswith(f"{one} ") or one.startswith(f"{other} "):
        return True
    return _kind(one) != _kind(other)


def _kind(subject: str) -> str:
    word = subject.split()[0]
    return "gpu" if word.startswith("gpu") else "framework" if word in _FRAMEWORKS else "other"


def _ordered(problems: list[Finding]) -> list[Finding]:
    """Return causes before effects: roots by weight and by how much they explain, then the rest."""
    reach = {
        finding.cause: sum(finding.cause in other.explained_by for other in problems) for finding in problems
    }
    waiting = sorted(
        problems, key=lambda f: (bool(f.explained_by), *_weight(f)[:3], -reach[f.cause], *_weight(f)[3:])
    )
    placed: list[Finding] = []
    while waiting:
        left = {finding.cause for finding in waiting}
        ready = next((f for f in waiting if not left.intersection(f.explained_by)), waiting[0])
        placed.append(ready)
        waiting.remove(ready)
    return placed
