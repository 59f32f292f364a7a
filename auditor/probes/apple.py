"""Apple silicon and Metal, which PyTorch's mps device needs."""

from __future__ import annotations

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, absent, command, computed, known, unknown
from auditor.probes.base import Probe

_SYSCTL = ["sysctl", "-n", "machdep.cpu.brand_string"]


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the chip's name, and whether Metal can be used: on every Mac with Apple silicon."""
    platform = facts["os.platform"]
    if not platform.is_known:
        return dict.fromkeys(PROBE.provides, unknown(platform.reason, *platform.evidence))
    if platform.value != "darwin":
        return dict.fromkeys(PROBE.provides, absent("this is no Mac", computed("os.platform")))
    try:
        name = host.run("sysctl-cpu", list(_SYSCTL)).stdout.strip()
    except (NotRecorded, OSError) as error:
        return dict.fromkeys(PROBE.provides, unknown(str(error)))
    where = command(" ".join(_SYSCTL), name)
    if not name.startswith("Apple"):
        return {
            "apple.chip": absent("this Mac has an Intel processor", where),
            "apple.metal": unknown("an Intel Mac", where),
        }
    return {"apple.chip": known(name, where), "apple.metal": known(True, where)}


PROBE = Probe(name="apple", needs=("os.platform",), provides=("apple.chip", "apple.metal"), collect=collect)
