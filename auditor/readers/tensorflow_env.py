"""TensorFlow's `tf_env_collect.sh`, old and new, and what others made of it: sections under "== title ====="."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_TITLE = re.compile(
    r"^\W{0,4}== (cat /etc/issue|check python|python version|check os platform|are we in docker|compiler|c\+\+ compiler|uname -a"
    r"|check pips|check for virtualenv|(?:tensor|tf|paddle\w*|maja)\w{0,12} import|env|nvidia-smi|cuda libs"
    r"|tensorflow install(?:ation|ed from info)|bazel version)\s{1,3}=*\s*$"
)
_TUPLE = re.compile(r"^\s*\((\d), (\d{1,2}), (\d{1,2}), '(?:final|candidate|beta|alpha)', \d{1,2}\)\s*$")
_RELEASE = re.compile(r"^\s*freedesktop os release: \{(.{2,1200})$")
_PAIR = re.compile(r"'(ID|VERSION_ID|PRETTY_NAME)': '([^']{1,80})'")
_ASSIGNED = re.compile(r"^\s*(ID|VERSION_ID|PRETTY_NAME)=\"?([^\"]{1,80}?)\"?\s*$")
_KEYS = {"ID": "os.id", "VERSION_ID": "os.version_id", "PRETTY_NAME": "os.pretty_name"}
_VARIABLE = re.compile(r"^\s*(D?Y?LD_LIBRARY_PATH) (is unset|\S{1,1000})\s*$")
_CUDART = re.compile(r"/libcudart\.so\.(\d{1,2}\.\d)[\d.]{0,9}\s*$")
_COMPILER = re.compile(r"^\s*(?:c|g)\+\+ \(.{3,80}?\) (\d{1,2}\.\d{1,2}\.\d{1,2})\b")
# lines of the report that say nothing of the environment, or what another line says as well
_KNOWN = re.compile(
    r"^\s*(?:python (?:branch|build version|compiler version|implementation):|os(?: kernel version| release version)?:|mac version:"
    r"|(?:linux (?:os )?distribution|architecture):|\(major, minor, micro, releaselevel, serial\)|Running inside a virtual environment"
    r"|Not running inside a virtual environment|tf\.(?:version\.)?(?:GIT|COMPILER)_VERSION = |Sanity check: |Copyright \(C\) \d{4} Free"
    r"|VERSION(?:_CODENAME)?=|This is free software; see the source|warranty; not even for MERCHANTABILITY|\d{1,7}:\s)"
)


# tf.sysconfig.get_build_info(): an OrderedDict of pairs, or a dict
_INFO = re.compile(
    r"['\"](cuda_version|cudnn_version|is_cuda_build|is_rocm_build)['\"](?:, |: )['\"]?([\w.]{1,20})"
)


def read(lines: list[Line]) -> Notes:
    """Return what the sections tell that no other reader knows; a line counts under its title only."""
    notes = Notes()
    for line in lines:
        if "is_cuda_build" in line.text or "cudnn_version" in line.text:
            _build_info(notes, line)
    title = ""
    for line in lines:
        if found := _TITLE.match(line.text):
            title = found[1]
            notes.take(line)
        elif title:
            _line(notes, title, line)
    return notes


def _line(notes: Notes, title: str, line: Line) -> None:
    text = line.text
    if _KNOWN.match(text):
        notes.take(line)
    elif title == "are we in docker" and line.words in ("Yes", "No"):
        _docker(notes, line)
    elif found := _TUPLE.match(text):
        notes.tell("python.version", ".".join(found.groups()), line)
    elif found := _RELEASE.match(text):
        for name, value in _PAIR.findall(found[1]):
            notes.tell(_KEYS[name], value, line)
    elif title == "cat /etc/issue" and (found := _ASSIGNED.match(text)):
        notes.tell(_KEYS[found[1]], found[2], line)
    elif title == "env" and (found := _VARIABLE.match(text)):
        _variable(notes, line, found[1], found[2])
    elif title == "cuda libs" and (found := _CUDART.search(text)):
        notes.toolkit(line, found[1])
    elif "compiler" in title and (found := _COMPILER.match(text)):
        notes.tell("compilers.gxx", found[1], line)
    elif title == "check for virtualenv" and line.words in ("True", "False"):
        notes.take(line)


def _build_info(notes: Notes, line: Line) -> None:
    told = dict(_INFO.findall(line.text))
    if told.get("is_cuda_build") == "False" and told.get("is_rocm_build") != "True":
        notes.none("tensorflow.cuda_build", "is_cuda_build is False", line)
    for name, key in (("cuda_version", "tensorflow.cuda_build"), ("cudnn_version", "tensorflow.cudnn_build")):
        if re.fullmatch(r"\d{1,2}(?:\.\d{1,2}){0,2}", told.get(name, "")):
            notes.tell(key, told[name], line)


def _docker(notes: Notes, line: Line) -> None:
    if line.words == "Yes":
        notes.tell("container.runtime", "docker", line)
    else:
        notes.take(line)


def _variable(notes: Notes, line: Line, name: str, value: str) -> None:
    if name == "LD_LIBRARY_PATH" and value != "is unset":
        notes.variable(line, name, value)
    else:
        notes.take(line)
