"""Asks an interpreter about itself: two children side by side, a deadline, answers decoded strictly."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

import msgspec

from auditor.host import processes
from auditor.host.protocol import Answer, Host
from auditor.model.cut import head
from auditor.model.shapes import described
from auditor.target.answer import Interpreter, Paths, Reply, Target

DEADLINE = 15.0  # seconds for one run; a cold network disk takes a few
ANSWER_LIMIT = 64 << 20  # bytes
EXIT_TOO_OLD = 79  # inside.py's own
OLDEST = "3.8"
_MARK = "fwaudit-answer:"
_INSIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside.py")


class Refused(Exception):
    """The interpreter gave no answer; the message says why."""


def query(host: Host, python: str, cwd: str = "/", scratch: str | None = None) -> Target:
    """Return what the interpreter `python` says of itself; a recording answers by its path.

    `cwd` is the user's working directory, for which relative entries of PYTHONPATH stand; answers
    are written to `scratch`, or come over stdout where there is no such folder.

    Raises:
        NotRecorded: this interpreter was not asked when the machine was recorded.

    """
    found = host.call(f"target {python}", lambda: msgspec.to_builtins(_ask(python, cwd, scratch)))
    try:
        return msgspec.convert(found, described(Target))
    except msgspec.ValidationError as error:
        return Target(usable=False, reason=f"its recorded answer cannot be understood: {error}")


def _ask(python: str, cwd: str, scratch: str | None) -> Target:
    path_answers: list[Reply | str] = []
    second = threading.Thread(
        target=lambda: path_answers.append(_try(python, ["paths"], scratch)), daemon=True
    )
    second.start()
    first = _try(python, [], scratch)
    second.join(DEADLINE + 5)
    if isinstance(first, str):
        return Target(usable=False, reason=first)
    if first.python is None:
        return Target(usable=False, reason="its answer lacks the interpreter")
    said = path_answers[0] if path_answers else "no answer"
    if isinstance(said, str) or said.paths is None:
        reason = said if isinstance(said, str) else "its answer lacks the path"
        return Target(usable=True, python=first.python, folders=first.folders, path_reason=reason)
    paths = _from_cwd(said.paths, cwd)
    more = _beyond(first.python, paths, {folder.path for folder in first.folders})
    extra = _try(python, more, scratch) if more else Reply(0)
    if isinstance(extra, str):
        return Target(usable=True, python=first.python, folders=first.folders, paths=paths, path_reason=extra)
    return Target(usable=True, python=first.python, folders=first.folders + extra.folders, paths=paths)


def _beyond(python: Interpreter, paths: Paths, known: set[str]) -> list[str]:
    """Return the folders that only a user's program has: PYTHONPATH, user site, what they bring."""
    seen = known.union(python.sys_path)
    return [path for path in dict.fromkeys(paths.sys_path) if path not in seen]


def _from_cwd(paths: Paths, cwd: str) -> Paths:
    """Return the paths with the neutral folder of the run replaced by the user's working directory."""
    neutral = paths.cwd + os.sep

    def mapped(path: str) -> str:
        if path in ("", paths.cwd):
            return cwd
        return os.path.normpath(os.path.join(cwd, path[len(neutral) :])) if path.startswith(neutral) else path

    kept = tuple(mapped(path) for path in paths.sys_path)
    return Paths(sys_path=kept, user_site=paths.user_site, cwd=cwd, safe_path=paths.safe_path)


def _try(python: str, request: Sequence[str], scratch: str | None) -> Reply | str:
    """Return the answer of one run, or why there is none."""
    try:
        reply = _decode(_run(python, request, scratch))
    except Refused as refusal:
        return str(refusal)
    return f"the question failed inside it: {reply.error}" if reply.error else reply


def _run(python: str, request: Sequence[str], scratch: str | None) -> bytes:
    """Run inside.py once and return the raw answer. Isolated, except where the path is the question."""
    file = os.path.join(scratch, f"answer-{os.urandom(8).hex()}.json") if scratch else "-"
    flags = ["-B"] if request == ["paths"] else ["-I", "-B"]
    argv = [python, *flags, *_script(), file, *request]
    try:
        said = processes.run(argv, DEADLINE, os.environ, cwd=scratch or os.sep)
    except OSError as error:
        msg = f"it cannot be started: {error.strerror or error}"
        raise Refused(msg) from error
    try:
        data = _read(file) if scratch else said.stdout.rpartition(_MARK)[2].encode() * (_MARK in said.stdout)
    except OSError:
        data = b""
    if said.rc != 0 or not data:
        raise Refused(_why(said))
    return data


def _script() -> list[str]:
    """Return how to name inside.py to Python: as a file, or as text where we run from a zip."""
    if os.path.exists(_INSIDE):
        return [_INSIDE]
    import pkgutil

    return ["-c", (pkgutil.get_data("auditor.target", "inside.py") or b"").decode()]


def _read(file: str) -> bytes:
    with open(file, "rb") as stream:
        data = stream.read(ANSWER_LIMIT)
    os.unlink(file)
    return data


def _decode(data: bytes) -> Reply:
    try:
        return msgspec.json.decode(data, type=described(Reply))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        msg = f"its answer cannot be understood: {error}"
        raise Refused(msg) from error


def _why(said: Answer) -> str:
    """Return why a run ended without an answer."""
    last: Any = head((said.stderr.strip().splitlines() or [""])[-1], 200)
    if said.timed_out:
        return f"no answer within {DEADLINE:.0f} s"
    if said.rc == EXIT_TOO_OLD:
        return f"it is {last}: fwaudit audits {OLDEST} and newer"
    if "unknown option: -i" in said.stderr.lower() or "unknown option -i" in said.stderr.lower():
        return f"it is a Python older than 3.4: fwaudit audits {OLDEST} and newer"
    if said.rc is not None and said.rc < 0:
        return f"it was killed by {_signal_name(-said.rc)} before it answered"
    return f"it is no usable Python: exit code {said.rc} without an answer" + (f" ({last})" if last else "")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
