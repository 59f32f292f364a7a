"""The microarchitecture's name, by archspec's data and archspec's rules.

archspec.cpu.host() looks at the machine that it runs on, and importing it costs 30 ms (2026-11, 2 cores);
this reads archspec's table alone (2 ms) and follows the rules of archspec/cpu/detect.py for any machine,
with one exception: _NOT_FOR_PROGRAMS.
"""

from __future__ import annotations

import os
from functools import cache

import msgspec

from auditor.model.shapes import described

_GENERIC = "generic"
# A hypervisor hides these from its guests, yet no program computes with them: memory protection keys, a
# flush of the cache and a model-specific register, all of them the kernel's business.
_NOT_FOR_PROGRAMS = frozenset({"pku", "flush_l1d", "tsc_adjust"})


class Target(msgspec.Struct, frozen=True):
    """One row of archspec's microarchitectures.json."""

    vendor: str
    features: frozenset[str] = frozenset()
    parents: tuple[str, ...] = msgspec.field(name="from", default=())
    generation: int = 0
    cpu_part: str = msgspec.field(name="cpupart", default="")


class _Conversions(msgspec.Struct, frozen=True):
    arm_vendors: dict[str, str]


class Table(msgspec.Struct, frozen=True):
    """What is used of archspec's microarchitectures.json."""

    microarchitectures: dict[str, Target]
    conversions: _Conversions

    def ancestors(self, name: str) -> frozenset[str]:
        """Return the names of everything that a target descends from."""
        parents = self.microarchitectures[name].parents
        return frozenset(parents).union(*(self.ancestors(parent) for parent in parents))


class Processor(msgspec.Struct, frozen=True):
    """What the rules need: `family` is uname's architecture, `generation` POWER's, `name` RISC-V's."""

    family: str
    vendor: str = ""
    features: frozenset[str] = frozenset()
    cpu_part: str = ""
    generation: int = 0
    name: str = ""


@cache
def table() -> Table:
    """Return archspec's table.

    Raises:
        OSError: archspec's data is not where its releases 0.2 keep it.

    """
    import archspec

    folder = os.path.dirname(archspec.__file__)
    with open(os.path.join(folder, "json", "cpu", "microarchitectures.json"), "rb") as stream:
        return msgspec.json.decode(stream.read(), type=described(Table))


def identify(processor: Processor) -> str:
    """Return archspec's name of the best target that the processor satisfies; at worst its family."""
    known = table()
    features = _with_sse3(processor.features)
    fitting = [
        name
        for name, target in known.microarchitectures.items()
        if (name == processor.family or processor.family in known.ancestors(name))
        and _satisfies(processor, features, name, target)
    ]
    if not fitting:
        return processor.family
    generic = max((n for n in fitting if known.microarchitectures[n].vendor == _GENERIC), key=_depth)
    same_part = [
        n
        for n in fitting
        if processor.cpu_part and processor.cpu_part == known.microarchitectures[n].cpu_part
    ]
    special = [name for name in same_part or fitting if generic in known.ancestors(name)]
    return max(special, key=_depth, default=generic)


def _satisfies(processor: Processor, features: frozenset[str], name: str, target: Target) -> bool:
    if processor.family.startswith("ppc"):
        return target.generation <= processor.generation
    if processor.family == "riscv64":
        return target.vendor == _GENERIC or name == processor.name
    if processor.family == "aarch64" and target.vendor == _GENERIC:
        return name == "aarch64"  # the flags do not tell the version of the architecture
    return (
        target.vendor in (processor.vendor, _GENERIC)
        and _with_sse3(target.features) - _NOT_FOR_PROGRAMS <= features
    )


def _depth(name: str) -> tuple[int, int]:
    return len(table().ancestors(name)), len(table().microarchitectures[name].features)


def _with_sse3(features: frozenset[str]) -> frozenset[str]:
    """Return the features with sse3, which Linux calls pni and ssse3 implies."""
    return features | {"sse3"} if "ssse3" in features else features
