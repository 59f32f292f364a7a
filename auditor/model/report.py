"""The report: one object from which every format is made."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from auditor.model.fact import Fact
from auditor.model.finding import Finding
from auditor.model.recommendation import CriterionResult, Recommendation
from auditor.model.smoke import SmokeResult

SCHEMA_VERSION = 1

ProbeStatus = Literal["ok", "failed", "skipped", "timeout"]


class Tool(msgspec.Struct, frozen=True):
    """Which fwaudit wrote it, and how old its knowledge is (ISO date, empty where unknown)."""

    version: str
    knowledge_date: str = ""
    name: str = "fwaudit"


class ProbeRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a probe fared, and its wall time in seconds."""

    name: str
    status: ProbeStatus
    duration_s: float
    reason: str = ""


class HostInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was audited: `kind` is live, root or snapshot; `name` is redacted by default."""

    kind: Literal["live", "root", "snapshot", "paste"]
    name: str = ""
    source: str = ""


class TargetInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """The audited interpreter and why it was chosen; `usable` is False with a reason."""

    python: str = ""
    chosen_because: str = ""
    usable: bool = False
    reason: str = ""


class Redaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was hidden, by category and count; `enabled` False means nothing was."""

    enabled: bool
    counts: dict[str, int] = {}
    key: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one audit found. `findings` come most likely root cause first.

    `incomplete` says what kept the audit from being whole (interrupted, target unusable): exit 3.
    `options` are the choices that shaped it: level, goals, fail_on, assumptions.
    """

    tool: Tool
    created: str
    host: HostInfo
    target: TargetInfo
    facts: dict[str, Fact]
    findings: tuple[Finding, ...] = ()
    checks: tuple[Finding, ...] = ()
    smoke: tuple[SmokeResult, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    recommendation: Recommendation | None = None
    probes: tuple[ProbeRun, ...] = ()
    redaction: Redaction = Redaction(enabled=False)
    options: dict[str, Any] = {}
    incomplete: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
