"""A long text is cut between words: half a secret would not be recognised by redaction."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.model import cut

SECRET = "https://bob:Hunter2SecretPassw0rd@pypi.corp.example/simple"


@given(st.integers(0, 400), st.integers(10, 400))
def test_no_part_of_a_word_is_left(before, limit):
    text = "x " * before + SECRET + " end"
    for kept in (cut.head(text, limit), cut.tail(text, limit)):
        assert SECRET in kept or "Hunter2" not in kept
        assert len(kept) <= limit


@given(st.text(), st.integers(10, 50))
def test_short_texts_stay_and_long_ones_fit(text, limit):
    assert len(cut.head(text, limit)) <= limit
    assert cut.head(text, 10_000) == cut.tail(text, 10_000) == text


def test_a_tail_begins_with_a_whole_line():
    assert cut.tail("password: secret\nsecond line\nthird", 24) == "second line\nthird"
