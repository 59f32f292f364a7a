"""Commands written for a POSIX shell, as cmd.exe takes them; those of another system alone are left out."""

from __future__ import annotations

import re

_QUOTES = re.compile(r"""\"[^\"]*\"|'([^']*)'""")
_HOME_PYTHON = re.compile(r"~/venvs/([\w{}.-]+)/bin/python")
_HOME = re.compile(r"~/venvs/([\w{}.-]+)")
_SET = re.compile(r"(\w+)=(\S*)")
# what only Linux or macOS has, as the first word of a command or of a part of a pipe
_FOREIGN = (
    "sudo", "ldconfig", "lsmod", "dpkg", "dkms", "modprobe", "dmesg", "cat", "free", "df", "du", "ulimit", "ip", "ps",
    "strings", "grep", "awk", "printf", "echo", "kubectl", "ibstat", "perfquery", "rocminfo", "id", "ls", "timeout",
    "mokutil", "getent", "systemctl", "source", "lspci", "uname",
)  # fmt: skip
_SHORTENS = ("head", "tail", "sort", "wc")
_PATTERNS = re.compile(r"(?:^|\s)-e ?(\S+)")


def for_windows(line: str) -> str:
    """Return the command for cmd.exe; empty where Windows has nothing of the kind."""
    if line.startswith("#"):
        return line
    if line.count("'") % 2 or line.count('"') % 2:
        return line
    line = _HOME_PYTHON.sub(r"%USERPROFILE%\\venvs\\\1\\Scripts\\python", line)
    line = _HOME.sub(r"%USERPROFILE%\\venvs\\\1", line)
    command, mark, remark = line.partition("  # ")
    done = _joined([part if part == "&&" else _translated(part) for part in _pieces(command)])
    return f"{done}{mark}{remark}" if done else ""


def _joined(parts: list[str]) -> str:
    """Join commands: "&&" where both sides are left, else "&"."""
    said = ""
    for number, part in enumerate(parts):
        if part and part != "&&":
            bound = " && " if number and parts[number - 1] == "&&" else " & "
            said += (bound if said else "") + part
    return said


def _pieces(command: str) -> list[str]:
    """Part at ";" and "&&" outside quotes; "&&" stays a part of its own."""
    found = re.findall(r"&&|(?:'[^']*'|\"[^\"]*\"|[^;&'\"]|(?<!&)&(?!&))+", command)
    return [piece.strip() for piece in found]


def _translated(command: str) -> str:
    if "$" in command or re.search(r"/(?:dev|proc|sys|usr|etc)/", command):
        return ""
    parts = re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^|'\"])+", command)
    first, *rest = (part.strip() for part in parts)
    word, _, rest_of_first = first.partition(" ")
    if word == "unset":
        return " & ".join(f"set {name}=" for name in rest_of_first.split())
    if word == "export":
        return " & ".join(f"set {name}={value}" for name, value in _SET.findall(rest_of_first))
    if word in ("rm", "rmdir"):
        path = rest_of_first.partition(" ")[2] if rest_of_first.startswith("-") else rest_of_first
        return f"rmdir /s /q {_quoted(path)}"
    if word == "env":
        first = "set"
    elif word in _FOREIGN or "=" in word:
        return ""
    return " | ".join([_quoted(first), *(_filter(part) for part in rest if not part.startswith(_SHORTENS))])


def _filter(part: str) -> str:
    """Return `findstr` for `grep`: its words are alternatives."""
    words = _PATTERNS.findall(part)
    if not words:
        options_gone = re.sub(r"^grep(?:\s+-\w+)*\s*", "", part).strip("'\"")
        words = options_gone.split("|")
    ignores_case = " /i" if re.search(r"\s-\w*i", part) else ""
    return f'findstr{ignores_case} "{" ".join(word.strip(chr(39)) for word in words)}"'


def _quoted(text: str) -> str:
    """Return a text with double quotes about what single quotes held; those within it become single ones."""
    return _QUOTES.sub(
        lambda found: found.group() if found[1] is None else '"' + found[1].replace('"', "'") + '"',
        text,
    )
