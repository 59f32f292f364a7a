"""Faults in the kernel log of the last day, with their age."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from auditor.host.formats import kernel_log
from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.fact import Fact, Facts, call, known, unknown
from auditor.probes.base import Collected, Probe
from auditor.probes.node.rows import blind

WINDOW = 86400.0  # seconds
_DEVICE = "/dev/kmsg"
_RECORDS_MOST, _EVENTS_MOST = 100_000, 64
_DENIED = "the kernel log may be read by root only here (kernel.dmesg_restrict); CAP_SYSLOG would help"
_FATAL = re.compile(r"\): \d{1,6}, Fatal")
# kind -> words of the kernel's own messages; the first that fits counts
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("machine-check", ("Machine check events logged", "[Hardware Error]", "mce: Uncorrected", "EDAC UE")),
    ("hung-task", ("blocked for more than",)),
    ("lockup", ("soft lockup", "hard LOCKUP", "rcu_sched self-detected stall", "rcu: INFO: rcu_")),
    ("out-of-memory", ("Out of memory: Kill", "invoked oom-killer")),
    ("disk-error", ("I/O error, dev", "critical medium error", "nvme: I/O", "timeout, aborting", "UncorrectableError")),
    ("filesystem-error", ("EXT4-fs error", "XFS: metadata I/O error", "Remounting filesystem read-only", "XFS_WANT_CORRUPTED", "BTRFS error")),
    ("nfs-timeout", ("not responding, still trying", "not responding, timed out")),
    ("amdgpu-fault", ("amdgpu: GPU reset begin", "amdgpu: GPU reset(", "amdgpu: uncorrectable hardware errors", "*ERROR* ring ", "Fatal error during GPU init", "amdgpu: GPU Recovery Failed")),
    ("pcie-error", ("AER: Uncorrected", "AER: Multiple Uncorrected", "severity=Uncorrected", "pciehp: Slot", "PCIe Bus Error: severity=Fatal")),
)  # fmt: skip


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.kernel_events, node.xids and node.sxids."""
    try:
        records, where = _records(host)
    except PermissionError:
        return dict.fromkeys(PROBE.provides, unknown(_DENIED, call(_DEVICE)))
    except (NotRecorded, CallFailed, OSError) as error:
        return dict.fromkeys(PROBE.provides, unknown(str(error), call(_DEVICE)))
    return {
        "node.kernel_events": known(_events(records), where),
        "node.xids": _xids(records, where),
        "node.sxids": _sxids(records, where),
    }


Record = tuple[float | None, str]


def _records(host: Host) -> tuple[list[Record], Any]:
    """Return (age in seconds, text) for each record of interest; None where the log tells no time.

    Raises:
        NotRecorded: nothing tells the log.

    """
    try:
        rows = host.call("kernel-events", read_device)
        return [(float(age), str(text)) for age, text in rows], call(
            _DEVICE, f"{len(rows)} records of interest"
        )
    except NotRecorded:
        from auditor.host.formats.kernel_stamps import aged
        from auditor.probes.nvidia.messages import printed

        told = printed(host)
        if told is None:
            raise
        return aged(told[0].splitlines()), told[1]


def read_device() -> list[list[Any]]:
    """Return [age in seconds, text] of the records that name a fault, never waiting for a new one.

    A record reads "6,1234,5678,-;text", the third figure being microseconds since boot.
    """
    now = time.clock_gettime(time.CLOCK_MONOTONIC)
    stream = os.open(_DEVICE, os.O_RDONLY | os.O_NONBLOCK)
    found: list[list[Any]] = []
    try:
        for _ in range(_RECORDS_MOST):
            try:
                record = os.read(stream, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:  # overwritten meanwhile: the next one follows
                continue
            head, _, text = record.decode("utf-8", "replace").partition(";")
            line = text.partition("\n")[0]
            if kind_of(line) or "Xid" in line:
                found.append([round(now - int(head.split(",")[2]) / 1e6, 1), line[:300]])
    finally:
        os.close(stream)
    return found[-400:]


def kind_of(line: str) -> str:
    """Return what kind of fault a line names, or "" where it names none."""
    return next((kind for kind, words in _KINDS if any(word in line for word in words)), "")


def _events(records: list[Record]) -> list[dict[str, Any]]:
    rows = [
        {"kind": kind, "line": text[:200], "age_s": age}
        for age, text in records
        if (age is None or age <= WINDOW) and (kind := kind_of(text))
    ]
    return rows[-_EVENTS_MOST:]


def _xids(records: list[Record], where: Any) -> Fact:
    rows = [
        {"address": address, "code": code, "age_s": age}
        for age, text in records
        for address, code in kernel_log.xids(text)
    ]
    return known(_newest(rows), where)


def _sxids(records: list[Record], where: Any) -> Fact:
    """Return the NVSwitches' messages; each says itself whether it is fatal (Fabric Manager user guide)."""
    rows = [
        {"address": address, "code": code, "fatal": _FATAL.search(text) is not None, "age_s": age}
        for age, text in records
        for address, code in kernel_log.sxids(text)
    ]
    return known(_newest(rows), where)


def _newest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for what repeats, the newest, with how often it stands in the log."""
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["address"], row["code"], row.get("fatal"))
        times = last.pop(key, {}).get("times", 0) + 1
        age = row["age_s"]
        last[key] = {**row, "age_s": age if age is None else round(age), "times": times}
        if age is None:
            blind(last[key], "age_s", "the log tells no time")
    return list(last.values())[-_EVENTS_MOST:]


PROBE = Probe(
    name="node/kernel_log",
    provides=("node.kernel_events", "node.xids", "node.sxids"),
    platforms=("linux",),
    collect=collect,
    cost=0.02,
    deadline=1.5,
)
