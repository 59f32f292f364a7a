"""Commands written for a POSIX shell, as cmd.exe and PowerShell both take them; those of another system alone are left out.

What joins commands differs between the two, so each stands on a line of its own; what sets a variable has a remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = re.compile(r"""\"[^\"]*\"|'([^']*)'""")
_HOME_PYTHON = re.compile(r"~/venvs/([\w{}.-]+)/bin/python")
_HOME = re.compile(r"~/venvs/([\w{}.-]+)")
_SET = re.compile(r"(\w+)=(\S*)")
# what only Linux or macOS has, as the first word of a command or of a part of a pipe
_FOREIGN = (
    "sudo", "ldconfig", "lsmod", "dpkg", "dkms", "modprobe", "dmesg", "cat", "free", "df", "du", "ulimit", "ip", "ps",
    "strings", "grep", "awk", "printf", "echo", "kubectl", "ibstat", "perfquery", "rocminfo", "id", "ls", "timeout",
    "mokutil", "getent", "for", "do", "break", "done", "numactl", "srun", "findmnt", "timedatectl", "ibqueryerrors", "find", "service", "module", "systemctl", "source", "lspci", "uname",
)  # fmt: skip
_SHORTENS = ("head", "tail", "sort", "wc")
_PATTERNS = re.compile(r"(?:^|\s)-e ?(\S+)")


def for_windows(line: str) -> str:
    """Return the command, or several on lines of their own; empty where Windows has nothing of the kind."""
    if line.startswith("#"):
        return line
    if line.count("'") % 2 or line.count('"') % 2:
        return line
    line = _HOME_PYTHON.sub(r"C:\\venvs\\\1\\Scripts\\python", line)
    line = _HOME.sub(r"C:\\venvs\\\1", line)
    command, mark, remark = line.partition("  # ")
    parts = (_translated(part) for part in _pieces(command) if part != "&&")
    done = "\n".join(part for part in parts if part)
    # a remark behind a command is a word of it in cmd
    return f"{done}\n# {remark}" if done and mark else done


def beside(lines: Sequence[str], interpreter: str) -> tuple[str, ...]:
    """Return lines that call an interpreter by its quoted path as both shells run it: from its own folder.

    PowerShell takes a quoted path for a text, and cmd knows nothing of its operator `&`.
    """
    folder, _, name = interpreter.strip('"').rpartition("\\")
    if not (interpreter.startswith('"') and folder and any(line.startswith(interpreter) for line in lines)):
        return tuple(lines)
    first = f'pushd "{folder}"'
    lines = [line for line in lines if line != first]
    return (first, *(line.replace(interpreter, f".\\{name}") for line in lines))


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
        return "\n".join(_set(name, "") for name in rest_of_first.split())
    if word == "export":
        return "\n".join(_set(name, value) for name, value in _SET.findall(rest_of_first))
    if word in ("rm", "rmdir"):
        path = rest_of_first.partition(" ")[2] if rest_of_first.startswith("-") else rest_of_first
        return f"cmd /c rmdir /s /q {_quoted(path)}"
    if word == "mv":
        return f"cmd /c move {_quoted(rest_of_first)}"
    if word == "env":
        first = "cmd /c set"
    elif word in _FOREIGN or "=" in word:
        return ""
    return " | ".join([_quoted(first), *(_filter(part) for part in rest if not part.startswith(_SHORTENS))])


def _set(name: str, value: str) -> str:
    return f"set {name}={value}\n# in PowerShell: $env:{name} = '{value}'"


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
