"""Whatever machine is described: an answer or a usage error, never a guess, and constraints only take away."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audit.advise import advise
from auditor.audit.assume import AssumptionError, assumed
from auditor.audit.request import Request
from auditor.engine.plan import _CANDIDATES
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.machine import machine_of
from auditor.engine.planning.wish import Wish, WishError, parse_pin
from auditor.host.live import LiveHost

CARDS = st.sampled_from(
    ["none", "GTX 1080 Ti", "RTX 3060 Laptop GPU", "A100-SXM4-80GB", "B200", "DGX Spark", "Orin Nano", "K80", "GT 710",
     "RTX 6000", "MI300X", "RX 6700 XT", "Arc A770", "TPU v5e", "Apple M3", "Gaudi 3", "2x H100", "Titan X"]
)  # fmt: skip
DRIVERS = st.sampled_from(
    ["none", "390.10", "450.80", "470", "535.129.03", "570.124.06", "580.65.06", "595", "700"]
)
PYTHONS = st.sampled_from(["2.7", "3.8", "3.10.4", "3.12", "3.13t", "3.14", "3.16"])
SYSTEMS = st.sampled_from(["linux", "wsl2", "windows", "macos", "ubuntu 20.04", "centos 7", "alpine"])
ARCHS = st.sampled_from(["x86_64", "aarch64", "ppc64le"])
DESCRIPTIONS = st.fixed_dictionaries(
    {"gpu": CARDS}, optional={"driver": DRIVERS, "python": PYTHONS, "os": SYSTEMS, "arch": ARCHS}
)
FRAMEWORKS = st.sampled_from(["pytorch", "tensorflow", "jax"])
CHIPS = ("several chips",)


def advice_for(description, framework, wish=None):
    """Return the advice, or None where the description contradicts itself."""
    texts = tuple(f"{key}={value}" for key, value in description.items())
    try:
        return advise(Request(cwd="/", assume=texts), LiveHost(), None, framework, wish or Wish())
    except AssumptionError:
        return None


@settings(max_examples=150, deadline=None)
@given(DESCRIPTIONS, FRAMEWORKS)
def test_a_described_machine_gets_a_build_that_it_runs_or_a_reason(description, framework):
    advice = advice_for(description, framework)
    if advice is None:
        return
    plan, machine = advice.plan, machine_of(advice.facts)
    assert plan.possible == bool(plan.choices) != bool(plan.blocked_by)
    assert plan.assumed
    assert plan.knowledge_date
    if plan.possible and not any(word in said for said in plan.because for word in CHIPS):
        choice = plan.choices[0]
        (build,) = [
            candidate
            for candidate in _CANDIDATES[framework](machine)
            if (candidate.name, candidate.version, candidate.build)
            == (choice["name"], choice["version"], choice["build"])
            and candidate.family == machine.family
        ]
        assert unmet(build, machine) == []


@settings(max_examples=100, deadline=None)
@given(DESCRIPTIONS, FRAMEWORKS)
def test_what_is_not_stated_is_said(description, framework):
    advice = advice_for(description, framework)
    if advice is None:
        return
    said = " ".join(advice.plan.assumed)
    assert ("Python 3.12" in said) == ("python" not in description)
    assert ("x86_64" in said or "arm64" in said or "aarch64" in said) == ("arch" not in description)


@settings(max_examples=100, deadline=None)
@given(
    DESCRIPTIONS, FRAMEWORKS, st.sampled_from(["torch=2.9", "torch=cu126", "tensorflow=2.17", "jax=0.6.2"])
)
def test_a_pin_never_makes_the_impossible_possible(description, framework, pin):
    free = advice_for(description, framework)
    if free is None or free.plan.possible:
        return
    try:
        held = advice_for(description, framework, Wish(pins=(parse_pin(pin),)))
    except WishError:
        return
    assert held is not None
    assert not held.plan.possible


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["gpu", "gfx", "os", "arch", "driver", "python", "glibc"]))
def test_any_text_is_facts_or_a_usage_error(text, key):
    with suppress(AssumptionError):
        assert assumed((f"{key}={text}",))
