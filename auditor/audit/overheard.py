"""What tools and imports said on this machine: matched against every card's symptoms, as pasted logs are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.engine.symptoms import Hit, symptoms_in
from auditor.knowledge.card import RuleCard
from auditor.model.fact import Evidence, Facts, computed

_TOOLS = ("nvidia.tool_error", "nvidia.nvml_error")
_FRAMEWORKS = ("pytorch", "tensorflow", "jax")
_BROKEN = ("failed", "crash", "hang")
_GPU_WORDS = ("cuda", "gpu", "xpu", "rocm")

Hits = dict[str, list[Hit]]


class Saying(NamedTuple):
    """A text and where it was said."""

    text: str
    origin: Evidence


def overheard(cards: Sequence[RuleCard], facts: Facts) -> Hits:
    """Return card id -> what of its symptoms was said here, for the cards that a message decides."""
    told: Hits = {}
    for saying in sayings(facts):
        lines = enumerate(saying.text.splitlines(), start=1)
        for name, hits in symptoms_in(cards, lines).items():
            told.setdefault(name, []).extend(hit._replace(origin=saying.origin) for hit in hits)
    return {name: hits for name, hits in told.items() if any(hit.symptom.decides for hit in hits)}


def sayings(facts: Facts) -> Iterator[Saying]:
    """Yield the words of the tools that failed, and of the frameworks that are broken or miss their GPU.

    What a framework that works writes to its standard error is full of harmless complaints.
    """
    for key in () if _is_without_cards(facts) else _TOOLS:
        yield from _of(facts, key)
    for framework in _FRAMEWORKS:
        head = f"smoke.{framework}"
        if facts.value(f"{head}.import") in _BROKEN or _misses_gpu(facts, head):
            yield from _of(facts, f"{head}.message")
            yield from _of(facts, f"{head}.stderr")
    for row in facts.value("smoke.results") or ():
        if row.get("status") in ("fail", "crash"):
            yield Saying(str(row.get("reason") or ""), computed("smoke.results"))


def _of(facts: Facts, key: str) -> Iterator[Saying]:
    fact = facts[key]
    if fact.is_known:
        yield Saying(str(fact.value), (*fact.evidence, computed(key))[0])


def _is_without_cards(facts: Facts) -> bool:
    """Return whether the bus itself shows no card: there a tool that finds no driver is no fault.

    Inside a container or WSL the bus proves nothing.
    """
    elsewhere = facts.value("container.runtime") or facts.value("os.wsl")
    return facts.value("nvidia.pci_gpu_count") == 0 and not elsewhere


def _misses_gpu(facts: Facts, head: str) -> bool:
    devices = facts[f"{head}.devices"]
    if not devices.is_known or not facts.value("accelerators.vendors"):
        return False
    return not any(word in str(device).lower() for device in devices.value for word in _GPU_WORDS)
