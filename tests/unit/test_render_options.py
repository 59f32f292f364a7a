"""How to draw follows the environment, the terminal and its encoding."""

import io

import pytest

from auditor.render import detect


class Stream(io.StringIO):
    """A text stream that is a terminal or not."""

    def __init__(self, encoding="utf-8", *, tty=False):
        super().__init__()
        self._encoding, self._tty = encoding, tty

    encoding = property(lambda self: self._encoding)

    def isatty(self):
        return self._tty


@pytest.mark.parametrize(
    ("tty", "env", "colour"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (False, {}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(tty, env, colour):
    assert detect(Stream(tty=tty), env).colour is colour


@pytest.mark.parametrize(
    ("encoding", "tty", "env", "unicode"),
    [
        ("utf-8", True, {"LANG": "de_DE.UTF-8"}, True),
        ("ascii", True, {}, False),
        ("ascii", False, {}, False),
        ("latin-1", True, {}, False),
        ("utf-8", True, {"LC_ALL": "C"}, False),
        ("utf-8", True, {"LC_ALL": "C.UTF-8", "LANG": "C"}, True),
        ("utf-8", False, {"LC_ALL": "C"}, True),
        ("no-such", False, {}, False),
        (None, False, {}, False),
    ],
)
def test_an_ascii_terminal_gets_ascii(encoding, tty, env, unicode):
    assert detect(Stream(encoding, tty=tty), env).unicode is unicode


@pytest.mark.parametrize(
    ("env", "width"), [({}, 80), ({"COLUMNS": "100"}, 100), ({"COLUMNS": "x"}, 80), ({"COLUMNS": "5"}, 40)]
)
def test_width(env, width):
    assert detect(Stream(), env).width == width
