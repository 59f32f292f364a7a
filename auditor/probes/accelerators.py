"""Which vendors' accelerators are here: several may be."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, computed, known, unknown
from auditor.probes.base import Probe

# a vendor is here where one of its facts is a count above zero, or a list with something in it
_SHOWN_BY = {
    "nvidia": ("nvidia.pci_gpu_count", "nvidia.gpu_count"),
    "amd": ("amd.gpu_count", "amd.kfd_gpu_nodes"),
    "intel": ("intel.gpus",),
    "tpu": ("tpu.chips",),
    "gaudi": ("gaudi.device_count",),
    "apple": ("apple.chip",),
}
# the count that an empty bus does not stand for: a driver's tool is here, and failed
_DECIDING = {"nvidia": "nvidia.gpu_count"}
_ALL = tuple(key for keys in _SHOWN_BY.values() for key in keys)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return the vendors; with none found and a place that could not be looked at, that is unknown."""
    found = [vendor for vendor, keys in _SHOWN_BY.items() if any(facts.value(key) for key in keys)]
    blind = [vendor for vendor, keys in _SHOWN_BY.items() if _is_blind(facts, vendor, keys)]
    if not found and blind:
        reason = f"could not be looked for: {', '.join(_said(facts, vendor) for vendor in blind)}"
        return {"accelerators.vendors": unknown(reason, computed(*_ALL))}
    return {"accelerators.vendors": known(found, computed(*_ALL))}


def _is_blind(facts: Facts, vendor: str, keys: tuple[str, ...]) -> bool:
    states = {key: facts[key].state for key in keys}
    deciding = states.get(_DECIDING.get(vendor, ""))
    return deciding == "unknown" or all(state == "unknown" for state in states.values())


def _said(facts: Facts, vendor: str) -> str:
    """Return a vendor, and why its tool's silence leaves the question open where its bus is empty."""
    seen = any(facts[key].is_known for key in _SHOWN_BY[vendor])
    return f"{vendor} ({facts[_DECIDING[vendor]].reason})" if seen else vendor


PROBE = Probe(name="accelerators", needs=_ALL, provides=("accelerators.vendors",), collect=collect)
