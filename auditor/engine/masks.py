"""Device masks explained down to the index that a framework will see: `env.masks`, `env.visible_gpus`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.engine.mask_syntax import Masked, by_index, by_mig, by_selector, by_uuid
from auditor.model.fact import Fact, Facts, absent, computed, env, known, unknown

CUDA, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"
Explain = Callable[[str, Facts], Masked]

_ORDER_UNKNOWN = (
    "the cards differ and CUDA numbers them by speed unless CUDA_DEVICE_ORDER=PCI_BUS_ID, so that an index may be "
    "another card than in nvidia-smi"
)


def derive(facts: Facts) -> dict[str, Fact]:
    """Return every mask that is set, with what it leaves, and the NVIDIA GPUs that stay visible."""
    variables = facts["env.variables"]
    inputs = computed("env.variables", "nvidia.gpus")
    if not variables.is_known:
        reason = variables.reason or "the environment is not known"
        return {"env.masks": unknown(reason, inputs), "env.visible_gpus": unknown(reason, inputs)}
    masks = explained(variables.value, facts)
    evidence = [env(mask["variable"], mask["value"]) for mask in masks]
    return {
        "env.masks": known(masks, *evidence) if masks else absent("no mask is set", inputs),
        "env.visible_gpus": _visible_gpus(variables.value, facts),
    }


def explained(variables: dict[str, str], facts: Facts) -> list[dict[str, Any]]:
    """Return {variable, value, framework, visible, problem} of each mask that is set."""
    found = []
    for name, (framework, explain) in MASKS.items():
        if name in variables:
            masked = explain(variables[name], facts)
            problem = f"{name} {masked.problem}" if masked.problem else ""
            found.append(
                {
                    "variable": name,
                    "value": variables[name],
                    "framework": framework,
                    "visible": masked.visible,
                    "problem": problem,
                }
            )
    return found


def _visible_gpus(variables: dict[str, str], facts: Facts) -> Fact:
    evidence = computed("env.variables", "nvidia.gpus")
    gpus = facts["nvidia.gpus"]
    if not gpus.is_known:
        return Fact(gpus.state, None, gpus.reason or "the NVIDIA GPUs are not known", (evidence,))
    if CUDA not in variables:
        return known(list(range(len(gpus.value))), evidence)
    masked = cuda(variables[CUDA], facts)
    if masked.visible is None:
        return unknown(f"{CUDA} {masked.problem}", env(CUDA, variables[CUDA]), evidence)
    return known(masked.visible, env(CUDA, variables[CUDA]), evidence)


def cuda(value: str, facts: Facts) -> Masked:
    """Return what CUDA_VISIBLE_DEVICES leaves of the NVIDIA GPUs, by their index in nvidia-smi.

    nvidia-smi numbers cards by PCI address; CUDA does so with CUDA_DEVICE_ORDER=PCI_BUS_ID, else
    from the fastest on (CUDA Programming Guide), which is the same where all cards are alike.
    """
    gpus: list[dict[str, Any]] | None = facts.value("nvidia.gpus")
    uuids = [gpu.get("uuid") for gpu in gpus or []]
    if value.strip() == "NoDevFiles":
        return Masked([], "is what Slurm sets where a job asked for no GPU: no device is visible")
    if value.startswith("MIG-"):
        return by_mig(value, mig_parents(facts), uuids)
    if value.startswith("GPU-"):
        return (
            by_uuid(value, uuids) if gpus else Masked(None, "names devices by UUID, and no GPU is known here")
        )
    masked = by_index(value, len(gpus) if gpus is not None else None)
    if masked.visible and gpus and not _same_order(facts, gpus):
        return Masked(None, masked.problem or f"names indices: {_ORDER_UNKNOWN}")
    return masked


def _same_order(facts: Facts, gpus: list[dict[str, Any]]) -> bool:
    order = facts.value("env.variables", {}).get(ORDER, "FASTEST_FIRST")
    return order == "PCI_BUS_ID" or len({gpu.get("name") for gpu in gpus}) == 1


def mig_parents(facts: Facts) -> dict[str, int]:
    """Return the UUID of each MIG instance with the index of its card."""
    return {
        device["uuid"]: card
        for card in facts.instances("gpu")
        for device in facts.value(f"gpu[{card}].mig_devices") or []
        if device.get("uuid")
    }


def _order(value: str, facts: Facts) -> Masked:
    gpus = facts.value("nvidia.gpus") or []
    if value not in ("PCI_BUS_ID", "FASTEST_FIRST"):
        return Masked(None, "is neither PCI_BUS_ID nor FASTEST_FIRST")
    return Masked(None) if _same_order(facts, gpus) else Masked(None, f"is {value}: {_ORDER_UNKNOWN}")


def _container(value: str, facts: Facts) -> Masked:
    """Explain NVIDIA_VISIBLE_DEVICES: read when a container starts (NVIDIA Container Toolkit, GPU enumeration)."""
    inside = facts["container.runtime"].is_known
    if not inside or value.strip() not in ("", "void", "none"):
        return Masked(None)
    given = "gives the driver's tools but no GPU" if value.strip() == "none" else "gives no GPU and no driver"
    return Masked([], f"{given} to this container")


def _amd(value: str, facts: Facts) -> Masked:
    """Explain HIP_VISIBLE_DEVICES and its like: they count what ROCR_VISIBLE_DEVICES left (ROCm, GPU isolation)."""
    rocr = facts.value("env.variables", {}).get("ROCR_VISIBLE_DEVICES")
    left = _rocr(rocr, facts).visible if rocr is not None else None
    count = len(left) if left is not None else facts.value("amd.gpu_count")
    if value.startswith("GPU-") or not value.strip():
        return Masked(None)  # amd.gpus holds no UUIDs; HIP's runtime takes an empty value as not set
    masked = by_index(value, count)
    if left is None or masked.visible is None:
        return masked if rocr is None else Masked(None, masked.problem)
    return Masked([left[index] for index in masked.visible], masked.problem)


def _rocr(value: str, facts: Facts) -> Masked:
    if "GPU-" in value:
        return Masked(None)
    return by_index(value, facts.value("amd.gpu_count"))


def _level_zero(value: str, facts: Facts) -> Masked:
    """Explain ZE_AFFINITY_MASK: devices, or device.tile (Level Zero specification, Affinity Mask)."""
    gpus = facts.value("intel.gpus")
    devices = dict.fromkeys(entry.strip().partition(".")[0] for entry in value.split(","))
    return (
        by_index(",".join(devices), len(gpus) if gpus is not None else None)
        if value.strip()
        else Masked(None)
    )


def _tpu(value: str, facts: Facts) -> Masked:
    chips = facts.value("tpu.chips")
    return by_index(value, len(chips) if chips is not None else None)


def _jax(value: str, facts: Facts) -> Masked:
    """Explain JAX_PLATFORMS: only these backends are started, and each must start (jax, config_options)."""
    platforms = [each.strip() for each in value.lower().split(",") if each.strip()]
    vendors = facts.value("accelerators.vendors")
    if vendors is None:
        return Masked(None)
    missing = [each for each in platforms if each in _JAX_VENDORS and _JAX_VENDORS[each] not in vendors]
    if missing:
        return Masked([], f"asks for {', '.join(missing)}, which this machine has not: JAX will not start")
    if platforms == ["cpu"] and set(vendors) & set(_JAX_VENDORS.values()):
        return Masked([], "lets JAX use the CPU only")
    return Masked(None)


def _slurm(value: str, facts: Facts) -> Masked:
    """Hold what Slurm granted on this node (SLURM_GPUS_ON_NODE) against CUDA_VISIBLE_DEVICES."""
    mask = facts.value("env.variables", {}).get(CUDA, "")
    named = len([each for each in mask.split(",") if each.strip()])
    if value.isdigit() and named > int(value):
        return Masked(None, f"grants {value}, and {CUDA}={mask} names {named}")
    return Masked(None)


_JAX_VENDORS = {"cuda": "nvidia", "rocm": "amd", "tpu": "tpu"}
_ALL_CUDA, _ROCM = "every CUDA program", "PyTorch, TensorFlow and JAX on ROCm"
# variable -> who obeys it, and how to read it
MASKS: dict[str, tuple[str, Explain]] = {
    CUDA: (_ALL_CUDA, cuda),
    ORDER: (_ALL_CUDA, _order),
    "NVIDIA_VISIBLE_DEVICES": ("the container runtime, when a container starts", _container),
    "ROCR_VISIBLE_DEVICES": (_ROCM, _rocr),
    "HIP_VISIBLE_DEVICES": (_ROCM, _amd),
    "GPU_DEVICE_ORDINAL": (_ROCM, _amd),
    "ZE_AFFINITY_MASK": ("PyTorch on XPU", _level_zero),
    "ONEAPI_DEVICE_SELECTOR": ("PyTorch on XPU", lambda value, _: by_selector(value)),
    "TPU_VISIBLE_CHIPS": ("JAX and PyTorch/XLA", _tpu),
    "TPU_VISIBLE_DEVICES": ("JAX and PyTorch/XLA", _tpu),
    "JAX_PLATFORMS": ("JAX", _jax),
    "SLURM_GPUS_ON_NODE": ("Slurm", _slurm),
}
