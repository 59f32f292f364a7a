"""Which causes one missing fact away are: each named as possible, with what would decide it."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress

import msgspec

from auditor.engine.derive import derive, is_cpu_alone
from auditor.engine.evaluate import evaluate
from auditor.engine.lookup import NotInTable, row_for
from auditor.engine.symptoms import Numbered
from auditor.engine.versions import NoVersion, parse
from auditor.engine.weigh import MOST_POSSIBLE
from auditor.knowledge.card import RuleCard
from auditor.knowledge.tables import table
from auditor.model.fact import Evidence, Fact, Facts, known
from auditor.model.finding import Finding

_GPU_WORD = re.compile(r"(?i)(?<![-_./\\])\b(?:gpus?|nvidia|cuda ?toolkit)\b(?![-_/\\])")
_DENIED = re.compile(
    r"(?i)\b(?:no|not|non|none|nothing|neither|without|lacks?|missing|false|n/a|n't|\w{2,6}n't|cpu[- ]only)\b"
    r"|\b(?:gpus?|nvidia)\W{0,4}[=:]\W{0,3}(?:0|\[\]|-|$)"
    # what every dump and every form says, with a GPU or without
    r"|\bgpu topology\b|\bgpu models and configuration\b|\bnvidia driver version\b|\bgpu\? ?\)|\bgpu in script\b|\bgpu kv cache\b"
)
# who tells of these computes on a GPU of NVIDIA, or wants to
_SAY_GPU = ("nvidia.driver_version", "torch.cuda_build", "cuda.toolkits", "loader.cudnn_version")
# what people leave out most often, the commonest answer to it
_GPU = {"accelerators.vendors": ["nvidia"]}
_LINUX = {"os.platform": "linux", "os.arch": "x86_64"}


def suppose(
    cards: Sequence[RuleCard], findings: Sequence[Finding], facts: Facts, wants_gpu: bool = True
) -> list[Finding]:
    """Return the findings with at most three causes that would hold if what was left out were as usual.

    They are possible, as warnings, and name what is missing: nothing is concluded from a supposition, and a symptom that
    nobody told of is not supposed. Without a word of a GPU that is wanted none is supposed: a build for the CPU is in order on every machine that has none.
    """
    still_open = [
        card
        for card in cards
        if not card.suspects and any(f.id == card.id and f.outcome == "unknown" for f in findings)
    ]
    found: dict[str, Finding] = {}
    lesser: dict[str, Finding] = {}
    for supposed in (*((_GPU, _LINUX, {**_GPU, **_LINUX}) if wants_gpu else (_LINUX,)), *_usual_build(facts)):
        more = {
            key: _supposed(key, value) for key, value in supposed.items() if facts[key].state == "unknown"
        }
        if more:
            world = facts.merged(more)
            world = world.merged(derive(world))
            for finding in evaluate(still_open, world):
                if finding.outcome == "fail" and finding.severity != "note":
                    of = found if finding.severity == "error" else lesser
                    of.setdefault(finding.id, _possible(finding, more, facts))
    kept = dict(list((found or lesser).items())[:MOST_POSSIBLE])
    return [finding for finding in findings if finding.id not in kept] + list(kept.values())


def wants_gpu(
    cards: Sequence[RuleCard], facts: Facts, said: Container[str], lines: Sequence[Numbered]
) -> bool:
    """Return whether a text tells of a driver, of a build for CUDA, of a GPU that is missed, or of one that is wanted."""
    if any(facts[key].is_known for key in _SAY_GPU):
        return True
    missing = "cuda_unavailable"
    if any(card.id in said and (card.cause == missing or missing in card.explains) for card in cards):
        return True
    return any(_GPU_WORD.search(line) and not _DENIED.search(line) for _, line in lines)


def _usual_build(facts: Facts) -> list[Mapping[str, object]]:
    """Return that a framework is the wheel of its release on PyPI, where its version alone is told."""
    return [*_usual_torch(facts), *_usual_tensorflow(facts)]


def _usual_tensorflow(facts: Facts) -> list[Mapping[str, object]]:
    version = facts.value("tensorflow.version")
    if version is None or facts["tensorflow.cuda_build"].state != "unknown":
        return []
    try:
        name = "tensorflow-gpu" if is_cpu_alone(str(version)) else "tensorflow"
    except NoVersion:
        return []
    return [{**_LINUX, **_GPU, "tensorflow.distribution": name}]


def _usual_torch(facts: Facts) -> list[Mapping[str, object]]:
    version = facts.value("torch.version")
    if version is None or any(
        facts[f"torch.{name}"].state != "unknown" for name in ("build", "cuda_build", "hip_build")
    ):
        return []
    try:
        if parse(version).local or parse(version).is_prerelease:
            return []
        # PyPI's wheels for Windows and for Arm are for the CPU
        if facts.value("os.platform") == "windows" or facts.value("os.arch") in ("aarch64", "arm64"):
            return [{"torch.build": "cpu"}]
        cuda = _pypi_cuda(str(version))
    except NoVersion:
        return []
    return [{**_LINUX, "torch.cuda_build": cuda, "torch.build": "cu" + cuda.replace(".", "")}] if cuda else []


def _pypi_cuda(version: str) -> str:
    """Return the CUDA of the wheel on PyPI (Linux x86-64), empty where the tables do not tell."""
    for name in ("torch_releases", "torch_defaults"):
        with suppress(NotInTable):
            if cuda := row_for(table(name), version)["pypi_cuda"]:
                return str(cuda)
    return ""


def _supposed(key: str, value: object) -> Fact:
    return known(value, Evidence("assumed", f"{key} is not told"))


def _possible(finding: Finding, more: Mapping[str, Fact], facts: Facts) -> Finding:
    because = tuple(f"{key}: {facts[key].reason}" for key in more)
    evidence = tuple(piece for piece in finding.evidence if piece.kind != "assumed")
    return msgspec.structs.replace(
        finding,
        confidence="possible",
        severity="warning",
        message=f"supposing {_said(more)}: {finding.message}",
        unknown_because=because,
        evidence=evidence,
    )


def _said(more: Mapping[str, Fact]) -> str:
    return " and ".join(
        f"{key} is {', '.join(fact.value) if isinstance(fact.value, list) else fact.value}"
        for key, fact in more.items()
    )
