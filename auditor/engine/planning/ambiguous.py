"""Cards whose name stands for several chips: the plan that all of them allow, else a question."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import msgspec

from auditor.engine.gpu_names import capabilities_of
from auditor.model.fact import Facts, known
from auditor.model.recommendation import Plan

_MOST = 16  # variants: beyond, the question is asked at once


def variants(facts: Facts) -> list[Facts]:
    """Return the facts for each chip that the cards' names may mean; only themselves where none is ambiguous."""
    open_: list[tuple[str, tuple[str, ...]]] = []
    for index in facts.instances("gpu"):
        key, name = f"gpu[{index}].compute_capability", facts.value(f"gpu[{index}].name")
        if facts.value(f"gpu[{index}].vendor") == "nvidia" and name and not facts[key].is_known:
            found = capabilities_of(str(name))
            if len(found) > 1:
                open_.append((key, found))
    names = [key for key, _ in open_]
    choices = product(*(found for _, found in open_))
    return [
        facts.merged({key: known(value) for key, value in zip(names, chosen, strict=True)})
        for _, chosen in zip(range(_MOST), choices, strict=False)
    ]


def for_every_chip(facts: Facts, planner: Callable[[Facts], Plan]) -> Plan:
    """Return the plan that holds whichever chip it is; where they differ, none, and the question."""
    every = variants(facts)
    plans = [planner(one) for one in every]
    last = plans[-1]
    if len(plans) == 1:
        return last
    said = f"the cards' names stand for several chips ({_chips(every)})"
    if not any(plan.possible for plan in plans):
        return msgspec.structs.replace(last, because=(*last.because, said))
    safe = planner(_all_at_once(facts, every))
    if safe.possible:
        return msgspec.structs.replace(
            safe, because=(*safe.because, f"{said}; this build serves each of them")
        )
    return Plan(
        possible=False,
        undecided=True,
        framework=last.framework,
        blocked_by=(f"{said}; state which, such as --assume gpu[0].compute_capability={_first(every[0])}",),
        alternatives=tuple(
            f"for {_first(one)}: {_words(plan)}" for one, plan in zip(every, plans, strict=True)
        ),
    )


def _all_at_once(facts: Facts, every: list[Facts]) -> Facts:
    """Return a machine that holds each chip that a name may mean: what fits it fits whichever is there."""
    found = every[0]
    for one in every[1:]:
        for index in facts.instances("gpu"):
            key = f"gpu[{index}].compute_capability"
            if one.value(key) != every[0].value(key):
                extra = f"gpu[{len(found.instances('gpu'))}]"
                more = {f"{extra}.{field}": found[f"gpu[{index}].{field}"] for field in ("vendor", "name")}
                found = found.merged({**more, f"{extra}.compute_capability": one[key]})
    return found


def _words(plan: Plan) -> str:
    if not plan.possible:
        return plan.blocked_by[0]
    return ", ".join(f"{choice['name']} {choice['version']} {choice['build']}" for choice in plan.choices)


def _chips(every: list[Facts]) -> str:
    return " or ".join(dict.fromkeys(_first(one) for one in every))


def _first(facts: Facts) -> str:
    found = [str(facts.value(f"gpu[{index}].compute_capability")) for index in facts.instances("gpu")]
    return ", ".join(found)
