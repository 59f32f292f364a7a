"""The scheduler that started this process, and what it granted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, env, known
from auditor.probes.base import Collected, Probe, ask

Variables = Mapping[str, str]


class Scheduler(msgspec.Struct, frozen=True):
    """How one scheduler tells a job about itself: the first variable that is set counts."""

    name: str
    mark: str
    job_id: tuple[str, ...]
    cpus: tuple[str, ...]
    gpus: tuple[str, ...]
    memory_mib: Callable[[Variables], tuple[int, str] | None]


def _slurm_memory(variables: Variables) -> tuple[int, str] | None:
    """Return MiB by node, else by CPU (sbatch(1): both are MiB)."""
    if node := _integer(variables, "SLURM_MEM_PER_NODE"):
        return node, "SLURM_MEM_PER_NODE"
    each, cpus = _integer(variables, "SLURM_MEM_PER_CPU"), _integer(variables, "SLURM_CPUS_ON_NODE")
    return (each * cpus, "SLURM_MEM_PER_CPU") if each and cpus else None


def _no_memory(_: Variables) -> None:
    """These tell no memory through variables; the control group's limit holds."""


SCHEDULERS = (
    Scheduler(
        "slurm", "SLURM_JOB_ID", ("SLURM_JOB_ID",),
        ("SLURM_CPUS_ON_NODE", "SLURM_JOB_CPUS_PER_NODE", "SLURM_CPUS_PER_TASK"),
        ("SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "SLURM_GPUS_ON_NODE", "SLURM_GPUS"), _slurm_memory,
    ),
    Scheduler(
        "pbs", "PBS_JOBID", ("PBS_JOBID",), ("PBS_NCPUS", "PBS_NUM_PPN", "PBS_NP"), ("PBS_NGPUS",), _no_memory,
    ),
    Scheduler(
        "lsf", "LSB_JOBID", ("LSB_JOBID",), ("LSB_DJOB_NUMPROC", "LSB_MAX_NUM_PROCESSORS"),
        (), _no_memory,
    ),
    Scheduler("kubernetes", "KUBERNETES_SERVICE_HOST", (), (), (), _no_memory),
)  # fmt: skip

_KEYS = ("name", "job_id", "cpus", "gpus", "memory_mib")


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return the orchestrator.* facts; a batch scheduler inside Kubernetes is the nearer one."""
    variables = ask(host.environ)
    if not variables.is_known:
        return {f"orchestrator.{key}": variables for key in _KEYS}
    chosen = next((s for s in SCHEDULERS if variables.value.get(s.mark)), None)
    if chosen is None:
        none = absent("no scheduler's variables are set")
        return {f"orchestrator.{key}": none for key in _KEYS}
    return {f"orchestrator.{key}": fact for key, fact in _granted(chosen, variables.value).items()}


def _granted(scheduler: Scheduler, variables: Variables) -> dict[str, Fact]:
    memory = scheduler.memory_mib(variables)
    return {
        "name": known(scheduler.name, env(scheduler.mark)),
        "job_id": _first(scheduler.job_id, variables, str),
        "cpus": _first(scheduler.cpus, variables, _leading_number),
        "gpus": _first(scheduler.gpus, variables, str),
        "memory_mib": known(memory[0], env(memory[1])) if memory else absent("the scheduler names no memory"),
    }


def _first(names: tuple[str, ...], variables: Variables, read: Callable[[str], Any]) -> Fact:
    for name in names:
        if variables.get(name):
            return ask(lambda: read(variables[name]), env(name, variables[name]))  # noqa: B023
    return absent("the scheduler names none")


def _leading_number(text: str) -> int:
    """Return 16 of "16(x2)", Slurm's short form for two nodes of 16."""
    return int(text.partition("(")[0].partition(",")[0])


def _integer(variables: Variables, name: str) -> int | None:
    written = variables.get(name, "")
    return int(written) if written.isdigit() else None


PROBE = Probe(
    name="orchestrator", provides=tuple(f"orchestrator.{key}" for key in _KEYS), collect=collect, cost=0.001
)
