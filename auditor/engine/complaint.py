"""What a text complains of: a cause beside an error that no card knows is a warning, not the error's cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.engine.symptoms import WINDOW, Hit, Numbered
from auditor.knowledge.card import RuleCard
from auditor.model.fact import Facts
from auditor.model.finding import Finding

# how a program ends: an exception's last line, a signal, a check that aborts
_END = re.compile(
    r"^(?:[^\]]{0,80}\d\d:\d\d:\d\d[^\]]{0,60}\])?\W{0,4}(?:E\s+)?(?:[A-Za-z_][\w.]{0,80}\.)?[A-Z]\w{0,60}(?:Error|Exception|Interrupt)\b\s*(?::|$)"
    r"|^\W{0,4}(?:cannot import name '|module '[\w.]{1,80}' has no attribute|No module named ')"
    r"|Segmentation fault|\(core dumped\)|\bCheck failed: |\bFatal Python error\b"
)
# a line of a log by which a program says that it goes on without something
_LOGGED = re.compile(
    r"\d\d:\d\d:\d\d\.\d+: [EWI] |^[EWI]\d{4} |\b[EWI] (?:external|tensorflow|xla)/"
    r"|^\W{0,3}(?:(?:[\w.]{1,40})?Warning|WARNING|INFO|DEBUG|Skipping import)\b|\d\d:\d\d:\d\d.{0,20}\b(?:WARNING|INFO|DEBUG)\b"
)
# a sentence of a person's: a handful of small words, not a row of a dump
_WORD = re.compile(r"(?<![\w./=-])[a-z']{2,20}(?![\w/=])")
_ROW = re.compile(r"^\W{0,4}(?:\[\w+\]|[\w ()/-]{1,40}:\s|\||File \"|at )")
_SENTENCE = 6  # small words in a line
_TOLD = 2  # sentences
# what a finding speaks of by name: "torchaudio 2.5.1 beside torch 2.6.0"
_NAMED = re.compile(r"\b([a-z][\w-]{3,40}) \d")
_FRAMEWORKS = frozenset(("torch", "pytorch", "tensorflow", "jaxlib", "python", "cuda"))
_DEVICE_WORD = re.compile(r"(?i)cuda|gpu|nvidia|device|\bhip|driver|nccl|triton|torch not compiled|assert")
_DEVICES = ("smoke.pytorch.devices", "smoke.tensorflow.devices", "smoke.jax.devices")


def tempered(
    cards: Iterable[RuleCard],
    findings: Iterable[Finding],
    hits: Mapping[str, Sequence[Hit]],
    facts: Facts,
    lines: Sequence[Numbered],
) -> list[Finding]:
    """Return the findings; those that the text does not complain of are warnings where it complains of another.

    A text complains of another where it ends in errors of which no card knows one, and does not show that an
    accelerator is missing. Of a finding it speaks where more than a remark in a log says so. A text that tells a story
    complains of something too: of libraries that do not fit together, and that it names nowhere, it does not speak.
    """
    text = dict(lines)
    story = _story(lines)
    other = len(story) >= _TOLD or any(_END.search(line) for _, line in lines)
    findings = [_dropped(f) if other and _is_remark(f, hits.get(f.id, ()), text) else f for f in findings]
    if not (_misses_device(facts) and _is_of_device(lines)) and _other_complaint(findings, hits, lines):
        return [_lowered(f) if _in_passing(hits.get(f.id, ()), text) else f for f in findings]
    libraries = {card.id for card in cards if card.family == "libraries"}
    return [
        _lowered(f)
        if f.id in libraries
        and len(story) >= _TOLD
        and _in_passing(hits.get(f.id, ()), text)
        and not _speaks_of(f, story)
        else f
        for f in findings
    ]


def _story(lines: Sequence[Numbered]) -> list[str]:
    """Return the sentences of a person's, in small letters."""
    sentences = (text for _, text in lines if not _ROW.match(text) and not _LOGGED.search(text))
    return [text.lower() for text in sentences if len(_WORD.findall(text[:400])) >= _SENTENCE]


def _speaks_of(finding: Finding, story: Sequence[str]) -> bool:
    names = {finding.subject.lower(), *_NAMED.findall(finding.message.lower())} - _FRAMEWORKS - {""}
    return any(name in sentence for name in names for sentence in story)


def _misses_device(facts: Facts) -> bool:
    told = [facts[key].value for key in _DEVICES if facts[key].is_known]
    return any(all("cpu" in str(name).lower() for name in names) for names in told)


def _is_of_device(lines: Sequence[Numbered]) -> bool:
    """Return whether an error speaks of accelerators; one that does not is no complaint of a missing one."""
    ends = [text for _, text in lines if _END.search(text)]
    return not ends or any(_DEVICE_WORD.search(text) for text in ends)


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


def _is_remark(finding: Finding, said: Sequence[Hit], text: Mapping[int, str]) -> bool:
    """Return whether a cause is but possible, and this by remarks in a log alone."""
    return finding.is_problem and finding.confidence == "possible" and bool(said) and _in_passing(said, text)


def _dropped(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, outcome="unknown")


def _lowered(finding: Finding) -> Finding:
    if not finding.is_problem or finding.severity != "error":
        return finding
    return msgspec.structs.replace(finding, severity="warning")
