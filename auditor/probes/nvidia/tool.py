"""nvidia-smi, where NVML itself gave no answer: its hanging, failing or babbling is a state."""

from __future__ import annotations

import signal
from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread

import msgspec

from auditor.host import processes
from auditor.host.formats import nvidia_smi, nvidia_table
from auditor.host.formats.nvidia_smi import OtherSchema, Report, Unreadable
from auditor.host.protocol import Answer, Host, NotRecorded
from auditor.model import cut
from auditor.model.fact import Evidence, command, env

DEADLINE = 10.0
_HEAD_START = 0.3  # seconds for NVML, which answers in tens of milliseconds where the driver is awake
KEY = "nvidia-smi"
_ENDLESS = 4 << 20  # characters: sixteen GPUs with their processes take less than one million
_WSL = "/usr/lib/wsl/lib/nvidia-smi"  # not on PATH in some distributions

_QUERY = ["-q", "-x"]
# recordings may hold another layout: a live machine answers the first
_OTHERS: tuple[list[str], ...] = (["--query"], [], ["-L"])
_COLUMNS = ("gpu_name", "count", "driver_version", "compute_cap")
_CSV = [f"--query-gpu={','.join(_COLUMNS)}", "--format=csv,noheader"]


class Reply(msgspec.Struct):
    """How nvidia-smi fared: ok, hang, slow (the budget ended first), failed, garbage, other-schema, missing or unasked."""

    state: str
    message: str = ""
    report: Report | None = None
    evidence: tuple[Evidence, ...] = ()


class Beside:
    """nvidia-smi, asked while NVML is still silent: a budget has no room for one hang after the other."""

    def __init__(self, host: Host) -> None:
        """Wait for NVML for a moment, then ask."""
        self._host, self._enough = host, Event()
        self._replies: SimpleQueue[Reply | None] = SimpleQueue()
        Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        reply = None
        if not self._enough.wait(_HEAD_START):
            with suppress(Exception):  # whoever waits must hear; the question is then asked again
                reply = ask(self._host)
        self._replies.put(reply)

    def reply(self, *, wanted: bool) -> Reply | None:
        """Return the answer, None where it was not asked; where it is not wanted nobody waits for it."""
        self._enough.set()
        return self._replies.get() if wanted else None


def ask(host: Host) -> Reply:
    """Return what nvidia-smi says, with what only its other commands show."""
    reply = _first(host)
    if reply.state == "ok" and reply.report is not None:
        _capabilities(host, reply.report)
        _mig(host, reply.report)
        _links(host, reply.report)
    return reply


def _first(host: Host) -> Reply:
    why = ""
    for arguments in (_QUERY, *_OTHERS):
        allowed = processes.room(DEADLINE) if host.live else DEADLINE
        try:
            answer = _run(host, arguments)
        except NotRecorded as error:
            why = why or str(error)
            continue
        except FileNotFoundError:
            return Reply("missing", "there is no nvidia-smi on PATH", evidence=(env("PATH"),))
        except OSError as error:
            return Reply("failed", f"it could not be started: {error.strerror}")
        return read(answer, allowed)
    return _recorded_csv(host, why)


def _run(host: Host, arguments: list[str]) -> Answer:
    key = " ".join([KEY, *arguments])
    try:
        return host.run(key, ["nvidia-smi", *arguments], DEADLINE)
    except FileNotFoundError:
        return host.run(f"{key} (wsl)", [_WSL, *arguments], DEADLINE)


def read(answer: Answer, allowed: float = DEADLINE) -> Reply:
    """Return how an answer is to be taken, for which there were `allowed` seconds."""
    said = answer.stdout.strip() or answer.stderr.strip()
    evidence = (command(answer.line, cut.tail(said, 200)),)
    if answer.timed_out and len(said) >= _ENDLESS:
        why = f"it printed without end for {allowed:.3g} s and was stopped: nvidia-smi's place holds something else"
        return Reply("garbage", why, evidence=(command(answer.line),))
    if answer.timed_out:
        state = "hang" if allowed >= DEADLINE - 0.1 else "slow"
        return Reply(state, f"no answer in {allowed:.3g} s", evidence=evidence)
    try:
        report = nvidia_smi.parse(answer.stdout if answer.stdout.strip() else answer.stderr)
    except OtherSchema as error:
        return Reply("other-schema", str(error), evidence=evidence)
    except Unreadable as error:
        state = "failed" if answer.rc else "garbage"
        why = _ending(answer.rc, said) if answer.rc else str(error)
        return Reply(state, why, evidence=evidence)
    if report.layout == "message" and not report.driver_version:
        return Reply("failed", report.message, report, evidence)
    if report.truncated:
        return Reply("garbage", "its XML ends early", report, evidence)
    return Reply("ok", "", report, (command(answer.line),))


def _ending(code: int, said: str) -> str:
    """Return how a run that failed ended, and its first words."""
    words = f": {cut.head(said, 160)!a}" if said else " without a word"
    if code >= 0:
        return f"exit {code}{words}"
    with suppress(ValueError):
        return f"it was ended by {signal.Signals(-code).name}{words}"
    return f"it was ended by signal {-code}{words}"


def _recorded_csv(host: Host, why: str) -> Reply:
    """Take a recorded --query-gpu, where nothing better was recorded."""
    try:
        answer = _run(host, _CSV)
        devices = nvidia_table.parse_csv(answer.stdout, () if answer.stdout.startswith("name") else _COLUMNS)
    except (NotRecorded, OSError, ValueError):
        return Reply("unasked", why)
    driver = next((device.values.pop("driver_version", None) for device in devices), None)
    return Reply("ok", "", Report("csv", devices, driver), (command(answer.line),))


def _capabilities(host: Host, report: Report) -> None:
    """Add compute capabilities, which -q does not show; drivers before 510 do not know the column."""
    try:
        answer = _run(host, _CSV)
        rows = nvidia_table.parse_csv(answer.stdout, _COLUMNS) if answer.rc == 0 else []
    except (NotRecorded, OSError, ValueError):
        return
    if len(rows) != len(report.devices):
        return
    for device, row in zip(report.devices, rows, strict=True):
        if row.values.get("compute_capability"):
            device.values["compute_capability"] = row.values["compute_capability"]


def _mig(host: Host, report: Report) -> None:
    """Add profiles and UUIDs of MIG devices, which only -L shows."""
    if not any(device.values.get("mig_devices") for device in report.devices):
        return
    try:
        rows = nvidia_table.parse_list(_run(host, ["-L"]).stdout)
    except (NotRecorded, OSError):
        return
    for device, row in zip(report.devices, rows, strict=False):
        by_index = {mig["index"]: mig for mig in row.values.get("mig_devices", [])}
        if device.values.get("mig_devices"):
            device.values["mig_devices"] = [
                mig | by_index.get(mig["index"], {}) for mig in device.values["mig_devices"]
            ]


def _links(host: Host, report: Report) -> None:
    """Add the NVLinks."""
    try:
        answer = _run(host, ["nvlink", "--status"])
    except (NotRecorded, OSError):
        return
    for index, links in nvidia_table.parse_nvlink(answer.stdout).items():
        if index < len(report.devices):
            report.devices[index].values["nvlinks"] = links or None
