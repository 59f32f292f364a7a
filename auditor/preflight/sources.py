"""Which probes answer for which facts, so that only those that the checks need are imported and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.knowledge.card import Condition
from auditor.knowledge.profiles import Check
from auditor.preflight.judge import SIGNS
from auditor.probes import load, node
from auditor.probes.base import Probe

# beginnings of keys -> probes of the scan that provide them; a test holds them against `provides`
_SCAN: Mapping[str, tuple[str, ...]] = {
    "os.": ("system",),
    "system.hypervisor": ("virtualization",),
    "system.": ("firmware",),
    "container.": ("container",),
    "orchestrator.": ("orchestrator",),
    "cgroup.": ("cgroup",),
    "cpu.": ("cpu",),
    "numa.": ("numa",),
    "memory.": ("memory",),
    "limits.": ("limits",),
    "disk.": ("disk",),
    "gpu[": ("nvidia", "amd"),
    "nvidia.": ("nvidia",),
    "amd.": ("amd",),
    "intel.": ("intel",),
    "gaudi.": ("gaudi",),
    "tpu.libtpu": ("libtpu",),
    "tpu.": ("tpu",),
    "apple.": ("apple",),
    "accelerators.": ("accelerators",),
    "pci.": ("pci",),
    "ib.": ("ib",),
    "cuda.": ("cuda",),
    "loader.": ("loader",),
    "compilers.": ("compilers", "headers"),
    "env.masks": ("variables", "nvidia"),
    "env.visible_gpus": ("variables", "nvidia"),
    "env.": ("variables",),
    "python.": ("python",),
    "target.usable": ("python",),
    "torch.": ("python",),
    "tensorflow.": ("python",),
    "jax.": ("python",),
}


def facts_of(check: Check) -> set[str]:
    """Return the keys that a check reads, as the catalogue writes them."""
    found = set(check.reads)
    for condition in (check.must, check.applies):
        if condition is not None:
            found |= set(_keys(condition))
    if "." in check.per:
        found.add(check.per)
    elif check.per:
        found.add(f"{check.per}[i]")
    if check.vendor in SIGNS and check.per != "gpu":
        found.add(SIGNS[check.vendor])
    return {key for key in found if not key.startswith("item")}


def _keys(condition: Condition) -> Iterator[str]:
    yield from (name for name in (condition.fact, condition.other, condition.key) if name)
    yield from (name for name in (condition.some, condition.each) if "." in name)
    inner = (*(condition.all or ()), *(condition.any or ()), condition.not_, condition.where)
    for part in inner:
        if part is not None:
            yield from _keys(part)


def names_for(key: str) -> tuple[str, ...]:
    """Return the probes that provide a key; those of the node's own table read `node/NAME`."""
    if key == "node.workloads":
        return ("python",)  # preflight/workloads.py runs them by the interpreter that this probe asks
    if key.startswith("node."):
        return tuple(f"node/{name}" for name, keys in node.ALL.items() if key in keys)
    best = max((start for start in _SCAN if key.startswith(start)), key=len, default="")
    return _SCAN[best] if best else ()


def probes_for(checks: Iterable[Check], seed: Iterable[str]) -> list[Probe]:
    """Return the probes that the checks need, and those that these need, the most telling first.

    The order is by what a probe's checks are worth (3 for one that fails, 1 for one that warns) to
    its rough cost in seconds.
    """
    worth: dict[str, float] = {}
    for check in checks:
        for name in {name for key in facts_of(check) for name in names_for(key)}:
            worth[name] = worth.get(name, 0.0) + (3.0 if check.level == "fail" else 1.0)
    loaded: dict[str, Probe] = {}
    given = set(seed)
    for name in worth:
        _load(name, loaded, given)
    return [
        loaded[name] for name in sorted(loaded, key=lambda name: -worth.get(name, 3.0) / loaded[name].cost)
    ]


def probes_of(keys: Iterable[str], seed: Iterable[str]) -> list[Probe]:
    """Return the probes that provide these keys, and those that these need."""
    loaded: dict[str, Probe] = {}
    for name in dict.fromkeys(name for key in keys for name in names_for(key)):
        _load(name, loaded, set(seed))
    return list(loaded.values())


def _load(name: str, loaded: dict[str, Probe], given: set[str]) -> None:
    if name in loaded:
        return
    probe = node.load(name[5:]) if name.startswith("node/") else load(name)
    loaded[name] = probe
    for need in probe.needs:
        if need not in given:
            for other in names_for(need):
                _load(other, loaded, given)
