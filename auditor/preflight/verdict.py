"""What the checks come to: three-valued, and what unknown means is the operator's choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from auditor.model.finding import SEVERITIES, Finding
from auditor.preflight.judge import Judged

Word = Literal["pass", "warn", "fail", "unknown"]
UnknownMeans = Literal["pass", "warn", "fail"]


class Verdict(msgspec.Struct, frozen=True):
    """May a job start here? `word` is what was seen; `unknown` counts checks that could not be made."""

    word: Word
    failed: tuple[Finding, ...] = ()
    warned: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()
    passed: int = 0

    def under(self, unknown: UnknownMeans) -> Word:
        """Return the word once unknown means what the operator says: pass, warn or fail."""
        if self.word != "unknown":
            return self.word
        return "warn" if unknown == "pass" and self.warned else unknown


def verdict(judged: Iterable[Judged]) -> Verdict:
    """Return what the findings come to: a proved failure first, then unknown, then warnings.

    A check that only warns or notes leaves nothing unknown: it would not have stopped a job.
    """
    rows = list(judged)
    found = [finding for row in rows for finding in row.having("fail")]
    failed = tuple(f for f in found if f.severity == "error")
    warned = tuple(f for f in found if f.severity == "warning")
    blind = tuple(
        finding for row in rows if row.check.level == "fail" for finding in row.having("unknown", "crash")
    )
    word: Word = "fail" if failed else "unknown" if blind else "warn" if warned else "pass"
    return Verdict(word, failed, warned, blind, sum(bool(row.having("pass")) for row in rows))


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, errors before warnings before notes, else in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
