"""The libtpu wheel of the audited environment, which brings the TPU runtime."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, computed, known, unknown
from auditor.probes.base import Probe

_NAMES = ("libtpu", "libtpu-nightly")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return its version."""
    listed = facts["python.distributions"]
    where = computed("python.distributions")
    if not listed.is_known:
        return {"tpu.libtpu_version": unknown(listed.reason, *listed.evidence)}
    versions = [row["version"] for row in listed.value if row["name"].lower().replace("_", "-") in _NAMES]
    if not versions:
        return {"tpu.libtpu_version": absent("libtpu is not installed there", where)}
    return {"tpu.libtpu_version": known(versions[0], where)}


PROBE = Probe(
    name="libtpu", needs=("python.distributions",), provides=("tpu.libtpu_version",), collect=collect
)
