"""The build that is installed already, where it fits: least change is none."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.engine.arch import covers
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.machine import Machine
from auditor.engine.versions import NoVersion, release
from auditor.model.fact import Facts

_VERSION_KEYS = {"pytorch": "torch.version", "tensorflow": "tensorflow.version", "jax": "jax.version"}
_BROKEN = ("crash", "hang", "failed")


def installed_build(
    facts: Facts, framework: str, machine: Machine, candidates: Sequence[Candidate]
) -> Candidate | None:
    """Return the installed build where it uses the accelerators and nothing showed it broken; else None."""
    version = facts.value(_VERSION_KEYS[framework])
    if not version or facts.value(f"smoke.{framework}.import") in _BROKEN:
        return None
    build = _build(facts, framework)
    same = [
        candidate
        for candidate in candidates
        if candidate.family == machine.family and _is_same(candidate, str(version), build)
    ]
    return next((candidate for candidate in same if _fits(candidate, machine, facts)), None)


def installed_release(facts: Facts, framework: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the builds of the installed release: to change the build alone is the least change."""
    version = facts.value(_VERSION_KEYS[framework])
    if not version or facts.value(f"smoke.{framework}.import") in _BROKEN:
        return []
    try:
        installed = release(str(version).partition("+")[0])
    except NoVersion:
        return []
    return [candidate for candidate in candidates if release(candidate.version) == installed]


def _build(facts: Facts, framework: str) -> str:
    """Return what tells the builds of a release apart: torch's build, TensorFlow's CUDA; empty where unknown."""
    if framework == "pytorch":
        return str(facts.value("torch.build") or "")
    if framework == "tensorflow":
        cuda = facts["tensorflow.cuda_build"]
        return "cpu" if cuda.state == "absent" else "cuda" if cuda.is_known else ""
    plugins = facts.value("jax.plugins")
    return "" if plugins is None else "cuda" if plugins else "cpu"


def _is_same(candidate: Candidate, version: str, build: str) -> bool:
    try:
        same_release = release(candidate.version) == release(version)
    except NoVersion:
        return False
    asked = "cpu" if candidate.build == "mps" else candidate.build
    return same_release and bool(build) and build in (asked, candidate.family)


def _fits(candidate: Candidate, machine: Machine, facts: Facts) -> bool:
    """Whether it runs here; the installed build's own list of kernels counts before the tables'."""
    needs = [need for need in unmet(candidate, machine) if need.kind != "disk"]  # it lies there already
    archs = facts.value("torch.arch_list") if candidate.name == "torch" else None
    if archs:
        needs = [need for need in needs if need.kind != "card"]
        cards = [card.capability for card in machine.of("nvidia")]
        return not needs and all(card and covers(archs, card, candidate.cuda) for card in cards)
    return not needs
