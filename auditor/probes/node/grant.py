"""What was granted here against what libraries will assume, with the thread and worker counts to set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Facts, computed, known, unknown
from auditor.probes.base import Collected, Probe, ask

_COUNTS = ("SLURM_GPUS_ON_NODE", "PBS_NGPUS")
_LISTS = ("SLURM_STEP_GPUS", "SLURM_JOB_GPUS")
_MASKS = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
_THREADS = "OMP_NUM_THREADS"

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.grant, a list of one row."""
    cpus, assumed = facts["cpu.usable"], facts["cpu.assumed_by_libraries"]
    blind = next((fact for fact in (cpus, assumed) if not fact.is_known), None)
    if blind is not None:
        return {"node.grant": unknown(blind.reason, *blind.evidence)}
    variables = ask(host.environ)
    said: Mapping[str, str] = variables.value or {}
    grants = ("gpus_granted", "gpus_visible", "memory_kib")
    hidden = {} if variables.is_known else {"unknown": dict.fromkeys(grants, variables.reason)}
    gpus = dict.fromkeys(grants[:2]) if hidden else _gpus(said, facts)
    ranks = max(1, gpus["gpus_visible"] or 0)
    threads = max(1, int(cpus.value) // ranks)
    stated = said.get(_THREADS, "")
    row: Row = {
        "cpus": cpus.value,
        "assumed": int(stated) if stated.isdigit() else assumed.value,
        "ranks": ranks,
        "threads": threads,
        "workers": max(1, threads - 1),  # a rank's own thread beside its loader's workers
        **gpus,
        **hidden,
        "memory_kib": None if hidden else _times_1024(facts.value("orchestrator.memory_mib")),
        "memory_usable_kib": facts.value("memory.usable_kib"),
    }
    return {"node.grant": known([row], *cpus.evidence, computed("cpu.usable", "orchestrator.*"))}


def _times_1024(mib: int | None) -> int | None:
    return None if mib is None else mib * 1024


def _gpus(said: Mapping[str, str], facts: Facts) -> Row:
    """Return how many GPUs the scheduler granted and how many a framework may see."""
    granted = next((_count(said[name]) for name in _COUNTS if said.get(name)), None)
    if granted is None:
        granted = next((_listed(said[name]) for name in _LISTS if said.get(name)), None)
    mask = next((said[name] for name in _MASKS if name in said), None)
    there = [facts.value(key) for key in ("nvidia.gpu_count", "amd.gpu_count")]
    shown = None if there == [None, None] else sum(count or 0 for count in there)
    visible = (
        shown if mask is None else len([part for part in mask.split(",") if part.strip() not in ("", "-1")])
    )
    return {"gpus_granted": granted, "gpus_visible": visible}


def _count(text: str) -> int | None:
    """Return 4 of "4" or "gpu:h100:4"."""
    found = re.search(r"(\d+)(?:\(.*)?$", text.strip())
    return int(found[1]) if found else None


def _listed(text: str) -> int:
    """Return how many entries "0,2-3" has, without writing out a span."""
    found = 0
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        span = first.isdigit() and last.isdigit()
        found += max(int(last) - int(first) + 1, 0) if span else 1
    return found


PROBE = Probe(
    name="node/grant",
    needs=("cpu.usable", "cpu.assumed_by_libraries", "nvidia.gpu_count", "amd.gpu_count", "orchestrator.memory_mib", "memory.usable_kib"),
    provides=("node.grant",),
    collect=collect,
    cost=0.002,
)  # fmt: skip
