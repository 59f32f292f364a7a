"""What a text complains of: a cause beside an error that no card knows is a warning, not the error's cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.engine.symptoms import WINDOW, Hit, Numbered
from auditor.model.fact import Facts
from auditor.model.finding import Finding

# how a program ends: an exception's last line, a signal, a check that aborts
_END = re.compile(
    r"^\W{0,4}(?:E\s+)?(?:[A-Za-z_][\w.]{0,80}\.)?[A-Z]\w{0,60}(?:Error|Exception|Interrupt)\b\s*(?::|$)"
    r"|^\W{0,4}(?:cannot import name '|module '[\w.]{1,80}' has no attribute|No module named ')"
    r"|Segmentation fault|\(core dumped\)|\bCheck failed: |\bFatal Python error\b"
)
# a line of a log by which a program says that it goes on without something
_LOGGED = re.compile(r"\d\d:\d\d:\d\d\.\d+: [EWI] |^[EWI]\d{4} |\b[EWI] (?:external|tensorflow|xla)/")
_DEVICES = ("smoke.pytorch.devices", "smoke.tensorflow.devices", "smoke.jax.devices")


def tempered(
    findings: Iterable[Finding], hits: Mapping[str, Sequence[Hit]], facts: Facts, lines: Sequence[Numbered]
) -> list[Finding]:
    """Return the findings; those that the text does not complain of are warnings where it complains of another.

    A text complains of another where it ends in errors of which no card knows one, and does not show that an
    accelerator is missing. Of a finding it speaks where more than a remark in a log says so.
    """
    findings = list(findings)
    if _misses_device(facts) or not _other_complaint(findings, hits, lines):
        return findings
    text = dict(lines)
    return [_lowered(f) if _in_passing(hits.get(f.id, ()), text) else f for f in findings]


def _misses_device(facts: Facts) -> bool:
    told = [facts[key].value for key in _DEVICES if facts[key].is_known]
    return any(all("cpu" in str(name).lower() for name in names) for names in told)


def _other_complaint(
    findings: Iterable[Finding], hits: Mapping[str, Sequence[Hit]], lines: Sequence[Numbered]
) -> bool:
    ends = [number for number, text in lines if _END.search(text)]
    named = {f.id for f in findings if f.is_problem}
    text = dict(lines)
    said = [hit.line for card in named for hit in hits.get(card, ()) if not _in_passing([hit], text)]
    return bool(ends) and not any(0 <= end - line < WINDOW for end in ends for line in said)


def _in_passing(said: Sequence[Hit], text: Mapping[int, str]) -> bool:
    return all(_LOGGED.search(text.get(hit.line, "")) for hit in said)


def _lowered(finding: Finding) -> Finding:
    if not finding.is_problem or finding.severity != "error":
        return finding
    return msgspec.structs.replace(finding, severity="warning")
