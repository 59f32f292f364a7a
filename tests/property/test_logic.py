"""Kleene's laws, and versions that order as numbers do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.logic import Truth, all_of, any_of, negation
from auditor.engine.versions import satisfies, version_ge, version_lt

ORDER = {False: 0, None: 1, True: 2}
truths = st.sampled_from([True, False, None]).map(
    lambda holds: Truth(holds, ("a.b",), () if holds is not None else ("a.b: why",))
)
many = st.lists(truths, max_size=6)
versions = st.lists(st.integers(0, 999), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@given(many)
def test_all_is_the_least_and_any_the_greatest(parts: list[Truth]) -> None:
    values = [ORDER[part.holds] for part in parts]
    assert ORDER[all_of(parts).holds] == min(values, default=2)
    assert ORDER[any_of(parts).holds] == max(values, default=0)


@given(many)
def test_de_morgan(parts: list[Truth]) -> None:
    assert negation(all_of(parts)).holds == any_of(map(negation, parts)).holds
    assert negation(any_of(parts)).holds == all_of(map(negation, parts)).holds


@given(truths)
def test_double_negation(part: Truth) -> None:
    assert negation(negation(part)) == part


@given(many)
def test_what_is_open_says_why_and_what_is_decided_says_by_what(parts: list[Truth]) -> None:
    for found in (all_of(parts), any_of(parts)):
        assert bool(found.because) == (found.holds is None)
        assert found.keys or not parts


@given(many, st.randoms())
def test_order_does_not_matter(parts: list[Truth], random) -> None:
    shuffled = parts[:]
    random.shuffle(shuffled)
    assert all_of(parts).holds == all_of(shuffled).holds
    assert any_of(parts).holds == any_of(shuffled).holds


def numbers(text: str) -> list[int]:
    parts = [int(part) for part in text.split(".")]
    return parts + [0] * (4 - len(parts))


@given(versions, versions)
def test_versions_order_as_their_numbers(one: str, other: str) -> None:
    assert version_lt(one, other) == (numbers(one) < numbers(other))
    assert version_ge(one, other) != version_lt(one, other)


@given(versions, versions)
def test_a_local_part_counts_only_where_both_have_one(one: str, other: str) -> None:
    assert version_lt(f"{one}+cu121", other) == version_lt(one, other)


@given(versions, versions, versions)
def test_a_range_is_met_as_packaging_says(version: str, low: str, high: str) -> None:
    from packaging.specifiers import SpecifierSet

    specifier = f">={low},<{high},!=4.21.0"
    assert satisfies(version, specifier) == SpecifierSet(specifier).contains(version, prereleases=True)
