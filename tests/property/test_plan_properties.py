"""Whatever the machine: a plan holds no build whose needs it violates, and constraints only take away."""

import os
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.plan import _CANDIDATES, plan
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.machine import machine_of
from auditor.engine.planning.wish import Wish, WishError, parse_pin
from auditor.engine.recommend import recommend
from auditor.knowledge.criteria import load_criteria
from auditor.knowledge.goals import load_goals
from auditor.model.fact import Facts, absent, known
from auditor.model.smoke import SmokeResult

# FWAUDIT_EXAMPLES=5000 looks long
EXAMPLES = int(os.environ.get("FWAUDIT_EXAMPLES", "60"))
FRAMEWORKS = st.sampled_from(["pytorch", "tensorflow", "jax"])
CRITERIA = load_criteria()
GOALS = load_goals(CRITERIA)
DRIVERS = st.one_of(
    st.none(),
    st.sampled_from(["390.10", "450.80.02", "470.199.02", "525.60.13", "535.129.03", "570.26", "570.124.06", "580.65.06", "595.58.03"]),
    st.builds("{}.{}.{:02}".format, st.integers(380, 700), st.integers(0, 210), st.integers(0, 19)),
)  # fmt: skip
OPTIONS = {
    "os.platform": st.sampled_from(["linux", "linux", "wsl2", "windows", "darwin"]),
    "os.arch": st.sampled_from(["x86_64", "x86_64", "aarch64", "ppc64le"]),
    "os.glibc_version": st.integers(10, 45).map("2.{}".format),
    "python.version": st.builds("3.{}.{}".format, st.integers(6, 17), st.integers(0, 20)),
    "python.free_threaded": st.booleans(),
    "nvidia.driver_version": DRIVERS,
    "cpu.flags": st.sets(st.sampled_from(["sse4_1", "avx", "avx2"])).map(sorted),
    "os.libc": st.sampled_from(["glibc", "glibc", "musl"]),
    "disk.places": st.integers(0, 12 << 20).map(lambda free: [{"role": "home", "path": "/h", "free_kib": free}]),
}  # fmt: skip
CAPABILITIES = ["2.0", "3.0", "3.5", "3.7", "5.0", "5.2", "5.3", "6.0", "6.1", "6.2", "7.0", "7.2", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "10.0", "10.3", "11.0", "12.0", "12.1", "14.0", ""]  # fmt: skip
GFX = [
    "gfx803",
    "gfx900",
    "gfx906",
    "gfx90a",
    "gfx942",
    "gfx950",
    "gfx1030",
    "gfx1031",
    "gfx1100",
    "gfx1103",
    "gfx1201",
    "",
]


@st.composite
def machines(draw):
    facts = {}
    for key, values in OPTIONS.items():
        if draw(st.booleans()):
            value = draw(values)
            facts[key] = absent("none") if value is None else known(value)
    cards = draw(st.lists(st.sampled_from(CAPABILITIES), max_size=3))
    for index, capability in enumerate(cards):
        facts[f"gpu[{index}].vendor"] = known("nvidia")
        if capability:
            facts[f"gpu[{index}].compute_capability"] = known(capability)
    vendors = draw(st.sampled_from([[], [], [], ["amd"], ["tpu"], ["apple"]]))
    facts["accelerators.vendors"] = known(sorted({*vendors, *(["nvidia"] if cards else [])}))
    if vendors == ["amd"] and (gfx := draw(st.sampled_from(GFX))):
        facts["amd.gfx_targets"] = known([gfx])
    return Facts(facts)


@settings(max_examples=EXAMPLES, deadline=None)
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


# What the documents say, written down apart from the tables that the plan reads: CUDA release notes (floors), the
# driver lifecycle page (last branches), cuDNN and CUDA support matrices, wheel tags on PyPI.
FLOORS = {
    "linux": {11: "450.80.02", 12: "525.60.13", 13: "580.65.06"},
    "windows": {11: "452.39", 12: "527.41", 13: "580"},
}
LAST_BRANCHES = ((3.0, 390), (5.0, 470), (7.5, 580))
CAPABILITY_OF_CUDA = {11: (3.5, 9.0), 12: (5.0, 12.1), 13: (7.5, 12.1)}
GLIBC = {"torch": ((2, 7), 28), "tensorflow": ((2, 21), 27), "jax": ((0, 7, 2), 27)}


def numbers(version):
    return tuple(int(part) for part in version.split("."))


def cuda_of(build):
    return int(build.removeprefix("cu")[:2]) if build.startswith("cu") else 0


@settings(max_examples=20 * EXAMPLES, deadline=None)
@given(machines(), FRAMEWORKS)
def test_no_plan_goes_against_the_documents(facts, framework):
    made = plan(facts, framework)
    if not made.possible:
        return
    name, version, build = (made.choices[0][key] for key in ("name", "version", "build"))
    system = facts.value("os.platform", "linux")
    arch = facts.value("os.arch", "arm64" if system == "darwin" else "x86_64")
    linux = system in ("linux", "wsl2")
    assert arch != "ppc64le"
    assert not (linux and facts.value("os.libc") == "musl")
    first, least = GLIBC[name.split("-")[0]]
    if linux and numbers(version) >= first:
        assert int(facts.value("os.glibc_version", "2.35").split(".")[1]) >= least
    if name != "torch" and arch == "x86_64" and facts["cpu.flags"].is_known:
        assert "avx" in facts.value("cpu.flags")
    if cuda_of(build):
        assert not (system == "windows" and framework != "pytorch")
        assert system != "darwin"
        _nvidia_agrees(
            facts, framework, cuda_of(build), "windows" if system in ("windows", "wsl2") else "linux"
        )


def _nvidia_agrees(facts, framework, cuda, system):
    cards = [facts.value(f"gpu[{index}].compute_capability") for index in facts.instances("gpu")]
    oldest, newest = CAPABILITY_OF_CUDA[cuda]
    for card in map(float, cards):
        assert oldest <= card <= newest
        assert not (framework == "tensorflow" and card >= 10)
    driver = facts["nvidia.driver_version"]
    assert driver.state != "absent"
    jetson = all(card in ("5.3", "6.2", "7.2", "8.7", "11.0") for card in cards)
    if not driver.is_known or jetson:
        return
    assert numbers(driver.value) >= numbers(FLOORS[system][cuda])
    branch = numbers(driver.value)[0] - (numbers(driver.value)[0] % 10 if system == "windows" else 0)
    for card in map(float, cards):
        last = next((most for below, most in LAST_BRANCHES if card < below), 0)
        assert not last or branch <= last
        assert not (card >= 10 and numbers(driver.value) < (570, 26))


@settings(max_examples=EXAMPLES, deadline=None)
@given(machines(), FRAMEWORKS, st.sampled_from(CAPABILITIES[:-1]))
def test_a_further_card_never_makes_the_impossible_possible(facts, framework, capability):
    index = len(facts.instances("gpu"))
    if index == 0 or plan(facts, framework).possible:
        return
    more = {f"gpu[{index}].vendor": known("nvidia"), f"gpu[{index}].compute_capability": known(capability)}
    assert not plan(facts.merged(more), framework).possible


FULL = [{"role": "home", "path": "/h", "free_kib": 1}]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    machines(),
    FRAMEWORKS,
    st.sampled_from(
        [("os.glibc_version", "2.12"), ("cpu.flags", []), ("os.libc", "musl"), ("disk.places", FULL)]
    ),
)
def test_a_further_constraint_never_makes_the_impossible_possible(facts, framework, constraint):
    key, value = constraint
    if not plan(facts, framework).possible:
        assert not plan(facts.merged({key: known(value)}), framework).possible


WISHES = st.one_of(
    st.sampled_from(["vllm", "vllm>=0.30", "flash-attn", "torchvision>=0.25", "tf-keras", "litert-torch", "keras", "einops", "torch<2.9"]).map(
        lambda text: Wish(requirements=(text,))
    ),
    st.sampled_from(["torch=2.9", "torch=cu126", "tensorflow=2.17", "jax=0.6.2"]).map(lambda text: Wish(pins=(parse_pin(text),))),
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(machines(), FRAMEWORKS, WISHES)
def test_a_wish_never_makes_the_impossible_possible(facts, framework, wish):
    if plan(facts, framework).possible:
        return
    with suppress(WishError):
        assert not plan(facts, framework, wish).possible


@settings(max_examples=EXAMPLES, deadline=None)
@given(machines(), FRAMEWORKS)
def test_what_is_not_known_is_said_or_asked(facts, framework):
    made = plan(facts, framework)
    said = "\n".join([*made.because, *made.blocked_by])
    machine = machine_of(facts)
    keys = ["os.platform", "os.arch", "python.version", "disk.places"]
    keys += ["cpu.flags"] if machine.platform.endswith("x86_64") else []
    glibc = machine.os in ("linux", "wsl2") and machine.libc == "glibc"
    keys += ["os.glibc_version"] if glibc else []
    for key in keys:
        assert facts[key].is_known or any(words.startswith(key) for words in made.because), key
    for card in machine.of("nvidia"):
        assert card.capability or machine.family != "cuda" or "is not known" in said or not made.possible
    if machine.of("nvidia") and facts["nvidia.driver_version"].state == "unknown":
        assert "the driver is not known" in said


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


@settings(max_examples=EXAMPLES, deadline=None)
@given(machines(), SMOKE, st.dictionaries(st.sampled_from(sorted(GOALS)), st.floats(0.1, 9), max_size=4))
def test_scores_are_the_sum_of_their_points(facts, smoke, asked):
    _, recommendation = recommend(facts, smoke, CRITERIA, GOALS, asked)
    for result in recommendation.goals:
        assert result.ranking == tuple(sorted(result.ranking, key=lambda entry: -entry.score))
        for entry in result.ranking:
            points = [c.weight * c.baseline * c.factor for c in entry.contributions]
            assert [c.points for c in entry.contributions] == pytest.approx(points, abs=6e-5)
            assert entry.score == pytest.approx(sum(c.points for c in entry.contributions), abs=1e-9)
