"""What a dying process wrote, in the order in which a reader of its last lines needs it."""

from __future__ import annotations

from auditor.smoke.words import innermost_last

DUMP = """\
a warning before
Fatal Python error: Segmentation fault

Current thread 0x01 (most recent call first):
  File "a.py", line 1 in inner
  File "a.py", line 2 in outer

Thread 0x02 (most recent call first):
  File "b.py", line 3 in idle

Current thread's C stack trace (most recent call first):
  Binary file "libc.so.6", at raise+0x1 [0x7f]
  Binary file "python", at main+0x2 [0x7e]

Extension modules: numpy (total: 1)
the parent's own words"""
TOLD = """\
a warning before
Fatal Python error: Segmentation fault

Thread 0x02 (most recent call last):
  File "b.py", line 3 in idle
Current thread's C stack trace (most recent call last):
  Binary file "python", at main+0x2 [0x7e]
  Binary file "libc.so.6", at raise+0x1 [0x7f]
Current thread 0x01 (most recent call last):
  File "a.py", line 2 in outer
  File "a.py", line 1 in inner
Extension modules: numpy (total: 1)
the parent's own words"""


def test_the_current_thread_comes_last_in_its_dump_and_what_follows_stays_behind() -> None:
    assert innermost_last(DUMP) == TOLD


def test_a_traceback_and_plain_words_are_left_as_they_are() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n\nValueError: x\n'
    assert innermost_last(text) == text.removesuffix("\n")


def test_two_dumps_are_two() -> None:
    one = 'Stack (most recent call first):\n  File "a.py", line 1 in f\n  File "a.py", line 2 in g\nbetween'
    turned = 'Stack (most recent call last):\n  File "a.py", line 2 in g\n  File "a.py", line 1 in f\nbetween'
    assert innermost_last(f"{one}\n{one}") == f"{turned}\n{turned}"
