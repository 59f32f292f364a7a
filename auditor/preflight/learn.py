"""Writes a profile from a node that is known to be good: its figures, with tolerances."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from auditor.host.protocol import Host
from auditor.model.fact import Facts

Row = tuple[str, Any, str]  # check, figure, what it was learnt from


class Lesson(NamedTuple):
    """How a check's figure is learnt from a fact: None leaves the check out."""

    check: str
    fact: str
    figure: Callable[[Any], Any]
    tolerance: str = ""


def _exact(value: Any) -> Any:
    return value or None


def _less(share: float) -> Callable[[Any], Any]:
    return lambda value: int(value * share) if value and value > 0 else None


def _branch(version: Any) -> str:
    """Return the first release of a driver's branch: a later patch must not fail the node."""
    return f"{str(version).split('.')[0]}.0"


def _pattern(text: Any) -> str:
    import re

    return "^" + re.escape(str(text)).replace("\\ ", " ") + "$"


def _limit(value: Any) -> int:
    return int(value)


LESSONS: tuple[Lesson, ...] = (
    Lesson("gpu-count", "nvidia.gpu_count", _exact),
    Lesson("gpu-count-bus", "nvidia.pci_gpu_count", _exact),
    Lesson("gpu-driver", "nvidia.driver_version", _branch, "of the same branch or newer"),
    Lesson("amd-gpu-count", "amd.gpu_count", _exact),
    Lesson("cpu-count", "cpu.logical_online", _exact),
    Lesson("cpu-sockets", "cpu.sockets", _exact),
    Lesson("cpu-cores", "cpu.cores", _exact),
    Lesson("numa-nodes", "numa.node_count", _exact),
    Lesson("memory-total", "memory.total_kib", _less(0.98), "2 % less: the kernel's own share differs"),
    Lesson("shm", "memory.shm_total_kib", _less(0.95), "5 % less"),
    Lesson("memlock", "limits.memlock", _limit),
    Lesson("nofile", "limits.nofile", _limit),
    Lesson("fabric-ports", "node.active_ports", _exact),
    Lesson("product", "system.product", _pattern),
    Lesson("firmware-version", "node.firmware_version", _pattern),
    Lesson("memory-modules", "node.memory_modules", _exact),
    Lesson("huge-pages", "memory.hugepages_total", _limit, "exactly: jobs are sized by it"),
    Lesson("cpu-model", "cpu.model_name", _pattern),
    Lesson("amd-driver", "amd.driver_version", _branch, "of the same branch or newer"),
    Lesson("amd-rocm", "amd.rocm_version", _branch, "of the same branch or newer"),
)
_PER_CARD = (
    Lesson("gpu-model", "name", _pattern),
    Lesson("gpu-memory", "memory_total_mib", _less(0.98), "2 % less"),
    Lesson("gpu-pcie-width", "pcie_width", _exact),
    Lesson("gpu-pcie-generation", "pcie_generation_max", _exact),
    Lesson("gpu-mig", "mig_mode", _exact),
    Lesson("gpu-clock-max", "clock_sm_max_mhz", _less(0.98), "2 % less"),
    Lesson("gpu-power-limit", "power_limit_w", _less(0.99), "1 % less"),
)


# facts from which lists are learnt, beside those of LESSONS
LISTS = ("node.mounts", "node.ports_by_rate", "node.interfaces", "amd.gfx_targets")


def lessons(facts: Facts) -> Iterator[Row]:
    """Yield each check with the figure that this node shows; what is unknown or absent teaches nothing."""
    for lesson in LESSONS:
        fact = facts[lesson.fact]
        figure = lesson.figure(fact.value) if fact.is_known else None
        if figure is not None:
            yield lesson.check, figure, _told(lesson, fact.value)
    yield from _cards(facts)
    rates = facts.value("node.ports_by_rate") or {}
    best = max((int(rate) for rate, count in rates.items() if count), default=0)
    if best:
        yield f"fabric-ports-{best}", rates[str(best)], f"{rates[str(best)]} ports of {best} Gb/s or more"
    yield from _lists(facts)


def _lists(facts: Facts) -> Iterator[Row]:
    """Yield what a site names: its GPU targets, network mounts, interfaces and loaded modules."""
    targets = facts.value("amd.gfx_targets") or []
    if len(targets) == 1:
        yield "amd-gfx", targets[0], f"this node: {targets[0]}"
    up = {
        row["name"]: row["speed_mbps"] or 0
        for row in facts.value("node.interfaces") or ()
        if row["state"] == "up"
    }
    if up:
        yield "interfaces", up, "the interfaces of this node that are up, at their speed"
    remote = [row["path"] for row in facts.value("node.mounts") or () if row["remote"] and row.get("answers")]
    if remote:
        yield "mounts", remote, "the network mounts of this node"


def _cards(facts: Facts) -> Iterator[Row]:
    """Yield what all cards of the node have in common."""
    indices = facts.instances("gpu")
    for lesson in _PER_CARD:
        values = [facts.value(f"gpu[{index}].{lesson.fact}") for index in indices]
        if values and None not in values and len({str(value) for value in values}) == 1:
            figure = lesson.figure(values[0])
            if figure is not None:
                yield lesson.check, figure, _told(lesson, values[0])


def _told(lesson: Lesson, value: Any) -> str:
    return f"this node: {value}" + (f", {lesson.tolerance}" if lesson.tolerance else "")


def profile_text(name: str, facts: Facts, when: str) -> str:
    """Return the profile as TOML."""
    parts = [
        f"# Learnt by `fwaudit profile learn` on {when} from a node known to be good. Edit as you like;",
        "# `fwaudit profile lint` checks it, `fwaudit explain CODE` and docs/preflight.md tell what each check means.",
        f"id = {_toml(name)}",
        f"title = {_toml(f'learnt on {when}')}",
    ]
    for check, figure, told in lessons(facts):
        parts += [
            "",
            "[[check]]",
            f"name = {_toml(check)}",
            f"value = {_toml(figure)}",
            f"source = {_toml(told)}",
        ]
    return "\n".join(parts) + "\n"


def doubts(text: str, facts: Facts, host: Host | None) -> list[str]:
    """Return what the learnt profile finds wrong with the node that taught it, asked again where it is there."""
    import tempfile
    import time
    from pathlib import Path

    from auditor.knowledge.profiles import load_profile
    from auditor.preflight.gate import preflight
    from auditor.preflight.judge import judge
    from auditor.preflight.request import Request

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learnt.toml"
        path.write_text(text, encoding="utf-8")
        if host is None:
            rows = judge(load_profile([str(path)]).checks, facts)
        else:
            request = Request(profiles=(str(path),), started=time.monotonic(), budget=60.0)
            rows = list(preflight(request, host).judged)
    return [
        f"{row.check.name} {finding.subject}".strip() + f": {finding.message or finding.title}"
        for row in rows
        for finding in row.having("fail")
        if finding.severity == "error"
    ]


def _toml(value: Any) -> str:
    """Return a value as TOML writes it; its strings, lists and numbers are JSON's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=True)
