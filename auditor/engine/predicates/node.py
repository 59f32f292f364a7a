"""The state of a node's processes, processors, clock and names, as far as a job suffers from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.engine.look import Look, Undecided
from auditor.engine.subjects import gpu_name, nvidia_gpus, wants
from auditor.engine.verdict import Verdict, fail, not_applicable, passed

Options = Mapping[str, Any]
Row = Mapping[str, Any]

_BUSY_PERCENT = 50  # an idle card lowers its clock on purpose
_GONE = "[Not Found]"  # nvidia-smi's words for the holder of a process id that nobody has
_LEFT_MIB = 1024  # more than a driver, its display and ECC keep for themselves
_MOST_CPUS = 65536  # no machine has more: a list that claims so is not written out
_HUNG_S = 3600.0  # a task that hung within the hour hinders today's job


def gpu_straggler(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Compare the clocks of busy cards of one model: `share` is what of the median a card must reach."""
    kinds: dict[str, list[int]] = {}
    for index in nvidia_gpus(look):
        kinds.setdefault(gpu_name(look, index), []).append(index)
    busy = [index for alike in kinds.values() if len(alike) > 1 for index in alike if _is_busy(look, index)]
    found: list[Verdict] = []
    for alike in kinds.values():
        clocks = {i: look.value(f"gpu[{i}].clock_sm_mhz") for i in alike if i in busy}
        if len(clocks) > 1 and all(clocks.values()):
            found += _slower(look, clocks, options["share"])
    return found or not_applicable("no two cards of one model are at work")


def _is_busy(look: Look, index: int) -> bool:
    return (look.value(f"gpu[{index}].utilization_percent") or 0) >= _BUSY_PERCENT


def _slower(look: Look, clocks: Mapping[int, float], share: float) -> Iterator[Verdict]:
    from statistics import median

    usual = median(clocks.values())
    for index, clock in clocks.items():
        slow = clock < share * usual
        yield fail(f"gpu:{index}", gpu=gpu_name(look, index), clock=f"{clock:g}", usual=f"{usual:g}") if slow else (
            passed(f"gpu:{index}")
        )  # fmt: skip


def zombie_gpu_process(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find memory of a card that is held by a process which ended, or by none that can be seen."""
    cards = nvidia_gpus(look)
    if not cards:
        return not_applicable("no NVIDIA GPU is described")
    ended = {row["pid"] for row in look.maybe("node.zombies") or []}
    return [_holder(look.bind("gpu", index), index, ended) for index in cards]


def _holder(look: Look, index: int, ended: set[int]) -> Verdict:
    subject, rows = f"gpu:{index}", look.value("gpu[i].processes")
    if isinstance(rows, list):
        for row in rows:
            dead = row.get("pid") in ended
            if dead or row.get("name") == _GONE:
                holder = f"process {row['pid']}, which {'has ended' if dead else 'does not exist'}"
                return _held(look, index, holder, row.get("memory_mib"), sure=dead)
    if rows == [] and _is_full(look) and look.value("container.runtime") is None:
        used = look.maybe("gpu[i].memory_used_mib")
        return _held(look, index, "no process that can be seen", used, sure=False)
    return passed(subject)


def _held(look: Look, index: int, holder: str, used: int | None, *, sure: bool) -> Verdict:
    """Return the finding; in a container other people's processes have no name, and that is no fault."""
    if not sure and look.maybe("container.runtime") is not None:
        return not_applicable("a container does not see the host's processes", f"gpu:{index}")
    return fail(f"gpu:{index}", gpu=gpu_name(look, index), holder=holder, used=f"{used} MiB" if used else "memory",
                confidence=None if sure else "likely")  # fmt: skip


def _is_full(look: Look) -> bool:
    """Return whether memory is in use although nothing computes or draws."""
    used, load = look.maybe("gpu[i].memory_used_mib"), look.maybe("gpu[i].utilization_percent")
    return bool(used and used >= _LEFT_MIB and load == 0 and look.maybe("gpu[i].mig_mode") != "Enabled")


def dstate_processes(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Find processes that wait in the kernel for a driver or a file server; `where` matches kernel functions."""
    rows, events = look.fact("node.blocked_processes"), look.maybe("node.kernel_events") or []
    stuck = [row for row in rows.value or [] if re.match(options["where"], str(row.get("wchan") or ""))]
    found = [fail(f"{row['name']} {row['pid']}", task=f"{row['name']} ({row['pid']})",
                  said=f"waits in the kernel, in {row['wchan']}") for row in stuck]  # fmt: skip
    found += [
        fail(task="a task", said=f"hung: {event['line']}")
        for event in events
        if event["kind"] == "hung-task" and event.get("age_s", 0.0) <= _HUNG_S
    ][:1]
    if not found and rows.state == "unknown":
        raise Undecided(f"node.blocked_processes: {rows.reason}")
    return found or passed()


def cpu_governor_slow(look: Look, options: Options) -> Verdict:
    """Find a governor that keeps the processors slow; some drivers' `powersave` follows the load (`dynamic`)."""
    governor = look.value("cpu.governor")
    if governor is None:
        return not_applicable("the kernel controls no frequency here")
    slow = [name for name in str(governor).split(",") if name in options["slow"]]
    if not slow or (slow == ["powersave"] and look.value("cpu.scaling_driver") in options["dynamic"]):
        return passed()
    return fail(governor=slow[0])


def numa_misplaced(look: Look, _: Options) -> Verdict:
    """Find a process that is bound to the processors of one node while its GPUs hang on another."""
    nodes = {int(node): _cpus(text) for node, text in (look.value("numa.cpulist") or {}).items()}
    mine = set(look.value("cpu.affinity") or ())
    if len(nodes) < 2 or not mine:
        return not_applicable("there is one NUMA node")
    places = {i: look.maybe(f"gpu[{i}].numa_node") for i in _visible(look)}
    placed = {index: node for index, node in places.items() if node in nodes}
    if not placed:
        return not_applicable("no GPU tells its NUMA node")
    near = {node for node, cpus in nodes.items() if cpus & mine}
    far = [index for index, node in placed.items() if node not in near]
    if not far:
        return passed()
    away = ", ".join(f"gpu:{index} (node {placed[index]})" for index in far)
    return fail(
        away=away,
        near=", ".join(map(str, sorted(near))),
        node=placed[far[0]],
        severity=None if len(far) == len(placed) else "note",
    )


def _visible(look: Look) -> Sequence[int]:
    seen = look.maybe("env.visible_gpus")
    return nvidia_gpus(look) if seen is None else seen


def _cpus(text: str) -> set[int]:
    """Return the processors of "0-15,32-47", of a list that claims more than any machine has the first."""
    spans = [part.partition("-") for part in str(text).split(",") if part.strip()]
    return {
        number for low, _, high in spans for number in range(int(low), min(int(high or low), _MOST_CPUS) + 1)
    }


def clock_unsynchronised(look: Look, _: Options) -> Verdict:
    """Report a clock that no server corrects; between nodes of one job it matters more."""
    if str(look.maybe("os.platform")).startswith("wsl"):
        return not_applicable("Windows sets this clock")
    if look.value("node.clock_synchronised") is not False:
        return passed()
    if wants(look, "distributed"):
        return fail()
    if look.maybe("container.runtime"):
        return not_applicable("a container's clock is the host's, and can be set there alone")
    return fail(severity="note")


def dns_broken(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Find names that do not resolve: those that were asked for, and those that a message names."""
    asked = look.fact("node.names")
    found = [fail(row["name"], name=row["name"]) for row in asked.value or [] if row.get("resolves") is False]
    name = str(look.maybe("log.unresolved_name") or "").strip(".").lower()
    if name:
        public = name.endswith(tuple(options["public"]))
        found.append(fail(name, name=name, confidence="likely" if public else "possible",
                          severity=None if public else "note"))  # fmt: skip
    if not found and asked.state == "unknown":
        raise Undecided(f"node.names: {asked.reason}")
    return found or passed()
