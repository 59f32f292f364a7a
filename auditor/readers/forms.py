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


_ASKED = re.compile(
    r"\b(torch|tf|tensorflow|np|numpy|jax|jaxlib|torchvision|torchaudio|keras|transformers|onnxruntime|ort|triton|xformers|vllm)"
    r"\.(__version__|version\.cuda|version\.hip|VERSION|cuda\.is_available\(\)|__file__)"
)
_SHORT = {"tf": "tensorflow", "np": "numpy", "ort": "onnxruntime"}
_WHAT = {
    "version.cuda": " version cuda",
    "version.hip": " version hip",
    "cuda.is_available()": " cuda is available",
}
_ANSWER = re.compile(r"'?\"?(\d{1,4}\.\d[\w.+-]{0,40}|None|True|False|[/~]\S{1,300}/__init__\.py)'?\"?")
_OF_USER = re.compile(r"/\.local/lib/python\d\.\d{1,2}/(?:site|dist)-packages/")


def printed(lines: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield what an interpreter was asked ("print(torch.__version__)") with each answer on the line below."""
    for above, below in itertools.pairwise(lines):
        asked = _ASKED.findall(above.text)
        words = re.split(r"[\s,]+", below.words.strip("()"))
        answers_here = [found[1] for word in words if (found := _ANSWER.fullmatch(word))]
        if asked and len(asked) == len(answers_here) == len(words):
            told = list(zip(asked, answers_here, strict=True))
            for (name, what), answer in told:
                if what != "__file__":
                    key = _SHORT.get(name, name) + _WHAT.get(what, "")
                    yield above, Line(below.number, f"{key}: {answer}")
            yield from ((above, Line(below.number, row)) for row in _from_user_folder(told))


def _from_user_folder(told: list[tuple[tuple[str, str], str]]) -> Iterator[str]:
    """Yield "user site package: torch==2.1.0" where an interpreter told both a release and that it lies there."""
    versions = {name: answer for (name, what), answer in told if what == "__version__"}
    for (name, what), path in told:
        if what == "__file__" and _OF_USER.search(path) and name in versions:
            yield f"user site package: {_SHORT.get(name, name)}=={versions[name]}"
