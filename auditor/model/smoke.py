"""What a workload showed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Framework = Literal["pytorch", "tensorflow", "jax"]
SmokeStatus = Literal["pass", "fail", "crash", "timeout", "skip"]
Level = Literal["none", "quick", "standard", "deep"]

LEVELS: tuple[Level, ...] = ("none", "quick", "standard", "deep")


class SmokeResult(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One workload on one device. `metrics` hold figures with their unit in the name."""

    id: str
    framework: str
    system: str = ""
    device: str = ""
    status: SmokeStatus = "skip"
    reason: str = ""
    duration_s: float = 0.0
    metrics: dict[str, Any] = {}
    placed_on: str = ""
    stderr_tail: str = ""
