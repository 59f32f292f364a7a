"""Issue forms: a question as a heading (or as a line that ends with a colon), its answer on the line below."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from auditor.readers.lines import Line
from auditor.readers.statements import asks

_HEADING = re.compile(
    r"\s{0,3}(?:#{1,6}\s{1,8}|\*\*)([A-Za-z][^#*]{1,70}?)\s{0,4}[:?]?\s{0,4}(?:\*\*:?|#{1,6})?\s{0,4}$"
)
_COLON = re.compile(r"[\s\-*•+]{0,6}([A-Za-z][\w .()/&+-]{1,60}?)(?:\*\*)?:\s*(?:\*\*)?\s*$")
_NO_ANSWER = re.compile(
    r"\s{0,3}(?:#{1,6}\s|\*\*)|\s{0,40}(?:[-*•+]\s{1,8})?\*{0,2}[A-Za-z][\w ./()-]{0,60}:(?:\*\*)?(?:\s|$)"
)
_LONGEST = 120  # characters of an answer; what is longer is a story


def answers(lines: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield each question with its answer as one line "question: answer", under the answer's number."""
    for above, below in itertools.pairwise(lines):
        found = _HEADING.match(above.text) or _COLON.match(above.text)
        if found and len(below.words) <= _LONGEST and not _NO_ANSWER.match(below.text) and asks(found[1]):
            yield above, Line(below.number, f"{found[1]}: {below.words.lstrip('-*•+ ')}")


# what an interpreter was asked
_ASKED = re.compile(
    r"\b(?:(torch|tf|tensorflow|np|numpy|jax|jaxlib|torchvision|torchaudio|keras|transformers|onnxruntime|ort|triton|xformers|vllm)"
    r"\.(__version__|__file__|version\.cuda|version\.hip|VERSION)\b|torch\.cuda\.(is_available|device_count)\(\))"
)
_SHORT = {"tf": "tensorflow", "np": "numpy", "ort": "onnxruntime"}
_FILE = " __file__"
_WHAT = {"version.cuda": " version cuda", "version.hip": " version hip", "__file__": _FILE}
_CALLS = {"is_available": "torch cuda is available", "device_count": "torch cuda device count"}
_ANSWER = re.compile(
    r"'?\"?(\d{1,4}\.\d[\w.+-]{0,40}|None|True|False|\d{1,3}|[/~]\S{1,300}/__init__\.py)'?\"?"
)
_OF_USER = re.compile(r"/\.local/lib/python\d\.\d{1,2}/(?:site|dist)-packages/")
# what is asked of a card -> the words of its statement, and what of the line below is the answer
_CARD_ASKED = (
    ("get_device_name(", "gpu name", re.compile(r"^\W{0,3}([A-Z][\w .-]{3,60})")),
    ("get_device_capability(", "compute capability", re.compile(r"(\(\d{1,2}, \d\))")),
)
_MOST_ASKED = 12  # questions in a row


def printed(lines: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield what an interpreter was asked ("print(torch.__version__)") with each answer on a line below.

    Of several questions in a row, as in a script, the answers follow in the same order.
    """
    index = 0
    while index < len(lines):
        asking = list(itertools.takewhile(_keys, lines[index : index + _MOST_ASKED]))
        keys = [(line, key) for line in asking for key in _keys(line)]
        index += max(len(asking), 1)
        told = list(zip(keys, _given(lines[index:], len(keys)), strict=False))
        for (above, key), (below, answer) in told:
            if not key.endswith(_FILE):
                yield above, Line(below.number, f"{key}: {answer}")
        yield from _from_user_folder(told)
    for above, below in itertools.pairwise(lines):
        # of a name and a capability on one line the name alone is read: it tells both
        asked = next((row for row in _CARD_ASKED if row[0] in above.text), None)
        if asked and (found := asked[2].search(below.text)):
            yield above, Line(below.number, f"{asked[1]}: {found[1]}")


def _from_user_folder(told: list[tuple[tuple[Line, str], tuple[Line, str]]]) -> Iterator[tuple[Line, Line]]:
    """Yield "user site package: torch==2.1.0" where an interpreter told both a release and that it lies there."""
    versions = {key: answer for (_, key), (_, answer) in told}
    for (above, key), (below, path) in told:
        name = key.removesuffix(_FILE)
        if key != name and _OF_USER.search(path) and name in versions:
            yield above, Line(below.number, f"user site package: {name}=={versions[name]}")


def _keys(line: Line) -> list[str]:
    """Return the words of the statements that would say what a line asks for."""
    return [
        _CALLS[call] if call else _SHORT.get(name, name) + _WHAT.get(what, "")
        for name, what, call in _ASKED.findall(line.text)
    ]


def _given(below: list[Line], count: int) -> list[tuple[Line, str]]:
    """Return the answers that stand below so many questions: none where their number is another."""
    given: list[tuple[Line, str]] = []
    for line in below[:count]:
        words = re.split(r"[\s,]+", line.words.strip("()"))
        found = [match for word in words if (match := _ANSWER.fullmatch(word))]
        if len(found) < len(words) or len(given) >= count:
            break
        given += [(line, match[1]) for match in found]
    return given if len(given) == count else []
