"""One build as what follows an installing command: for remedies, which bring their own command."""

from __future__ import annotations

import shlex

from auditor.engine.planning.choose import choose
from auditor.engine.planning.machine import machine_of
from auditor.engine.planning.steps import options, requirements
from auditor.engine.planning.torch_builds import torch_candidates
from auditor.model.fact import Facts


def torch_line(facts: Facts) -> str:
    """Return requirements and options of the newest torch that fits, whatever is installed.

    Where no build uses the accelerators, the build for the CPU; where none fits at all, plain "torch".
    """
    machine = machine_of(facts)
    candidates = list(torch_candidates(machine))
    build = choose(candidates, machine, machine.family).build or choose(candidates, machine, "cpu").build
    if build is None:
        return "torch"
    return " ".join([*(shlex.quote(part) for part in requirements(build, machine)), *options(build)])
