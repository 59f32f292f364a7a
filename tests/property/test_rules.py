"""Whatever the facts hold, the rules answer: nothing is raised, and a garbled version is unknown."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.derive import derive
from auditor.engine.evaluate import evaluate
from auditor.engine.rank import rank
from auditor.knowledge.card import RuleCard
from auditor.knowledge.cards import load_cards
from auditor.knowledge.catalogue import catalogue
from auditor.model.fact import Fact, Facts, absent, call, known, unknown
from auditor.model.finding import Finding

VALUES = st.sampled_from(
    [None, 0, -1, 3.5, True, "", "x", "1.2.3", [], {}, [{}], [1], ["a"], {"a": 1}, [{"name": None}]]
)
FACTS = st.one_of(VALUES.map(known), st.just(absent("none")), st.just(unknown("why")))
KEYS = st.sampled_from([key.replace("[i]", "[0]") for key in catalogue()])


@cache
def cards() -> tuple[RuleCard, ...]:
    return load_cards()


def judged(told: dict[str, Fact]) -> list[Finding]:
    facts = Facts(told)
    return rank(evaluate(cards(), facts.merged(derive(facts))))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, FACTS, max_size=60))
def test_nothing_is_raised_and_every_rule_answers(told: dict[str, Fact]) -> None:
    found = judged(told)
    assert {finding.id for finding in found} == {card.id for card in cards()}
    assert all(finding.unknown_because for finding in found if finding.outcome == "unknown")


MACHINE: dict[str, Any] = {
    "accelerators.vendors": ["nvidia"],
    "gpu[0].vendor": "nvidia",
    "gpu[0].compute_capability": "8.6",
    "os.arch": "x86_64",
    "os.platform": "linux",
    "os.glibc_version": "2.35",
    "nvidia.driver_version": "550.54.14",
    "nvidia.kernel_module_version": "550.54.14",
    "nvidia.libcuda_version": "550.54.14",
    "nvidia.cuda_driver_version": "12.4",
    "python.version": "3.11.2",
    "python.frameworks": [],
    "torch.version": "2.6.0",
    "torch.cuda_build": "12.4",
    "tensorflow.version": "2.19.0",
    "tensorflow.cuda_build": "12.5",
    "jax.version": "0.7.2",
    "jax.jaxlib_version": "0.7.2",
}
PACKAGES = (
    "numpy",
    "protobuf",
    "keras",
    "torchvision",
    "setuptools",
    "tensorboard",
    "tensorflow",
    "torch",
    "jax-cuda12-pjrt",
)


@pytest.mark.parametrize("key", [key for key, value in MACHINE.items() if str(value)[:1].isdigit()])
def test_a_garbled_version_is_unknown_never_a_fault_of_ours(key: str) -> None:
    found = judged(
        {name: known(value, call("machine")) for name, value in {**MACHINE, key: "not a version"}.items()}
    )
    assert not [finding.message for finding in found if finding.outcome == "crash"]


@pytest.mark.parametrize("garbled", PACKAGES)
def test_so_is_that_of_a_package(garbled: str) -> None:
    rows = [{"name": name, "version": "unknown" if name == garbled else "1.0"} for name in PACKAGES]
    told = {**MACHINE, "python.distributions": rows}
    found = judged({name: known(value, call("machine")) for name, value in told.items()})
    assert not [finding.message for finding in found if finding.outcome == "crash"]
