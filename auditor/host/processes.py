"""Child processes: their own session, a deadline, capped output, and nothing left behind."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

from auditor.host import leftovers
from auditor.host.protocol import Answer

OUTPUT_LIMIT = 8 << 20
_GRACE = 1.0  # seconds between TERM and KILL, and for an unkillable child to be left behind
_MOMENT = 0.05  # seconds in which a killed child that can end has ended

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()
_ends_at: float | None = None  # time.monotonic() by which every child of `run` is to have ended
_spawned = False  # since what was left behind was last looked for
_over: frozenset[threading.Thread] = frozenset()  # whose run has ended: they start nothing more


def spawn(
    argv: Sequence[str],
    env: Mapping[str, str],
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own with stdin closed; `terminate_all` ends it.

    Raises:
        OSError: it could not be started, or the run of this thread has ended meanwhile.

    """
    global _spawned
    with _lock:  # whoever ends all children finds this one, or keeps it from being started
        if threading.current_thread() in _over:
            raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
        _spawned = True
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**env, leftovers.VARIABLE: leftovers.mark()},
            cwd=cwd,
            start_new_session=os.name == "posix",
        )
        _running.add(process)
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    """End a child's whole group, TERM then KILL, and forget it; an unkillable one is left behind.

    Works after the child itself ended too: grandchildren that it left go with the group.
    """
    _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    _signal_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    with _lock:
        _running.discard(process)


def terminate_all() -> None:
    """End every child that still runs and what earlier ones left: called at a run's end, however it comes.

    Threads that were at work for it start no more: a probe whose tool was ended would ask the next one.
    """
    global _over, _spawned
    with _lock:
        left = list(_running)
        _over = frozenset(threading.enumerate()) - {threading.current_thread()}
    for process in left:
        finish(process)
    if _spawned:
        leftovers.end_all()
        _spawned = False


def kill_all() -> list[int]:
    """Kill every child that still runs without waiting for it; return the ids of those that do not end.

    For runs whose own time is up: a child that the kernel holds (state D) is left behind.
    """
    with _lock:
        left = list(_running)
    for process in left:
        _signal_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    deadline = time.monotonic() + _MOMENT
    while any(process.poll() is None for process in left) and time.monotonic() < deadline:
        time.sleep(0.005)
    return [process.pid for process in left if process.poll() is None]


def end_by(moment: float | None) -> None:
    """Let no child of `run` go on beyond a moment (time.monotonic()): a run with a budget; None lifts it."""
    global _ends_at
    _ends_at = moment


def is_bounded() -> bool:
    """Return whether the run has a budget."""
    return _ends_at is not None


def room(timeout: float) -> float:
    """Return the seconds that a child which starts now really has, of `timeout`."""
    return timeout if _ends_at is None else max(0.05, min(timeout, _ends_at - time.monotonic()))


def run(argv: Sequence[str], timeout: float, env: Mapping[str, str], cwd: str | None = None) -> Answer:
    """Run a command to its end or its deadline (seconds) and return what it said.

    Raises:
        OSError: it could not be started.

    """
    process = spawn(argv, env, cwd=cwd)
    outputs = [bytearray(), bytearray()]
    readers = [
        threading.Thread(target=_drain, args=(stream, buffer), daemon=True)
        for stream, buffer in zip((process.stdout, process.stderr), outputs, strict=True)
    ]
    for reader in readers:
        reader.start()
    timed_out = not _ends(process, readers[0], room(timeout))
    if not timed_out:  # a grandchild may hold the pipe open
        readers[0].join(_GRACE)
        readers[1].join(_GRACE)
    finish(process)
    text = [bytes(buffer).decode("utf-8", "replace") for buffer in outputs]
    return Answer(tuple(argv), text[0], text[1], None if timed_out else process.returncode, timed_out)


def _ends(process: subprocess.Popen[bytes], reader: threading.Thread, timeout: float) -> bool:
    """Wait for a child, at most `timeout` seconds; return whether it ended.

    The end of its output is waited for first: `Popen.wait` with a timeout looks only every 50 ms.
    """
    deadline = time.monotonic() + timeout
    while reader.is_alive() and process.poll() is None and (left := deadline - time.monotonic()) > 0:
        reader.join(min(left, 0.05))
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _drain(stream: IO[bytes] | None, into: bytearray) -> None:
    """Read a stream to its end, keeping the first part: a child that prints gigabytes never blocks."""
    if stream is None:
        return
    with stream:
        while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
            if len(into) < OUTPUT_LIMIT:
                into += chunk


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.kill()
