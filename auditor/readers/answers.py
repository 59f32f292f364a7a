"""What lsmod, df, ldconfig, getent, env and their like answered below a prompt; an empty answer counts."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.readers import kernel_answers
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

# (notes, the command, its line, the lines below)
Answer = Callable[[Notes, str, Line, list[Line]], None]

_SIZES = {"": 1, "K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30, "P": 1 << 40}  # KiB
# mounts where a framework must write -> what they are for
_MOUNTS = {"/": "the root file system", "/home": "home", "/root": "home", "/tmp": "tmp", "/var/tmp": "tmp"}
_DF = re.compile(r"\s*(\S+)\s+(\d[\d.]*)([KMGTP]?)i?\s+\S+\s+(\d[\d.]*)([KMGTP]?)i?\s+\d+%\s+(/\S*)\s*$")
_CACHED = re.compile(r"\s*(lib[\w+.-]{2,80}) \([^)]{2,60}\) => (/\S{2,300})\s*$")
_SET = re.compile(r"\s*([A-Z][A-Z0-9_]{2,50})=(.{0,1000})$")
_FAILED = re.compile(r"No such file|cannot access|command not found|not recognized|Permission denied")
_OURS = ("nvidia", "nouveau")


def disk(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Read the rows of `df` for the places where a framework writes."""
    rows = [(line, found) for line in below if (found := _DF.match(line.text)) and found[6] in _MOUNTS]
    places = [
        {
            "role": _MOUNTS[found[6]],
            "path": found[6],
            "filesystem": found[1],
            "total_kib": int(float(found[2]) * _SIZES[found[3]]),
            "free_kib": int(float(found[4]) * _SIZES[found[5]]),
        }
        for _, found in rows
    ]
    if places:
        notes.tell("disk.places", places, rows[0][0])
        notes.take(*(line for line, _ in rows))


def modules(notes: Notes, command: str, line: Line, below: list[Line]) -> None:
    """Tell that neither module is loaded where lsmod was searched for both and printed nothing."""
    asked = "|" not in command or all(word in command for word in _OURS)
    if asked and not any(row.text.strip() for row in below):
        notes.tell("nvidia.modules", [], line)


def cached(notes: Notes, command: str, _: Line, below: list[Line]) -> None:
    """Read `ldconfig -p`, where it was not searched for less than CUDA and cuDNN."""
    rows = [(line, found) for line in below if (found := _CACHED.match(line.text))]
    if rows and ("grep" not in command or ("cuda" in command and "cudnn" in command)):
        found_here = [
            {"soname": found[1], "path": found[2], "source": "ld.so.cache", "version": ""}
            for _, found in rows
        ]
        notes.tell("loader.libraries", found_here, rows[0][0])
    _one_cudnn(notes, rows)
    notes.take(*(line for line, _ in rows))


def _one_cudnn(notes: Notes, rows: list[tuple[Line, re.Match[str]]]) -> None:
    """Tell cuDNN's major version where the loader's cache holds one alone."""
    told = {found[1]: line for line, row in rows if (found := re.match(r"libcudnn\.so\.(\d{1,2})$", row[1]))}
    for major, line in told.items() if len(told) == 1 else ():
        notes.tell("loader.cudnn_version", major, line)


def names(notes: Notes, command: str, line: Line, below: list[Line]) -> None:
    """Tell whether a name resolves: getent prints its address, or nothing."""
    asked = re.search(r"getent hosts ([\w.-]{3,100})", command)
    if asked:
        there = next(
            (row for row in below if re.match(rf"\s*\S+\s+.*{re.escape(asked[1])}\s*$", row.text)), None
        )
        notes.tell("node.names", [{"name": asked[1], "resolves": there is not None}], there or line)
    notes.take(*(row for row in below if re.match(r"\s*(?:nameserver|search|options) \S", row.text)))


def variables(notes: Notes, command: str, line: Line, below: list[Line]) -> None:
    """Read variables, whose values may hold spaces on Windows; what a search for CUDA's did not print is not set."""
    rows = [(row, found) for row in below if (found := _SET.match(row.text))]
    for row, found in rows:
        notes.variable(row, found[1], found[2].strip())
    if not rows and "CUDA" in command and not any(row.text.strip() for row in below):
        notes.tell("env.variables", {}, line)


def toolkits(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Read the folders cuda-X.Y of `ls /usr/local`."""
    for line in below:
        for version in re.findall(r"(?:^|[\s/])cuda-(\d{1,2}\.\d)(?=[\s/@]|$)", line.text):
            notes.toolkit(line, version)


def container(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Tell Docker and Podman by the files that they leave at the root, and a host by its first process."""
    for line in below:
        if _FAILED.search(line.text):
            continue
        for mark, runtime in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
            if line.words == mark:
                notes.tell("container.runtime", runtime, line)
        if re.match(r"\s*(?:0::|1:name=systemd:)/init\.scope\s*$", line.text):
            notes.none("container.runtime", "the first process is the machine's own", line)


_SHOWN = re.compile(r"\bpip3? show ([\w.-]{2,60})\b(?!\s+[\w-])")


def shown(notes: Notes, command: str, _: Line, below: list[Line]) -> None:
    """Read the version that `pip show torch | grep Version` leaves of a distribution's description."""
    named = _SHOWN.search(command)
    rows = [
        (line, found)
        for line in below
        if (found := re.match(r"\s*Version: (\d[\w.+!-]{0,60})\s*$", line.text))
    ]
    if named and len(rows) == 1 and not any(line.words.startswith("Name: ") for line in below):
        notes.package(rows[0][0], named[1], rows[0][1][1], "pip")


def pod(notes: Notes, command: str, line: Line, _: list[Line]) -> None:
    """Take it that what kubectl runs in a pod is told of the pod."""
    if " -- " in command:
        notes.tell("container.runtime", "kubernetes", line)


ANSWERS: tuple[tuple[str, Answer], ...] = (
    ("df -h", disk), ("lsmod", modules), ("ldconfig -p", cached), ("getent hosts", names), ("env", variables),
    ("printenv", variables), ("set", variables), ("ls -d /.dockerenv", container), ("/proc/1/cgroup", container), ("uname -r", kernel_answers.release), ("modinfo", kernel_answers.module),
    ("/sys/module/nvidia/version", kernel_answers.module), ("ls /usr/local", toolkits),
    ("pip show", shown), ("pip3 show", shown), ("uv pip show", shown), ("python -m pip show", shown), ("python3 -m pip show", shown),
    ("kubectl exec", pod), ("sw_vers", kernel_answers.macos), ("uname -m", kernel_answers.machine), ("sysctl", kernel_answers.processor),
)  # fmt: skip
