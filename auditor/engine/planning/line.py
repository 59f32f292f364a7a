"""One build as what follows an installing command: for remedies, which bring their own command."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from auditor.engine.look import Look
from auditor.engine.planning.candidate import Candidate, newest_first
from auditor.engine.planning.choose import choose, unblocking
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.machine import Machine, machine_of
from auditor.engine.planning.older import older_candidates, older_words
from auditor.engine.planning.other_builds import jax_candidates, tensorflow_candidates
from auditor.engine.planning.steps import options, quoted, requirements
from auditor.engine.planning.torch_builds import torch_candidates
from auditor.engine.subjects import is_jetson
from auditor.engine.versions import NoVersion, minor, parse
from auditor.model.fact import Facts


def torch_line(facts: Facts, *, keep: bool = True) -> str:
    """Return requirements and options of the torch that fits: the installed release where it does, else the newest.

    torchvision and torchaudio follow where they are installed, since they belong to one torch. The build for the
    CPU is meant only where it is told that there is no accelerator. Where none fits, or nobody told what there is,
    an empty text; so too on a Jetson, whose wheels are NVIDIA's.
    """
    if (facts["accelerators.vendors"].state == "unknown" and not facts.instances("gpu")) or is_jetson(
        Look(facts)
    ):
        return ""
    machine = _machine(facts)
    candidates = list(torch_candidates(machine))
    same = _same_release(candidates, machine, facts) if keep else []
    its_own = _on_python_of(same, machine, facts)
    build = choose(same, its_own, machine.family).build or choose(candidates, machine, machine.family).build
    if build is None:
        return ""
    return _written(build, machine, facts)


def torch_for_driver(facts: Facts) -> str:
    """Return the line of the torch whose CUDA is the newest that the driver runs, by what the driver itself says.

    For a paste in which a framework complains of the driver and nobody told the card: nothing but the driver is weighed.
    """
    said = facts.value("nvidia.cuda_driver_version")
    if not said or is_jetson(Look(facts)):
        return ""
    machine = _machine(facts)
    fitting = [
        one
        for one in torch_candidates(machine)
        if one.family == "cuda" and one.has_wheel and not one.doubtful
        and all(need.kind in ("question", "driver") for need in unmet(one, machine))
    ]  # fmt: skip
    older = [one for one in fitting if minor(one.cuda) <= minor(said)]
    # minor-version compatibility, from CUDA 11 on: the driver runs what is built for its own major
    same = [one for one in fitting if minor(one.cuda)[0] == minor(said)[0]]
    newest = max((minor(one.cuda) for one in older or same), default=None)
    found = next((one for one in newest_first(older or same) if minor(one.cuda) == newest), None)
    return _written(found, machine, facts) if found else ""


def torch_again(facts: Facts) -> str:
    """Return the line of the very build that is installed, for laying it over itself; else of the one that fits."""
    machine = _machine(facts)
    own = [
        one
        for one in _same_release(list(torch_candidates(machine)), machine, facts)
        if (
            one.build == facts.value("torch.build")
            or (one.cuda and one.cuda == facts.value("torch.cuda_build"))
        )
        and one.has_wheel
    ]
    return _written(own[0], machine, facts) if own else torch_line(facts)


def _written(build: Candidate, machine: Machine, facts: Facts) -> str:
    if (older := older_words(build, _companions(facts))) is not None:
        return older
    wanted = [*(quoted(part, machine) for part in requirements(build, machine)), *_companions(facts)]
    return " ".join([*wanted, *options(build)])


def other_line(facts: Facts, framework: str) -> str:
    """Return requirements of the TensorFlow or JAX that fits, as `torch_line` does for torch.

    Where nobody told which GPU of NVIDIA's there is, the extra that brings CUDA on Linux; elsewhere an empty text.
    """
    vendors = facts.value("accelerators.vendors")
    if vendors in (None, ["nvidia"]) and not facts.instances("gpu"):
        linux = facts.value("os.platform") in (None, "linux", "wsl2") and facts.value("os.libc") != "musl"
        return _FOR_LINUX[framework] if linux else ""
    if is_jetson(Look(facts)):
        return ""
    machine = _machine(facts)
    candidates = list(_OTHERS[framework](machine))
    same = _same_release(candidates, machine, facts, framework)
    build = choose(same, machine, machine.family).build or choose(candidates, machine, machine.family).build
    if build is None:
        return ""
    return " ".join([*(quoted(part, machine) for part in requirements(build, machine)), *options(build)])


_OTHERS = {"tensorflow": tensorflow_candidates, "jax": jax_candidates}
_FOR_LINUX = {"tensorflow": "'tensorflow[and-cuda]'", "jax": "--upgrade 'jax[cuda12]'"}


def driver_first(facts: Facts, framework: str = "torch") -> str:
    """Return that the driver must be mended before any build for the GPU runs; empty where it is not that alone."""
    machine = _machine(facts)
    if machine.family != "cuda":
        return ""
    candidates = _OTHERS.get(framework, torch_candidates)(machine)
    found = unblocking(list(candidates), machine, "cuda")
    if not found or any(need.kind != "driver" for need in found[-1].needs):
        return ""
    return f"; the driver comes first: {found[-1].needs[0].reason}"  # the last asks for the oldest driver


def _machine(facts: Facts) -> Machine:
    """Return the machine; of its disk a remedy says itself what it needs."""
    return msgspec.structs.replace(machine_of(facts), free_kib=None)


def _on_python_of(same: list[Candidate], machine: Machine, facts: Facts) -> Machine:
    """Return the machine; where nobody told its Python, with one on which the installed release runs."""
    if not same or facts["python.version"].is_known:
        return machine
    return msgspec.structs.replace(machine, python=same[0].python_max)


def _same_release(
    candidates: list[Candidate], machine: Machine, facts: Facts, name: str = "torch"
) -> list[Candidate]:
    """Return the builds of the installed release; of a nightly there are none."""
    listed = (row["version"] for row in facts.value("python.distributions") or [] if row["name"] == name)
    version = facts.value(f"{name}.version") or next(listed, None)
    with suppress(NoVersion):
        if version and not parse(version).is_prerelease:
            older = list(older_candidates(machine, str(version))) if name == "torch" else []
            return older or [one for one in candidates if minor(one.version) == minor(version)]
    return []


def _companions(facts: Facts) -> list[str]:
    installed = {str(row["name"]).lower() for row in facts.value("python.distributions") or []}
    return [name for name in ("torchvision", "torchaudio") if name in installed]
