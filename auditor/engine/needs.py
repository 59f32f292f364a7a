"""Hard requirements of goals: what blocks one here, and what would unblock it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.model.fact import Facts
from auditor.model.recommendation import Plan

_GPU_VENDORS = {"nvidia", "amd", "intel", "apple"}


def blocked_by(needs: Sequence[str], facts: Facts, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """Return for each need that is not met, or not known to be met, what is missing and what helps."""
    said = (_missing(need, facts, plans) for need in needs)
    return tuple(words for words in said if words)


def _missing(need: str, facts: Facts, plans: Mapping[str, Plan]) -> str:
    vendors = facts["accelerators.vendors"]
    if vendors.state == "unknown":
        return f"not known whether there is a {need.upper()}: {vendors.reason}"
    here = set(vendors.value or ())
    return _no_tpu(here) if need == "tpu" else _no_gpu(here, plans)


def _no_tpu(here: set[str]) -> str:
    if "tpu" in here:
        return ""
    return "no TPU is visible here; on a TPU virtual machine, with /dev/accel* or /dev/vfio/* readable, it would be"


def _no_gpu(here: set[str], plans: Mapping[str, Plan]) -> str:
    if not here & _GPU_VENDORS:
        return "no GPU is visible here; a GPU, passed through where this is a container or virtual machine, would unblock it"
    blocked = [plan.blocked_by[0] for plan in plans.values() if not plan.possible and plan.blocked_by]
    if plans and len(blocked) == len(plans):
        return f"no framework's build can use the GPU here: {blocked[0]}"
    return ""
