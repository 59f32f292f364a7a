"""Device masks that leave no device, or that name one that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown

Options = Mapping[str, Any]

_VENDOR = {
    "CUDA_VISIBLE_DEVICES": "nvidia",
    "NVIDIA_VISIBLE_DEVICES": "nvidia",
    "ROCR_VISIBLE_DEVICES": "amd",
    "HIP_VISIBLE_DEVICES": "amd",
    "GPU_DEVICE_ORDINAL": "amd",
    "ZE_AFFINITY_MASK": "intel",
    "ONEAPI_DEVICE_SELECTOR": "intel",
    "TPU_VISIBLE_CHIPS": "tpu",
    "TPU_VISIBLE_DEVICES": "tpu",
}


def masked_devices(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Report the masks of accelerators that are here; what cannot be told stays unknown."""
    if beyond := _beyond(look):
        return beyond
    rows = look.value("env.masks")
    if not rows:
        return not_applicable("no mask is set")
    vendors = look.value("accelerators.vendors") or []
    masks = [mask for mask in rows if _matters(mask, vendors)]
    if not masks:
        return not_applicable("no mask concerns an accelerator that is here")
    found = [_masked(mask) for mask in masks if mask.get("visible") is not None and _is_wrong(mask)]
    open_ones = [
        f"env.masks: {mask['problem']}"
        for mask in masks
        if mask.get("visible") is None and mask.get("problem")
    ]
    return found or (unknown(*open_ones) if open_ones else passed())


def _beyond(look: Look) -> Verdict | None:
    """Judge a device number that a program asked for in vain: a mask numbers what it leaves from 0 on."""
    mask = (look.maybe("env.variables") or {}).get("CUDA_VISIBLE_DEVICES", "")
    entries = [word for word in str(mask).split(",") if word.strip()]
    here = look.maybe("nvidia.gpu_count")
    if look.maybe("log.bad_ordinal") is None or not entries or (here and len(entries) >= here):
        return None
    left = "one device" if len(entries) == 1 else f"{len(entries)} devices"
    problem = (
        f"CUDA_VISIBLE_DEVICES leaves {left}, numbered from 0, and the program asked for a number beyond"
    )
    return fail(
        "CUDA_VISIBLE_DEVICES",
        variable="CUDA_VISIBLE_DEVICES",
        value=mask,
        problem=problem,
        confidence="likely",
    )


def _matters(mask: Mapping[str, Any], vendors: list[str]) -> bool:
    vendor = _VENDOR.get(mask["variable"])
    return bool(vendors) if vendor is None else vendor in vendors


def _is_wrong(mask: Mapping[str, Any]) -> bool:
    return bool(mask.get("problem")) or mask["visible"] == []


def _masked(mask: Mapping[str, Any]) -> Verdict:
    """Judge a mask; what people set on purpose to compute on the CPU warns only."""
    on_purpose = mask["variable"] == "JAX_PLATFORMS" or str(mask["value"]).strip() == "-1"
    return fail(
        mask["variable"],
        variable=mask["variable"],
        value=mask["value"],
        problem=mask.get("problem") or f"{mask['variable']} hides every device",
        severity="warning" if on_purpose else None,
    )
