"""What a smoke run is asked and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from auditor.model.fact import Fact, Facts
from auditor.model.smoke import Level, SmokeResult

# distribution's import name, which the child imports
MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """When a child counts as hung, in seconds.

    Importing: `still_s` without any CPU time or I/O of the group is a hang (more than the minute that
    a working import may sleep through); so is `spin_s` of CPU time that reads and writes nothing, as
    every import reads files; `import_s` is the end in any case, far enough for a cold network disk.
    A workload may be still for `still_s` too, and ends after `workload_s`, on an accelerator after
    `accelerator_s`, because the first kernel may be compiled from PTX, which takes minutes.
    """

    still_s: float = 75.0
    spin_s: float = 150.0
    import_s: float = 600.0
    workload_s: float = 120.0
    accelerator_s: float = 300.0
    exit_s: float = 20.0


class SmokeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One smoke run of `frameworks` by the interpreter `python`, writing into `tmpdir` alone.

    `busy` uses GPUs that others use too. `only` names workloads whatever their level; `skip` leaves
    some out. `duration_s` is how long sustained load lasts, None for the workload's own time. `memory_limit_mib` is each child's limit of resident memory, None for the smaller of
    8 GiB and half of what is available. `workloads` is the folder of workload files.
    """

    python: str
    frameworks: tuple[str, ...]
    level: Level
    facts: Facts
    tmpdir: str
    cwd: str = ""
    busy: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    duration_s: float | None = None
    live: bool = True
    progress: Callable[..., None] = lambda *_: None  # a message and, at times, the seconds that are left
    deadlines: Deadlines = Deadlines()
    memory_limit_mib: int | None = None
    workloads: str | None = None


class SmokeOutcome(msgspec.Struct, frozen=True):
    """Every result, in the order frameworks, devices, workloads; and the facts `smoke.*`."""

    results: tuple[SmokeResult, ...] = ()
    facts: dict[str, Fact] = {}


class Interrupted(KeyboardInterrupt):
    """The user stopped the run; `outcome` holds what was done until then. No child is left."""

    def __init__(self, outcome: SmokeOutcome) -> None:
        super().__init__("interrupted while workloads ran")
        self.outcome = outcome


class Seen(msgspec.Struct, kw_only=True):
    """What a framework's children told so far; `import_state` is a value of `smoke.<fw>.import`."""

    framework: str
    import_state: str = ""
    import_s: float | None = None
    version: str = ""
    message: str = ""
    stderr_head: str = ""
    devices: list[str] | None = None
    devices_reason: str = "its import did not get that far"
    libraries: list[dict[str, Any]] | None = None
    results: list[SmokeResult] = []
