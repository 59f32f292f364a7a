"""PyTorch and TensorFlow together: in one environment where their CUDA libraries agree, else in two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from auditor.engine.planning.candidate import dotted
from auditor.engine.planning.rows import rows
from auditor.engine.planning.wish import Pin, Wish, WishError
from auditor.engine.versions import minor, release
from auditor.model.fact import Facts, known
from auditor.model.recommendation import Plan

Planner = Callable[[Facts, str, Wish], Plan]
# TensorFlow's extra and-cuda pinned each CUDA library exactly until 2.19; from then on it names ranges
_RANGES = (2, 20)
_OVERWRITE = (
    "wheels for CUDA 12 and CUDA 13 keep cuDNN and NCCL in the same folders (nvidia/cudnn, nvidia/nccl) and overwrite each other, "
    "so both frameworks take CUDA 12 in one environment"
)


def both(facts: Facts, wish: Wish, planner: Planner) -> Plan:
    """Return one plan for both frameworks: one environment, or two with the commands of each."""
    torch, tensorflow = planner(facts, "pytorch", wish), planner(facts, "tensorflow", wish)
    if not (torch.possible and tensorflow.possible):
        return _not_both(torch, tensorflow)
    shared, why = _shared(facts, wish, torch, tensorflow, planner)
    if shared is None:
        return _two(torch, _elsewhere(facts, wish, tensorflow, planner), why)
    gives_up = _gives_up(torch, shared)
    return _joined(shared, tensorflow, (*_steps(shared, tensorflow),), (why, *gives_up))


def _shared(
    facts: Facts, wish: Wish, torch: Plan, tensorflow: Plan, planner: Planner
) -> tuple[Plan | None, str]:
    """Return the plan for torch that can live beside TensorFlow, and why; None where there is none."""
    build, other = str(torch.choices[0]["build"]), str(tensorflow.choices[0]["build"])
    if build == other == "cpu":
        return torch, "both are built for the CPU and share no libraries that clash"
    if "tpu" in (build, other):
        return None, "each wants a libtpu of its own, and an environment holds one"
    if not (build.startswith("cu") and other.startswith("cu")):
        return None, "their builds are for different accelerators"
    if minor(tensorflow.choices[0]["version"]) < _RANGES:
        said = f"tensorflow {tensorflow.choices[0]['version']} pins each CUDA library to one version that torch does not use"
        return None, said
    major = other[:4]
    try:
        plan = planner(facts, "pytorch", _with_build(wish, major))
    except WishError:
        plan = None
    if plan is None or not plan.possible:
        return None, f"no build of torch for CUDA {major[2:]} fits this machine and the pins"
    if clash := _clash(plan.choices[0], tensorflow.choices[0]):
        return None, clash
    return plan, _OVERWRITE


def _clash(torch: Mapping[str, Any], tensorflow: Mapping[str, Any]) -> str:
    """Return which library torch's build pins below what TensorFlow takes; empty where there is none."""
    least = next(
        (row for row in rows("tensorflow_builds", "beside") if minor(tensorflow["version"]) == minor(row["tensorflow"])), None
    )  # fmt: skip
    pins = next((row for row in rows("torch_pins") if row["torch"] == torch["version"]), {})
    if least is None:
        return ""
    one, other = (f"{choice['name']} {choice['version']} {choice['build']}" for choice in (torch, tensorflow))
    cuda, nccl = dotted(torch["build"]), str(pins.get("nccl", ""))
    if minor(cuda) < minor(least["cuda"]):
        return f"{one} pins libraries of CUDA {cuda}, and {other} takes {least['cuda']} or newer"
    if nccl and release(nccl) < release(least["nccl"]):
        return f"{one} pins NCCL {nccl}, and {other} takes {least['nccl']} or newer"
    return ""


def _with_build(wish: Wish, build: str) -> Wish:
    return msgspec.structs.replace(wish, pins=(*wish.pins, Pin("torch", "", build)))


def _gives_up(torch: Plan, shared: Plan) -> tuple[str, ...]:
    if torch.choices == shared.choices:
        return ()
    alone, here = torch.choices[0], shared.choices[0]
    words = [f"{choice['name']} {choice['version']} {choice['build']}" for choice in (alone, here)]
    return (f"one environment gives up {words[0]} for {words[1]}; two environments keep it",)


def _steps(torch: Plan, tensorflow: Plan) -> tuple[str, ...]:
    """Return torch's commands, then TensorFlow's without making the environment again."""
    return (*torch.steps, *(step for step in tensorflow.steps if step not in torch.steps))


def _joined(torch: Plan, tensorflow: Plan, steps: tuple[str, ...], because: tuple[str, ...]) -> Plan:
    return Plan(
        possible=True,
        framework="both",
        choices=(*torch.choices, *tensorflow.choices),
        steps=steps,
        requirements=tuple(dict.fromkeys((*torch.requirements, *tensorflow.requirements))),
        because=tuple(dict.fromkeys((*because, *torch.because, *tensorflow.because))),
        rejected=torch.rejected | tensorflow.rejected,
        alternatives=tuple(dict.fromkeys((*torch.alternatives, *tensorflow.alternatives))),
        expires="; ".join(said for said in (torch.expires, tensorflow.expires) if said),
    )


def _elsewhere(facts: Facts, wish: Wish, tensorflow: Plan, planner: Planner) -> Plan:
    """Return TensorFlow's plan in a new environment: the one that is there is torch's."""
    if not tensorflow.steps:
        return tensorflow
    made = planner(facts.merged({"python.kind": known("system")}), "tensorflow", wish)
    if not made.possible:
        return tensorflow
    moved = (step.replace("venvs/dl", "venvs/tf").replace(r"venvs\dl", r"venvs\tf") for step in made.steps)
    return msgspec.structs.replace(made, steps=tuple(moved))


def _two(torch: Plan, tensorflow: Plan, why: str) -> Plan:
    """Return both in an environment of their own."""
    joined = _joined(torch, tensorflow, (*torch.steps, *tensorflow.steps), (f"two environments: {why}",))
    return msgspec.structs.replace(joined, apart=(torch, tensorflow))


def _not_both(torch: Plan, tensorflow: Plan) -> Plan:
    blocked = [f"{plan.framework}: {why}" for plan in (torch, tensorflow) for why in plan.blocked_by]
    fits = [plan for plan in (torch, tensorflow) if plan.possible]
    alone = [
        f"{plan.framework} alone fits: {plan.choices[0]['name']} {plan.choices[0]['version']} {plan.choices[0]['build']}: "
        f"{' && '.join(plan.steps) or 'it is installed'}"
        for plan in fits
    ]
    return Plan(
        possible=False,
        framework="both",
        because=tuple(dict.fromkeys((*torch.because, *tensorflow.because))),
        rejected=torch.rejected | tensorflow.rejected,
        blocked_by=tuple(blocked),
        alternatives=(*alone, *torch.alternatives, *tensorflow.alternatives),
    )
