"""The facts `smoke.*` and the skips that follow from what the children told."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.fact import Evidence, Fact, Facts, absent, call, known, unknown
from auditor.model.smoke import SmokeResult
from auditor.smoke.catalog import Workload
from auditor.smoke.gpus import Mask
from auditor.smoke.values import MODULES, Seen

# what a framework calls a CUDA or ROCm device, and the facts that say its build has such code
_NAMES = {"pytorch": "cuda", "tensorflow": "GPU", "jax": "gpu"}
_BUILDS = {
    "pytorch": ("torch.cuda_build", "torch.hip_build"),
    "tensorflow": ("tensorflow.cuda_build",),
    "jax": (),
}


def facts_of(seen: Seen, hidden: bool) -> dict[str, Fact]:
    """Return the facts of one framework; with `hidden` GPUs nobody knows which devices it would see."""
    head, how = (
        f"smoke.{seen.framework}.",
        call(f"import {MODULES[seen.framework]} in a child of the audited interpreter"),
    )
    state = (
        known(seen.import_state, how)
        if seen.import_state
        else unknown("the run ended before it was imported", how)
    )
    fine = seen.import_state == "ok"
    facts = {
        "import": state,
        "import_s": known(seen.import_s, how)
        if seen.import_s is not None
        else unknown("it was not imported", how),
        "message": absent("it was imported without fault", how) if fine else known(seen.message, how),
        "stderr": known(seen.stderr_head, how) if seen.stderr_head else absent("it wrote nothing there", how),
        "devices": _devices(seen, hidden, how),
        "libraries": unknown("they could not be listed", how)
        if seen.libraries is None
        else known(seen.libraries, how),
    }
    return {head + key: fact for key, fact in facts.items()}


def _devices(seen: Seen, hidden: bool, how: Evidence) -> Fact:
    if seen.devices is None:
        return unknown(seen.devices_reason, how)
    if hidden:
        return unknown(
            "GPUs in use by others were hidden from it, so what it would see was not looked at", how
        )
    return known(seen.devices, how)


def not_run(framework: str, reason: str) -> dict[str, Fact]:
    """Return a framework's facts where nothing was run."""
    keys = ("import", "import_s", "message", "stderr", "devices", "libraries")
    return {f"smoke.{framework}.{key}": unknown(reason) for key in keys}


def hidden_results(
    framework: str, workloads: Iterable[Workload], mask: Mask, facts: Facts
) -> list[SmokeResult]:
    """Return a skip for every workload on each GPU that was left alone."""
    if not may_use_gpus(framework, facts):
        return []
    chosen = [w for w in workloads if w.framework == framework and w.devices != "cpu"]
    return [
        SmokeResult(
            id=w.id,
            framework=framework,
            system=w.system,
            device=device.replace("cuda", _NAMES[framework]),
            status="skip",
            reason=reason,
        )
        for device, reason in mask.hidden.items()
        if framework == "jax" or not device.startswith("tpu")
        for w in chosen
    ]


def without_device(
    seen: Seen, workloads: Iterable[Workload], results: Iterable[SmokeResult]
) -> list[SmokeResult]:
    """Return a skip for each workload of accelerators where the framework listed none: never a pass."""
    if seen.devices is None or any(not device.lower().startswith("cpu") for device in seen.devices):
        return []
    told = {result.id for result in results}
    chosen = [w for w in workloads if w.framework == seen.framework and w.devices == "accelerator"]
    reason = f"{MODULES[seen.framework]} sees no accelerator here, so nothing can be said of one"
    return [
        SmokeResult(
            id=w.id,
            framework=seen.framework,
            system=w.system,
            device="accelerator",
            status="skip",
            reason=reason,
        )
        for w in chosen
        if w.id not in told
    ]


def may_use_gpus(framework: str, facts: Facts) -> bool:
    """Return False where the framework's build is known to hold no GPU code."""
    builds = _BUILDS[framework]
    return not builds or any(facts[key].state != "absent" for key in builds)


def rows(results: Iterable[SmokeResult]) -> Fact:
    """Return every outcome as rules see it; `kind` tells the ways of failing apart."""
    listed = [
        {
            "id": r.id,
            "framework": r.framework,
            "device": r.device,
            "status": r.status,
            "reason": r.reason,
            "kind": kind(r),
        }
        for r in results
    ]
    return known(listed, call("workloads"))


def kind(result: SmokeResult) -> str:
    """Return how a workload failed: by its status, and for `fail` and `crash` by its reason's first words."""
    if result.status in ("pass", "skip", "timeout"):
        return result.status
    starts = {
        "wrong numbers": "wrong-result",
        "wrong placement": "wrong-placement",
        "wrong training": "wrong-result",
    }
    starts["out of memory"] = "out-of-memory"
    return next((name for words, name in starts.items() if result.reason.startswith(words)), result.status)
