"""Our own report as a terminal or Markdown shows it, pasted: its rows of what is here, and what it had found."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import system

_OURS = re.compile(
    r"^(?:Audited: |Read: [\d,]+ lines?|## fwaudit: |fwaudit \d[\w.]*, \d{4}-|\s*fwaudit \d[\w.]*, \d{4}-|(?:What you posted shows the cause|The likely cause): )"
)
_AUDITED = re.compile(r"^Audited:\s+(\S.{0,200}?) \(Python (\d+\.\d+[\w.]*)(?: (\w[\w-]*))?\)")
_ROW = re.compile(
    r"^(?:\s{2,}|\| )(GPU(?: \d{1,3}(?:[-, ]{1,2}\d{1,3}){0,20})?|driver|CPU|memory|system|PyTorch|TensorFlow|JAX)(?:\s+\| | {2,})(\S.*?)(?: \|)?$"
)
_MORE = re.compile(r"^ {12,16}(\S.*)$")  # where a row of a terminal goes on
# "1. Title (likely) [FWA204]", "**1. Title** (likely) `FWA204`", "... cause: **Title** (`FWA204`)"
_FOUND = re.compile(
    r"^\W{0,6}(?:[\w ]{5,40}: )?\W{0,4}(?:\d{1,3}\. )?(\w.{5,120}?)\*{0,2} (?:\((?:likely|possible)\) )?[\[(`]{1,2}([A-Z]{2,8}\d{3})[\])`]{1,2}"
)
# a heading broken at the terminal's width: its title begins here, its id stands on one of the next lines
_TITLE, _TITLE_LINES = re.compile(r"^\s{0,3}\d{1,3}\. \w"), 4
_ID_ENDS = re.compile(r"\[[A-Z]{2,8}\d{3}\]$")
# "torchvision 0.20.0 beside torch 2.9.1+cu130: ...": how our messages name two distributions
_BESIDE = re.compile(
    r"^\s{0,6}([A-Za-z][\w.-]{1,60}) (\d[\w.+]{0,30}) beside ([A-Za-z][\w.-]{1,60}) (\d[\w.+]{0,30}?)[:,.]?(?:\s|$)"
)
_LISTED = re.compile(r'"name":"([\w.-]{1,80})", ?"version":"([\w.+!-]{1,60})"')
_LABEL = re.compile(
    r"^\W{0,6}(?:CAUSE|CARE|POSSIBLE|NO CAUSE|NOTHING READ|REPORTED|Read|Audited|Ruled out|Open|To ask|On|For|To check|Meanwhile|What shows it|Sources?|fwaudit \d[^:]*)\b"
)
_MEND, _INSTALL = (
    re.compile(r"\bmend it:"),
    re.compile(r"\b(?:pip3?|conda|mamba|uv|apt|apt-get|dnf) (?:un)?install\b"),
)
_REACH = 14  # lines below "To mend it:" in which its commands stand
# of Markdown's tables: a fact with its answer, and a check, which says nothing of this machine by itself
_FACT = re.compile(r"^\| `([a-z_]{2,20}(?:\[\d{1,3}\])?\.[\w.]{2,60})` \| (.{1,400}?) \|$")
_CHECK = re.compile(r"^\| `[A-Z]{2,8}\d{3}` \| ")
_CUT = 280  # characters from which an answer may have been cut
_FRAMEWORKS = {"PyTorch": "torch.version", "TensorFlow": "tensorflow.version", "JAX": "jax.version"}


def read(lines: list[Line]) -> Notes:
    """Return the interpreter and what the rows of the machine say; a remedy's commands were not typed by anybody."""
    notes = Notes()
    if not is_ours(lines):
        return notes
    mend = -_REACH
    for index, line in enumerate(lines):
        mend = index if _MEND.search(line.text) else mend
        if found := _AUDITED.match(line.text):
            notes.tell("python.executable", found[1], line)
            notes.tell("python.version", found[2], line)
        elif (index - mend < _REACH and _INSTALL.search(line.text)) or index == mend:
            notes.take(line)
        elif found := _FACT.match(line.text):
            _fact(notes, line, found[1], found[2])
        elif found := _BESIDE.match(line.text):
            notes.package(line, found[1], found[2])
            notes.package(line, found[3], found[4])
        elif _CHECK.match(line.text) or _LABEL.match(line.text):
            notes.take(line)
        else:
            notes.take(*_heading(lines, index)[1])
    for row, name, words in _rows(lines):
        _READ[name.partition(" ")[0]](notes, row, name, words)
        notes.take(row)
    return notes


def _fact(notes: Notes, line: Line, key: str, answer: str) -> None:
    """Read a row of the table of all facts; what was cut there stays unknown."""
    from auditor.knowledge.catalogue import convert, is_known

    words = re.sub(r"\\([^\w\s])", r"\1", answer)
    if key == "python.distributions":  # a list is cut, but what it names is installed
        for name, version in _LISTED.findall(words):
            notes.package(line, name, version)
    state, _, reason = words.partition(": ")
    notes.take(line)
    if not is_known(key) or state == "unknown":
        return
    if state == "absent" or words in ("none", "null"):
        notes.none(key, reason or "none", line)
    elif len(words) < _CUT:
        with contextlib.suppress(ValueError):
            notes.tell(key, convert(key, words), line)


def is_ours(lines: list[Line]) -> bool:
    """Return whether a report of ours stands in the text."""
    return any(_OURS.match(line.text) for line in lines)


def reported(lines: list[Line]) -> dict[str, str]:
    """Return id -> title of what a pasted report of ours had found."""
    if not is_ours(lines):
        return {}
    found = [match for index in range(len(lines)) if (match := _heading(lines, index)[0])]
    return {match[2]: match[1] for match in reversed(found)}


def others(lines: list[Line]) -> list[Line]:
    """Return the lines without the rows of our tables, whose words say nothing to other readers."""
    if not is_ours(lines):
        return lines
    return [line for line in lines if not (_FACT.match(line.text) or _CHECK.match(line.text))]


def _heading(lines: list[Line], index: int) -> tuple[re.Match[str] | None, list[Line]]:
    """Return the heading of a finding that begins on a line, with the lines it stands on."""
    line = lines[index]
    if found := _FOUND.match(line.text):
        return found, [line]
    if _TITLE.match(line.text):
        for last in range(index + 1, min(index + _TITLE_LINES, len(lines))):
            if _ID_ENDS.search(lines[last].words):
                rows = lines[index : last + 1]
                return _FOUND.match(" ".join(row.words for row in rows)), rows
    return None, []


def _rows(lines: list[Line]) -> Iterator[tuple[Line, str, str]]:
    """Yield each row with its name and its words, those of the lines below that it goes on in included."""
    for index, line in enumerate(lines):
        if found := _ROW.match(line.text):
            words = [found[2]]
            for below in lines[index + 1 : index + 4]:
                if not (more := _MORE.match(below.text)):
                    break
                words.append(more[1])
            yield line, found[1], " ".join(words)


def _gpu(notes: Notes, line: Line, name: str, words: str) -> None:
    if words == "none found":
        notes.tell("accelerators.vendors", [], line)
        return
    capability = re.search(r"compute capability (\d{1,2}\.\d)", words)
    for card in cards_in(words.partition(",")[0])[:1]:
        if capability:
            card["compute_capability"] = capability[1]
        for _ in range(_count(name)):
            notes.card(line, **card)


def _count(name: str) -> int:
    """Return how many cards "GPU 0-3, 6" names."""
    spans = [span.split("-") for span in re.findall(r"\d{1,3}(?:-\d{1,3})?", name)]
    return min(64, sum(max(1, int(span[-1]) - int(span[0]) + 1) for span in spans)) or 1


def _driver(notes: Notes, line: Line, _: str, words: str) -> None:
    for key, pattern in (
        ("nvidia.driver_version", r"NVIDIA (\d{3}[\d.]*\d)"),
        ("nvidia.cuda_driver_version", r"CUDA up to (\d{1,2}\.\d{1,2})"),
        ("amd.driver_version", r"amdgpu (\d[\w.]*\w)"),
        ("amd.rocm_version", r"ROCm (\d[\d.]*\d)"),
    ):
        if found := re.search(pattern, words):
            notes.tell(key, found[1], line)


def _cpu(notes: Notes, line: Line, _: str, words: str) -> None:
    first = words.partition(",")[0]
    if not re.match(r"\d|x86_64_v", first):
        notes.tell("cpu.model_name", first, line)
    if level := re.search(r"\bx86_64(?:_v[2-4])?$", words):
        notes.tell("cpu.x86_64_level", level.group(), line)


def _system(notes: Notes, line: Line, _: str, words: str) -> None:
    name = re.split(r", (?:kernel|glibc) ", words)[0]
    for key, value in system(words.replace("in a container", "")).items():
        notes.tell(key, value, line)
    if not name.startswith(("kernel ", "glibc ", "in a ")):
        notes.tell("os.pretty_name", name, line)
    for key, pattern in (
        ("os.kernel", r"\bkernel (\d[\w.+-]*)"),
        ("os.glibc_version", r"\bglibc (\d\.\d+)"),
        ("container.runtime", r"in a container \((\w+)\)"),
    ):
        if found := re.search(pattern, words):
            notes.tell(key, found[1], line)


def _framework(notes: Notes, line: Line, name: str, words: str) -> None:
    if found := re.match(r"(\d[\w.+]{0,40})", words):
        notes.tell(_FRAMEWORKS[name], found[1], line)


def _nothing(_: Notes, __: Line, ___: str, ____: str) -> None:
    """Take a row of which no rule needs a fact."""


_READ: dict[str, Callable[[Notes, Line, str, str], None]] = {
    "GPU": _gpu, "driver": _driver, "CPU": _cpu, "memory": _nothing, "system": _system,
    "PyTorch": _framework, "TensorFlow": _framework, "JAX": _framework,
}  # fmt: skip
