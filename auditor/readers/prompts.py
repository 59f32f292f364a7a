"""A shell's prompt with a command and its answer below: what we ask for, as people paste it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from auditor.readers.answers import ANSWERS
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import system

# "$ cmd", "user@host:~/x$ cmd", "(base) [user@host x]# cmd", "% cmd"; a lone "#" begins a heading or a comment
_PROMPT = re.compile(
    r"^(?:\s{0,4}[$%]|[^$#%>]{0,80}(?:[\w~\])/][$#❯]|[~\])/] ?%)|\s{0,4}❯)\s+([a-zA-Z.][^\n]{1,300})$"
)
_WINDOWS_PROMPT = re.compile(
    r"^(?:\(.{1,40}?\) ?)?(?:PS )?[A-Za-z]:\\[^>\n]{0,120}>\s?([a-zA-Z.][^\n]{1,300})$"
)
_ECHO = re.compile(r"\becho [\"']?\$\{?([A-Z][A-Z0-9_]{2,40})\}?[\"']?\s*$")
_MOST = 40  # lines of one answer that are looked at
_SIZES = {"": 1, "K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30}  # KiB
_LIMITS = {"open files": ("limits.nofile", 1), "max user processes": ("limits.nproc", 1), "max locked memory": ("limits.memlock", 1024)}  # fmt: skip

Answer = Callable[[Notes, list[Line]], None]


def read(lines: list[Line]) -> Notes:
    """Return what commands answered that tell their subject only together with the command."""
    notes = Notes()
    _shm(notes, [line for line in lines if "/dev/shm" in line.text])
    commands = list(answered(lines))
    _before_commands(notes, commands)
    for command, line, below in commands:
        for part in (piece.strip() for piece in command.split(";")):
            if found := _ECHO.search(part):
                _variable(notes, line, found[1], below)
        for word, answer in _ANSWERS:
            if word in command:
                answer(notes, below)
                notes.take(line)
        for start, more in ANSWERS:
            if any(_begins(part.strip(), start) for part in re.split(r"[;&]+", command)):
                more(notes, command, line, below)
                notes.take(line)
    return notes


_BEFORE = re.compile(r"(?:env )?((?:[A-Z][A-Z0-9_]{3,40}=\S{0,200} ){1,6})\S")
_MASK = "VISIBLE_DEVICES"


def _before_commands(notes: Notes, commands: list[tuple[str, Line, list[Line]]]) -> None:
    """Read the masks that stand before commands, where every one that bears the mask bears the same."""
    told: dict[str, dict[str, Line]] = {}
    for command, line, _ in commands:
        if found := _BEFORE.match(command):
            for name, value in (word.split("=", 1) for word in found[1].split()):
                if name.endswith(_MASK) and "$" not in value:
                    told.setdefault(name, {}).setdefault(value.strip("\"'"), line)
    for name, values in told.items():
        if len(values) == 1:
            ((value, line),) = values.items()
            notes.variable(line, name, value)


def _begins(command: str, start: str) -> bool:
    """Return whether a command is the one that is meant, or, for a file, names it."""
    command = command.removeprefix("sudo ")
    return start in command if start.startswith("/") else f"{command} ".startswith(f"{start} ")


def answered(lines: list[Line]) -> Iterator[tuple[str, Line, list[Line]]]:
    """Yield each command behind a prompt, its line and the lines below it up to the next prompt."""
    prompts = [
        (index, found[1])
        for index, line in enumerate(lines)
        if (found := _PROMPT.match(line.text) or _WINDOWS_PROMPT.match(line.text))
    ]
    ends = [*(index for index, _ in prompts[1:]), len(lines)][: len(prompts)]
    for (index, command), end in zip(prompts, ends, strict=True):
        yield command, lines[index], lines[index + 1 : min(end, index + 1 + _MOST)]


def _variable(notes: Notes, line: Line, name: str, below: list[Line]) -> None:
    """Read a variable's value; another prompt, or nothing, below means that it is empty."""
    value = below[-1] if below and "PATH" in name and "/" in below[-1].text else below[0] if below else None
    if value is None:
        notes.variable(line, name, "")
    elif not re.search(r"\s", value.words):
        notes.variable(value, name, value.words)
        notes.take(line)


# a row of `df`, under its command or behind a person's own label
_SHM_ROW = re.compile(
    r"(?:^|[\s:])(?:shm|tmpfs|none|/dev/shm)\s+(\d[\d.]*)([KMGT]?)i?\s+\d[\d.]*[KMGT]?i?\s+(\d[\d.]*)([KMGT]?)i?\s+\d+%\s+/dev/shm\s*$"
)


def _shm(notes: Notes, below: list[Line]) -> None:
    for line in below:
        if found := _SHM_ROW.search(line.text):
            for key, number, unit in (("total", found[1], found[2]), ("free", found[3], found[4])):
                notes.tell(f"memory.shm_{key}_kib", int(float(number) * _SIZES[unit]), line)


def _limits(notes: Notes, below: list[Line]) -> None:
    for line in below:
        found = re.match(r"\s*([a-z ]{5,30}?)\s+\([^)]{1,30}\)\s+(\d{1,15}|unlimited)\s*$", line.text)
        if found and found[1] in _LIMITS:
            key, unit = _LIMITS[found[1]]
            notes.tell(key, -1 if found[2] == "unlimited" else int(found[2]) * unit, line)


def _memory(notes: Notes, below: list[Line]) -> None:
    """Read the line "Mem:" of `free`, whose last column is what is available."""
    for line in below:
        found = re.match(
            r"\s*Mem:\s+(\d[\d.]*)([KMGT]?)i?(?:\s+\S+){4}\s+(\d[\d.]*)([KMGT]?)i?\s*$", line.text
        )
        if found:
            notes.tell("memory.total_kib", int(float(found[1]) * _SIZES[found[2]]), line)
            notes.tell("memory.available_kib", int(float(found[3]) * _SIZES[found[4]]), line)


def _uname(notes: Notes, below: list[Line]) -> None:
    for line in below:
        if found := re.match(r"\s*(?:Linux \S+ )(\d+\.\d+[\w.+-]*) .*?(x86_64|aarch64|ppc64le)", line.text):
            notes.tell("os.kernel", found[1], line)
            notes.tell("os.arch", found[2], line)
            notes.tell("os.platform", system(line.text).get("os.platform", "linux"), line)


def _kernel(notes: Notes, below: list[Line]) -> None:
    if below and (found := re.fullmatch(r"\s*(\d+\.\d+[\w.+-]{1,80})\s*", below[0].text)):
        notes.tell("os.kernel", found[1], below[0])


def _locked(notes: Notes, below: list[Line]) -> None:
    """Read the answer of `ulimit -l`, in KiB."""
    if below and (found := re.fullmatch(r"\s*(\d{1,15}|unlimited)\s*", below[0].text)):
        notes.tell("limits.memlock", -1 if found[1] == "unlimited" else int(found[1]) * 1024, below[0])


def _release(notes: Notes, below: list[Line]) -> None:
    """Read os-release, whose keys are short words that others use as well."""
    keys = {"ID": "os.id", "VERSION_ID": "os.version_id", "PRETTY_NAME": "os.pretty_name"}
    for line in below:
        found = re.match(r"\s*(ID|VERSION_ID|PRETTY_NAME)=[\"']?([^\"']{1,80})[\"']?\s*$", line.text)
        if found:
            notes.tell(keys[found[1]], found[2], line)
            notes.tell("os.platform", "linux", line)


def _cgroup(notes: Notes, below: list[Line]) -> None:
    keys = (("cgroup.memory_limit_kib", 1024), ("cgroup.pids_limit", 1))
    rows = [line for line in below if re.fullmatch(r"\s*(?:max|\d{1,19})\s*", line.text)]
    for (key, unit), line in zip(keys, rows, strict=False):
        if line.words == "max":
            notes.none(key, "no limit", line)
        else:
            notes.tell(key, int(line.words) // unit, line)


def _secure_boot(notes: Notes, below: list[Line]) -> None:
    for line in below:
        if found := re.match(r"\s*SecureBoot (enabled|disabled)\b", line.text):
            notes.tell("system.secure_boot", found[1] == "enabled", line)


def _python(notes: Notes, below: list[Line]) -> None:
    if below and (found := re.match(r"\s*Python (3\.\d{1,2}\.\d{1,2}\S{0,6})\s*$", below[0].text)):
        notes.tell("python.version", found[1], below[0])


def _container(notes: Notes, below: list[Line]) -> None:
    for line in below:
        if found := re.search(r"\d+:[\w,=]*:/.*\b(docker|kubepods|libpod|lxc)", line.text):
            names = {"kubepods": "kubernetes", "libpod": "podman"}
            notes.tell("container.runtime", names.get(found[1], found[1]), line)


_ANSWERS: tuple[tuple[str, Answer], ...] = (
    ("df -h", _shm), ("ulimit -a", _limits), ("ulimit -l", _locked), ("uname -r", _kernel), ("free -", _memory), ("uname -a", _uname), ("/etc/os-release", _release),
    ("/sys/fs/cgroup/memory.max", _cgroup), ("mokutil", _secure_boot), ("python --version", _python),
    ("python3 --version", _python), ("py --version", _python), ("/proc/1/cgroup", _container),
)  # fmt: skip
