"""rules/criteria, rules/goals and rules/scoring.toml: whole, consistent, and strict."""

import pytest

from auditor.engine.listing import criterion_rows, goal_rows
from auditor.knowledge.criteria import load_criteria
from auditor.knowledge.goals import load_goals, load_scoring, parse_asked
from auditor.knowledge.loading import KnowledgeError

CRITERIA = load_criteria()
GOALS = load_goals(CRITERIA)
ROWS_OF_THE_COMPARISON = {
    "graph-type", "flexibility", "debugging", "deployment", "mobile", "web", "vision", "nlp", "audio",
    "high-level-api", "distributed", "tpu", "gpu", "community",
}  # fmt: skip
GOALS_PROMISED = {
    "research", "production", "cross-platform", "custom-models", "vision", "nlp", "audio", "mobile", "web",
    "edge", "distributed", "tpu", "single-gpu", "cpu-only", "serving", "teaching", "debugging",
}  # fmt: skip


def test_every_row_of_the_comparison_and_every_promised_goal_has_a_file():
    assert set(CRITERIA) >= ROWS_OF_THE_COMPARISON
    assert set(GOALS) >= GOALS_PROMISED


def test_every_criterion_counts_for_some_goal():
    assert {name for goal in GOALS.values() for name in goal.weights} == set(CRITERIA)


def test_factors_fall_from_verified_to_impossible():
    factors = load_scoring().factors
    assert factors.verified.factor > factors.unverified.factor > factors.contradicted.factor
    assert factors.contradicted.factor > factors.impossible.factor > 0


def test_listings_have_a_row_for_each():
    assert [row["id"] for row in goal_rows(GOALS)] == list(GOALS)
    assert {row["id"] for row in criterion_rows(CRITERIA)} == set(CRITERIA)


GOAL = 'id = "own"\ntitle = "t"\nwhy = "w"\n[weights]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOAL + 'visoin = { weight = 10, why = "x" }', 'own.toml: weights.visoin: no criterion "visoin"; did you mean "vision"?'),
        (GOAL + 'vision = { weight = 9, why = "x" }', "own.toml: weights: sum to 9, must sum to 10"),
        (GOAL + 'vision = { wieght = 10, why = "x" }', 'did you mean "weight"?'),
        (GOAL + 'vision = { weight = -1, why = "x" }', "weights"),
        (GOAL.replace("own", "other") + 'vision = { weight = 10, why = "x" }', 'must be the file\'s name "own"'),
        ("id = ", "own.toml"),
    ],
)  # fmt: skip
def test_a_wrong_goal_says_file_key_and_nearest_word(tmp_path, text, said):
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(KnowledgeError) as caught:
        load_goals(CRITERIA, tmp_path)
    assert said in str(caught.value)
    assert "own.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("word", "said"),
    [("reserch", 'did you mean "research"?'), ("web=-1", "above zero"), ("web=x", "above zero"), ("web=nan", "above zero")],
)  # fmt: skip
def test_what_is_asked_wrongly_is_explained(word, said):
    with pytest.raises(KnowledgeError, match=None) as caught:
        parse_asked([word], GOALS)
    assert said in str(caught.value)


def test_a_goal_asked_twice_counts_twice():
    assert parse_asked(["web", "web=2"], GOALS) == {"web": 3.0}
