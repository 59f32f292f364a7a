"""Whatever the machine: a plan holds no build whose needs it violates, and constraints only take away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.plan import _CANDIDATES, plan
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.machine import machine_of
from auditor.engine.recommend import recommend
from auditor.knowledge.criteria import load_criteria
from auditor.knowledge.goals import load_goals
from auditor.model.fact import Facts, absent, known
from auditor.model.smoke import SmokeResult

FRAMEWORKS = st.sampled_from(["pytorch", "tensorflow", "jax"])
CRITERIA = load_criteria()
GOALS = load_goals(CRITERIA)
OPTIONS = {
    "os.platform": ["linux", "wsl2", "windows", "darwin"],
    "os.arch": ["x86_64", "aarch64", "ppc64le"],
    "os.glibc_version": ["2.12", "2.17", "2.27", "2.28", "2.31", "2.39"],
    "python.version": ["3.7", "3.8.10", "3.10.4", "3.11", "3.12.1", "3.13", "3.14.0", "3.15.1", "3.16"],
    "python.free_threaded": [True, False],
    "nvidia.driver_version": [None, "390.10", "450.80", "470.199.02", "535.129.03", "570.124.06", "580.65.06", "595.58.03", "700.1"],
    "cpu.flags": [["sse4_1"], ["sse4_1", "avx"], []],
    "os.libc": ["glibc", "musl"],
}  # fmt: skip
CAPABILITIES = ["2.0", "3.5", "3.7", "5.2", "6.1", "7.0", "7.2", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "10.0", "10.3", "11.0", "12.0", "12.1", "14.0", ""]  # fmt: skip


@st.composite
def machines(draw):
    facts = {}
    for key, values in OPTIONS.items():
        if draw(st.booleans()):
            value = draw(st.sampled_from(values))
            facts[key] = absent("none") if value is None else known(value)
    cards = draw(st.lists(st.sampled_from(CAPABILITIES), max_size=3))
    for index, capability in enumerate(cards):
        facts[f"gpu[{index}].vendor"] = known("nvidia")
        if capability:
            facts[f"gpu[{index}].compute_capability"] = known(capability)
    vendors = draw(st.sampled_from([[], ["amd"], ["tpu"], ["apple"]]))
    facts["accelerators.vendors"] = known(sorted({*vendors, *(["nvidia"] if cards else [])}))
    if vendors == ["amd"]:
        facts["amd.gfx_targets"] = known([draw(st.sampled_from(["gfx803", "gfx942", "gfx1100"]))])
    return Facts(facts)


@settings(max_examples=300, deadline=None)
@given(machines(), FRAMEWORKS)
def test_a_plan_holds_no_build_whose_needs_the_machine_violates(facts, framework):
    made, machine = plan(facts, framework), machine_of(facts)
    assert made.possible != bool(made.blocked_by)
    if made.possible:
        choice = made.choices[0]
        (build,) = [
            candidate
            for candidate in _CANDIDATES[framework](machine)
            if (candidate.name, candidate.version, candidate.build)
            == (choice["name"], choice["version"], choice["build"])
            and candidate.family == machine.family
        ]
        assert unmet(build, machine) == []


@settings(max_examples=200, deadline=None)
@given(machines(), FRAMEWORKS, st.sampled_from(CAPABILITIES[:-1]))
def test_a_further_card_never_makes_the_impossible_possible(facts, framework, capability):
    index = len(facts.instances("gpu"))
    if index == 0 or plan(facts, framework).possible:
        return
    more = {f"gpu[{index}].vendor": known("nvidia"), f"gpu[{index}].compute_capability": known(capability)}
    assert not plan(facts.merged(more), framework).possible


@settings(max_examples=200, deadline=None)
@given(
    machines(),
    FRAMEWORKS,
    st.sampled_from([("os.glibc_version", "2.12"), ("cpu.flags", []), ("os.libc", "musl")]),
)
def test_a_further_constraint_never_makes_the_impossible_possible(facts, framework, constraint):
    key, value = constraint
    if not plan(facts, framework).possible:
        assert not plan(facts.merged({key: known(value)}), framework).possible


@settings(max_examples=100, deadline=None)
@given(machines(), FRAMEWORKS)
def test_what_is_not_known_is_said(facts, framework):
    made = plan(facts, framework)
    for key in ("os.platform", "python.version"):
        if not facts[key].is_known:
            assert any(said.startswith(key) for said in made.because)


SMOKE = st.lists(
    st.builds(
        SmokeResult,
        id=st.sampled_from(
            ["pytorch-training", "tensorflow-training", "pytorch-matmul", "tensorflow-convolution"]
        ),
        framework=st.sampled_from(["pytorch", "tensorflow"]),
        device=st.sampled_from(["cpu", "cuda:0", "GPU:0"]),
        status=st.sampled_from(["pass", "fail", "crash", "timeout", "skip"]),
    ),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(machines(), SMOKE, st.dictionaries(st.sampled_from(sorted(GOALS)), st.floats(0.1, 9), max_size=4))
def test_scores_are_the_sum_of_their_points(facts, smoke, asked):
    _, recommendation = recommend(facts, smoke, CRITERIA, GOALS, asked)
    for result in recommendation.goals:
        assert result.ranking == tuple(sorted(result.ranking, key=lambda entry: -entry.score))
        for entry in result.ranking:
            points = [c.weight * c.baseline * c.factor for c in entry.contributions]
            assert [c.points for c in entry.contributions] == pytest.approx(points, abs=1e-4)
            assert entry.score == pytest.approx(sum(c.points for c in entry.contributions), abs=1e-9)
