"""One build as what follows an installing command: for remedies, which bring their own command."""

from __future__ import annotations

import msgspec

from auditor.engine.planning.choose import choose
from auditor.engine.planning.machine import machine_of
from auditor.engine.planning.steps import options, quoted, requirements
from auditor.engine.planning.torch_builds import torch_candidates
from auditor.model.fact import Facts


def torch_line(facts: Facts) -> str:
    """Return requirements and options of the newest torch that fits, whatever is installed.

    torchvision and torchaudio follow where they are installed, since they belong to one torch. Where no build uses the accelerators, the build for the CPU; where none fits at all, an empty text.
    """
    machine = msgspec.structs.replace(machine_of(facts), free_kib=None)  # a remedy says itself what it needs
    candidates = list(torch_candidates(machine))
    build = choose(candidates, machine, machine.family).build or choose(candidates, machine, "cpu").build
    if build is None:
        return ""
    wanted = [*(quoted(part, machine) for part in requirements(build, machine)), *_companions(facts)]
    return " ".join([*wanted, *options(build)])


def leaves_gpu_idle(facts: Facts) -> bool:
    """Return whether no build of torch uses this machine's accelerator, so that the line is one for the CPU."""
    machine = machine_of(facts)
    return (
        machine.family != "cpu"
        and choose(list(torch_candidates(machine)), machine, machine.family).build is None
    )


def _companions(facts: Facts) -> list[str]:
    installed = {str(row["name"]).lower() for row in facts.value("python.distributions") or []}
    return [name for name in ("torchvision", "torchaudio") if name in installed]
