"""What a leak hunter finds: texts written to attack the redaction, and texts that only look like them."""

import canaries
import leaks
import pytest

from auditor.redaction import Identity, Redactor

IDENTITY = Identity(
    hosts=canaries.HOSTS, users=canaries.USERS, home=canaries.HOME, machine_id=canaries.MACHINE_ID
)


def missed(text):
    return any(part in text for part, _ in leaks.MISSED)


def test_there_are_hundreds_of_every_kind():
    assert len(leaks.ALL) > 250
    assert len({kind for kind, _, _ in leaks.ALL}) > 45


@pytest.mark.parametrize(("kind", "text", "secret"), [leak for leak in leaks.ALL if not missed(leak[1])])
def test_hides(kind, text, secret):
    redactor = Redactor(IDENTITY)
    assert secret not in redactor.text(text)
    assert redactor.counts.total() > 0
    for around in (f"2026-11-22 12:00:01 INFO {text}", f"one\n{text}\nthree", f"x: {text} "):
        assert secret not in redactor.text(around)


@pytest.mark.parametrize(("text", "secret"), leaks.LINES)
def test_hides_what_stands_in_its_place(text, secret):
    for around in (text, f"one\n{text} \nthree"):
        assert secret not in Redactor(IDENTITY).text(around)


@pytest.mark.parametrize(("part", "why"), leaks.MISSED)
def test_what_is_known_to_be_missed_still_is(part, why):
    """Where one is caught, its line leaves the list."""
    text, secret = next((text, secret) for _, text, secret in leaks.ALL if part in text)
    assert secret in Redactor(IDENTITY).text(text), why


@pytest.mark.parametrize("text", leaks.KEPT)
def test_keeps(text):
    assert Redactor(IDENTITY).text(text) == text


@pytest.mark.parametrize("text", [text for _, text, _ in leaks.ALL])
def test_what_was_hidden_once_stays_as_it_is(text):
    once = Redactor(IDENTITY).text(text)
    assert Redactor(IDENTITY).text(once) == once


@pytest.mark.parametrize("together", [1, 7, 400])
def test_what_is_looked_at_together_is_hidden_as_by_itself(together):
    texts = [*(text for _, text, _ in leaks.ALL), *leaks.KEPT, "a" * 70_000 + " token=hunter2hunter2"]
    for first in range(0, len(texts), together):
        lot, one, many = texts[first : first + together], Redactor(IDENTITY), Redactor(IDENTITY)
        many.foresee(lot)
        assert [many.text(text) for text in lot] == [one.text(text) for text in lot]
        assert many.counts == one.counts
