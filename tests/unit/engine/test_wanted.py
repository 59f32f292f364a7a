"""Which Python an installer's refusal leads to."""

from __future__ import annotations

import pytest

from auditor.engine.predicates.wanted import Wish, python_for


@pytest.mark.parametrize(
    ("wish", "python", "answer"),
    [
        # Linux had a wheel for 3.11, but whoever is offered 2.0 alone may be on it, elsewhere
        (Wish("torch", "1.13.1", ["2.0.0", "2.0.1"]), None, "3.10"),
        (Wish("torch", "1.13.1", ["2.9.0", "2.9.1"]), None, "3.11"),
        (Wish("torch", "1.13.1", ["2.0.0", "2.0.1"]), "3.12.1", "3.11"),
        (Wish("torch", "1.13.1", []), None, "3.11"),
        (Wish("torch", "2.9.1", ["1.13.1", "2.0.1"]), "3.8.2", "3.10"),
    ],
)
def test_the_python_that_has_a_wheel(wish: Wish, python: str | None, answer: str) -> None:
    assert python_for(wish, python) == answer
