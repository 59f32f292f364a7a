"""NVML, asked in a child process with a deadline: its crash or hang is an answer, never ours."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import msgspec

from auditor.host import processes
from auditor.host.protocol import Answer

# initialising eight GPUs without persistence mode takes up to ten seconds
DEADLINE = 15.0
PROOF = 10.0  # seconds of silence that prove a hang; before them it may still be initialising
KEY = "nvml"

Reply = dict[str, Any]


def ask() -> Reply:
    """Return {"state": ok | missing | error | crash | hang, "message": why, "report": what NVML said}."""
    import importlib.util
    import pkgutil

    spec = importlib.util.find_spec("pynvml")
    if spec is None or spec.origin is None:
        return {"state": "missing", "message": "the Python module pynvml is not installed beside fwaudit"}
    source = pkgutil.get_data("auditor.probes.nvidia", "nvml_child.py")
    if source is None:
        return {"state": "missing", "message": "fwaudit's own nvml_child.py is missing"}
    folder = os.path.dirname(spec.origin)
    allowed = processes.room(DEADLINE)
    argv = [sys.executable, "-I", "-S", "-B", "-c", source.decode(), folder, str(allowed * 0.9)]
    try:
        answer = processes.run(argv, DEADLINE, os.environ)
    except OSError as error:
        return {"state": "error", "message": f"no child could be started: {error.strerror}"}
    return read(answer, allowed)


def read(answer: Answer, allowed: float = DEADLINE) -> Reply:
    """Return what became of the child, which had `allowed` seconds."""
    if answer.timed_out:
        state = "hang" if allowed >= PROOF else "slow"
        return {"state": state, "message": f"no answer in {allowed:.3g} s{_where(answer.stderr)}"}
    if answer.rc is not None and answer.rc < 0:
        return {"state": "crash", "message": f"{_signal(-answer.rc)}{_where(answer.stderr)}"}
    try:
        report = msgspec.json.decode(answer.stdout)
    except msgspec.DecodeError:
        last = answer.stderr.strip().rpartition("\n")[2]
        windows_fault = (answer.rc or 0) > 255  # such as 0xC0000005, an access violation
        state = "crash" if windows_fault else "error"
        return {"state": state, "message": f"exit {answer.rc} without an answer: {last}"}
    for state in ("missing", "error"):
        if state in report:
            return {"state": state, "message": report.pop(state), "report": report}
    return {"state": "ok", "message": "", "report": report}


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _where(stderr: str) -> str:
    """Return the innermost function of ours in a traceback of faulthandler: it names NVML's function."""
    frames = [line.strip() for line in stderr.splitlines() if " in nvml" in line or " in _" in line]
    return f" in {frames[0].rpartition(' in ')[2]}" if frames else ""
