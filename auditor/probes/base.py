"""What a probe is, and how one is run so that every key it promises comes out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Evidence, Fact, Facts, absent, known, unknown
from auditor.model.report import ProbeRun

Collected = Mapping[str, Fact]


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One subject. `provides` are keys of `rules/facts.toml`; `gpu[i].*` stands for any instance.

    `needs` are keys of other probes that must have run; `platforms` are values of sys.platform,
    empty for all; `cost` is a rough wall time in seconds, `deadline` the most that it may take (0: as
    long as the run); `collect(host, facts)` returns facts.
    """

    name: str
    provides: tuple[str, ...]
    collect: Callable[[Host, Facts], Collected]
    needs: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    cost: float = 0.01
    deadline: float = 0.0


def ask(question: Callable[[], Any], *evidence: Evidence, missing: str = "") -> Fact:
    """Return what `question()` answers as a fact: every way in which a machine refuses has its state.

    None and "no such file" are absent (`missing` says what that means); a refusal is unknown.
    """
    try:
        value = question()
    except NotRecorded as error:
        return unknown(str(error), *evidence)
    except (FileNotFoundError, NotADirectoryError):
        return absent(missing or "there is no such file", *evidence)
    except PermissionError:
        return unknown("permission denied", *evidence)
    except OSError as error:
        return unknown(f"{error.strerror or error}", *evidence)
    except CallFailed as error:
        return unknown(str(error), *evidence)
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        return unknown(
            f"could not be understood: {type(error).__name__}: {head(str(error), EXCERPT_LIMIT)}", *evidence
        )
    if value is None:
        return absent(missing or "none", *evidence)
    return known(value, *evidence)


def read_or_none(host: Host, path: str) -> str | None:
    """Return a file's text without surrounding white space, or None where it cannot be read."""
    try:
        return host.read(path).strip()
    except (OSError, NotRecorded):
        return None


def list_or_empty(host: Host, path: str) -> list[str]:
    """Return a folder's names, or none where it cannot be read."""
    try:
        return host.listdir(path)
    except (OSError, NotRecorded):
        return []


def run_probe(probe: Probe, host: Host, facts: Facts) -> tuple[dict[str, Fact], ProbeRun]:
    """Run one probe; a promised key that did not come out is unknown, with the reason.

    An exception in a probe is our own defect: it costs that probe's facts, never the report.
    """
    start = time.monotonic()
    found: dict[str, Fact] = {}
    reason = ""
    told = getattr(host, "told", None)
    if told:
        return _told(probe, told(probe.provides))
    try:
        _check_platform(probe, host)
        found = dict(probe.collect(host, facts))
    except NotRecorded as error:
        reason = str(error)
        status = "skipped"
    except Exception as error:
        reason = f"{type(error).__name__}: {head(str(error), EXCERPT_LIMIT)}"
        status = "failed"
    else:
        status = "ok"
    why = (
        f"the probe {probe.name!r} {status}: {reason}"
        if reason
        else f"the probe {probe.name!r} gave no answer"
    )
    found.update(_missing(probe, found, why))
    return found, ProbeRun(probe.name, status, round(time.monotonic() - start, 4), reason)  # type: ignore[arg-type]


def _told(probe: Probe, found: dict[str, Fact]) -> tuple[dict[str, Fact], ProbeRun]:
    """Take the facts from a stored report: nothing can be looked at any more."""
    missing = _missing(probe, found, "the report does not tell it")
    return {**missing, **found}, ProbeRun(probe.name, "ok", 0.0)


def _missing(probe: Probe, found: Collected, why: str) -> dict[str, Fact]:
    return {key: unknown(why) for key in probe.provides if "[i]" not in key and key not in found}


def _check_platform(probe: Probe, host: Host) -> None:
    """Refuse to look where a missing file would mean nothing; captured machines are what they are."""
    if host.live and probe.platforms and sys.platform not in probe.platforms:
        msg = f"it can be looked at on {', '.join(probe.platforms)} only, and this is {sys.platform}"
        raise NotRecorded(msg)


def in_order(probes: Iterable[Probe]) -> list[Probe]:
    """Return the probes so that each comes after those that provide what it needs.

    Raises:
        ValueError: a need that nobody provides, or a circle.

    """
    left = list(probes)
    ready: list[Probe] = []
    have: set[str] = set()
    while left:
        now = [p for p in left if all(need in have for need in p.needs)]
        if not now:
            msg = "needs that cannot be met: " + ", ".join(f"{p.name} needs {p.needs}" for p in left)
            raise ValueError(msg)
        ready += now
        have.update(key for p in now for key in p.provides)
        left = [p for p in left if p not in now]
    return ready
