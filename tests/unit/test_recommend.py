"""The recommendation: arithmetic, verdicts, reasons, and the comparison's own conclusions."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from auditor.engine.recommend import recommend
from auditor.engine.scoring import aim, rank
from auditor.knowledge.criteria import load_criteria
from auditor.knowledge.goals import USE_CASES, load_goals, load_scoring, parse_asked
from auditor.knowledge.kept import kept_of
from auditor.model.fact import Facts, known, unknown
from auditor.model.recommendation import Plan
from auditor.model.smoke import SmokeResult
from auditor.render.options import RenderOptions
from auditor.render.page import Page
from auditor.render.parts import advice as advice_part

CRITERIA = load_criteria()
GOALS = load_goals(CRITERIA)
SCORING = load_scoring()
CPU_ONLY = Facts({"accelerators.vendors": known([])})
GPU = Facts({"accelerators.vendors": known(["nvidia"])})


def passed(framework, name, device="cpu", status="pass"):
    return SmokeResult(id=f"{framework}.{name}", framework=framework, device=device, status=status)


HEALTHY = tuple(
    passed(framework, name, device)
    for framework in ("pytorch", "tensorflow")
    for name in ("matmul", "conv", "train")
    for device in ("cpu", "cuda:0" if framework == "pytorch" else "GPU:0")
)


def answer(goal, facts=CPU_ONLY, smoke=(), **more):
    _, recommendation = recommend(facts, smoke, CRITERIA, GOALS, {goal: 1.0}, **more)
    return recommendation.goals[0]


def verdict_of(criterion, framework, facts=CPU_ONLY, smoke=(), plans=None):
    results, _ = recommend(facts, smoke, CRITERIA, GOALS, plans=plans)
    return next(r for r in results if (r.id, r.framework) == (criterion, framework))


@pytest.mark.parametrize("goal", USE_CASES)
@pytest.mark.parametrize("basis", ["published", "today"])
@pytest.mark.parametrize(("facts", "smoke"), [(GPU, HEALTHY), (CPU_ONLY, HEALTHY[::2]), (CPU_ONLY, ())])
def test_a_healthy_machine_gives_the_conclusion_of_the_comparison(goal, basis, facts, smoke):
    result = answer(goal, facts, smoke, basis=basis)
    assert result.ranking[0].framework == GOALS[goal].published
    assert not result.too_close


def test_without_goals_each_use_case_is_answered():
    _, recommendation = recommend(CPU_ONLY, (), CRITERIA, GOALS)
    assert tuple(result.goal for result in recommendation.goals) == USE_CASES


@pytest.mark.parametrize("goal", GOALS)
def test_the_sum_can_be_redone_by_hand(goal):
    for ranked in answer(goal, GPU, HEALTHY).ranking:
        again = sum(by_hand(c.weight, c.baseline, c.factor) for c in ranked.contributions)
        assert Decimal(str(ranked.score)) == again
        assert sum(c.weight for c in ranked.contributions) == pytest.approx(10)


def by_hand(*figures):
    whole = math.prod(Decimal(str(figure)) for figure in figures)
    return whole.quantize(Decimal("0.0001"), ROUND_HALF_UP)


SUM = re.compile(
    r"^ *(\S+) +([\d.]+) x ([\d.]+) +x ([\d.]+) += +([\d.]+)  (verified|unverified|contradicted|impossible)$"
)


@pytest.mark.parametrize(
    "asked", [{"research": 1.0}, {"vision": 1.0, "web": 2.0}, {"tpu": 3.0, "nlp": 1.0, "teaching": 3.0}]
)
@pytest.mark.parametrize("team", [(), ("tensorflow",)])
def test_the_printed_lines_alone_add_up_exactly(asked, team):
    _, recommendation = recommend(GPU, HEALTHY, CRITERIA, GOALS, asked, team=team)
    page = Page(RenderOptions())
    for goal in recommendation.goals:
        advice_part._in_full(page, goal)
    printed = 0
    for line in page.plain().splitlines():
        if found := re.match(r"^ *\w+ ([\d.]+) = sum of weight x baseline x factor$", line):
            left, printed = Decimal(found[1]), printed + 1
        if found := SUM.match(line):
            assert by_hand(*found.group(2, 3, 4)) == Decimal(found[5])
            left -= Decimal(found[5])
        elif printed and not found and line.lstrip().startswith(("Would turn", "Blocked")):
            assert left == 0
    assert printed >= 2


def test_goals_combine_by_their_weights():
    asked = parse_asked(["research=2", "web"], GOALS)
    _, recommendation = recommend(CPU_ONLY, (), CRITERIA, GOALS, asked)
    both, research, web = recommendation.goals
    assert (both.goal, research.goal, web.goal) == ("research=2+web", "research", "web")
    score = {
        result.goal: {ranked.framework: ranked.score for ranked in result.ranking}
        for result in recommendation.goals
    }
    expected = (2 * score["research"]["pytorch"] + score["web"]["pytorch"]) / 3
    assert score[both.goal]["pytorch"] == pytest.approx(expected, abs=0.001)


def test_a_workload_that_passes_verifies_and_one_that_fails_contradicts():
    assert verdict_of("flexibility", "pytorch", smoke=[passed("pytorch", "train")]).verdict == "verified"
    broken = verdict_of("flexibility", "pytorch", smoke=[passed("pytorch", "train", status="crash")])
    assert broken.verdict == "contradicted"
    assert "train on cpu: crash" in broken.evidence[0].excerpt
    assert verdict_of("flexibility", "pytorch", smoke=[passed("tensorflow", "train")]).verdict == "unverified"


def test_a_skipped_workload_shows_nothing():
    skipped = [passed("pytorch", "train", status="skip")]
    assert verdict_of("flexibility", "pytorch", smoke=skipped).verdict == "unverified"


@pytest.mark.parametrize(("fits", "verdict"), [(True, "verified"), (False, "contradicted")])
def test_a_component_speaks_for_its_criterion(fits, verdict):
    row = {"slug": "torchvision", "distribution": "torchvision", "installed": True, "fits": fits}
    facts = Facts({"components": known([row])})
    assert verdict_of("vision", "pytorch", facts).verdict == verdict


def test_an_ended_component_beside_its_successor_contradicts_nothing():
    rows = [
        {"slug": "torchtext", "installed": True, "fits": False},
        {"slug": "transformers", "installed": True, "fits": True},
    ]
    assert verdict_of("nlp", "pytorch", Facts({"components": known(rows)})).verdict == "verified"


def test_an_import_that_crashes_contradicts_what_can_be_checked_and_nothing_else():
    facts = Facts({"smoke.tensorflow.import": known("crash")})
    assert verdict_of("deployment", "tensorflow", facts).verdict == "contradicted"
    assert verdict_of("industry", "tensorflow", facts).verdict == "unverified"
    turned = answer("production", facts)
    assert turned.ranking[0].framework == "pytorch"
    assert "the comparison concluded TensorFlow" in turned.because
    assert "TensorFlow was contradicted here in deployment" in turned.because


def test_a_gpu_claim_needs_a_gpu_and_falls_where_no_build_runs_on_it():
    assert verdict_of("gpu", "tensorflow").evidence[0].excerpt.startswith("none of nvidia")
    assert verdict_of("gpu", "tensorflow").verdict == "impossible"
    not_looked = Facts({"accelerators.vendors": unknown("sysfs unreadable")})
    assert verdict_of("gpu", "tensorflow", not_looked).verdict == "unverified"
    for mendable, verdict in ((False, "impossible"), (True, "contradicted")):
        blocked = Plan(possible=False, mendable=mendable, blocked_by=("no kernels for 12.0",))
        assert verdict_of("gpu", "tensorflow", GPU, plans={"tensorflow": blocked}).verdict == verdict
    asks = {"tensorflow": Plan(possible=False, undecided=True, blocked_by=("which card is it?",))}
    assert verdict_of("gpu", "tensorflow", GPU, plans=asks).verdict == "unverified"
    assert verdict_of("gpu", "tensorflow", GPU, smoke=HEALTHY).verdict == "verified"


def test_a_tpu_goal_without_a_tpu_says_what_would_unblock_it():
    (said,) = answer("tpu").blocked_by
    assert "no TPU" in said
    assert "/dev/vfio" in said
    assert answer("tpu", Facts({"accelerators.vendors": known(["tpu"])})).blocked_by == ()


def test_what_could_not_be_looked_at_is_not_called_met():
    (said,) = answer("single-gpu", Facts({"accelerators.vendors": unknown("sysfs unreadable")})).blocked_by
    assert said == "not known whether there is a GPU: sysfs unreadable"


def test_a_gpu_goal_on_a_card_that_no_build_supports_is_blocked():
    plans = {
        name: Plan(possible=False, blocked_by=("no kernels for 2.0",)) for name in ("pytorch", "tensorflow")
    }
    assert "no kernels for 2.0" in answer("single-gpu", GPU, plans=plans).blocked_by[0]


def test_a_narrow_lead_is_too_close_to_call():
    assert answer("vision", basis="published").too_close


@pytest.mark.parametrize("goal", GOALS)
def test_the_named_weight_really_turns_the_ranking(goal):
    result = answer(goal, GPU, HEALTHY)
    if "the weight of" not in result.flips_if:
        return
    words = result.flips_if.split("; or ")[0].split()
    criterion, side, at = words[words.index("of") + 1], words[-2], float(words[-1])
    what = aim([(GOALS[goal], 1.0)])
    what.weights[criterion] = max(at + (0.02 if side == "above" else -0.02), 0.0)
    results, _ = recommend(GPU, HEALTHY, CRITERIA, GOALS, {goal: 1.0})
    verdicts = {(r.id, r.framework): r.verdict for r in results}
    ranking = rank(what, CRITERIA, verdicts, SCORING.factors, "today")
    score = {entry.framework: entry.score for entry in ranking}
    assert score[result.ranking[1].framework] > score[result.ranking[0].framework]


def test_what_cannot_be_had_is_told_of_every_framework():
    said = answer("tpu").because
    for name in ("JAX", "PyTorch", "TensorFlow"):
        assert f"{name} cannot have here tpu" in said


@pytest.mark.parametrize("goal", GOALS)
def test_no_verdict_is_imagined_that_no_machine_can_give(goal):
    said = answer(goal, GPU, HEALTHY, team=["tensorflow"], kept=kept_of(["onnx-target"])).flips_if
    for name in ("team", "keep:onnx-target", *(one.id for one in CRITERIA.values() if one.not_checked)):
        for words in ("proves", "is no longer shown", "becomes impossible"):
            assert f"{name} {words}" not in said


STATED = [
    ("vision", {"kept": ("keras-code",)}),
    ("research", {"team": ("tensorflow",), "kept": ("keras-code",)}),
    ("production", {"team": ("pytorch",)}),
    ("vision", {"team": ("tensorflow",)}),
    ("nlp", {"team": ("tensorflow",), "kept": ("keras-code", "onnx-target")}),
]


@pytest.mark.parametrize(("goal", "stated"), STATED)
def test_the_named_statement_really_turns_the_ranking_and_no_other_does(goal, stated):
    def first(team, kept):
        return answer(goal, team=team, kept=kept_of(kept) if kept else ()).ranking[0].framework

    team, kept = stated.get("team", ()), stated.get("kept", ())
    said, now = answer(goal, team=team, kept=kept_of(kept) if kept else ()).flips_if, first(team, kept)
    for thing in kept:
        turned = first(team, tuple(one for one in kept if one != thing)) != now
        assert (f"{thing} need not be kept" in said) == turned
    for name, words in (("pytorch", "PyTorch"), ("tensorflow", "TensorFlow")):
        others = tuple(one for one in team if one != name) if name in team else (*team, name)
        assert (f"knows {words}" in said or f"not know {words}" in said) == (first(others, kept) != now)


def test_some_statement_turns_some_ranking():
    said = [
        answer(goal, team=s.get("team", ()), kept=kept_of(s["kept"]) if "kept" in s else ())
        for goal, s in STATED
    ]
    assert any("need not be kept" in one.flips_if for one in said)
    assert any("the team " in one.flips_if for one in said)


def test_jax_is_ranked_where_the_goal_asks_for_it_and_not_by_published_claims():
    assert answer("tpu").ranking[0].framework == "jax"
    assert {entry.framework for entry in answer("tpu", basis="published").ranking} == {
        "pytorch",
        "tensorflow",
    }
