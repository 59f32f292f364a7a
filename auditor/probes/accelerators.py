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
_ALL = tuple(key for keys in _SHOWN_BY.values() for key in keys)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return the vendors; with none found and a place that could not be looked at, that is unknown."""
    found = [vendor for vendor, keys in _SHOWN_BY.items() if any(facts.value(key) for key in keys)]
    blind = [
        vendor for vendor, keys in _SHOWN_BY.items() if all(facts[key].state == "unknown" for key in keys)
    ]
    if not found and blind:
        return {
            "accelerators.vendors": unknown(f"could not be looked for: {', '.join(blind)}", computed(*_ALL))
        }
    return {"accelerators.vendors": known(found, computed(*_ALL))}


PROBE = Probe(name="accelerators", needs=_ALL, provides=("accelerators.vendors",), collect=collect)
