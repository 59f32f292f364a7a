"""Opens the host that was asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from auditor.host.live import LiveHost
from auditor.host.protocol import Host

if TYPE_CHECKING:
    from auditor.host.recording import Snapshot
    from auditor.host.root import RootHost

SNAPSHOT_LIMIT = 64 << 20  # bytes: a recording of a node with eight GPUs takes 2 MB


_BLOCK = b"BEGIN FWAUDIT COLLECT"


class _Marks(msgspec.Struct):
    schema_version: Any = None
    snapshot_version: Any = None


class HostError(Exception):
    """The machine that was named cannot be opened: what, where, and what would be right."""


def open_host(root: str | None = None, snapshot: str | None = None) -> Host:
    """Return the live machine, a captured tree, or what a recording or a report (`snapshot`) tells of one.

    Raises:
        HostError: the folder or file is not there or is not what it should be.

    """
    if root is not None:
        return _root(root)
    if snapshot is not None:
        return _stored(_content(snapshot), snapshot)
    return LiveHost()


def _stored(data: bytes, path: str) -> Host:
    """Return the machine that a recording or a report tells of."""
    if not _is_report(data):
        from auditor.host.recording import SnapshotHost

        return SnapshotHost(decode_snapshot(data, path))
    from auditor.host.told import ReportHost
    from auditor.model.stored import StoredError, decode_report

    try:
        return ReportHost(decode_report(data))
    except StoredError as error:
        msg = f"{path}: {error}"
        raise HostError(msg) from error


def _is_report(data: bytes) -> bool:
    try:
        marks = msgspec.json.decode(data, type=_Marks)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return bool(marks.schema_version and not marks.snapshot_version)


def _root(folder: str) -> RootHost:
    if not os.path.isdir(folder):
        msg = f"--root {folder}: no such folder; give one that holds a machine's proc, sys and etc"
        raise HostError(msg)
    try:
        names = os.listdir(folder)
    except OSError as error:
        msg = f"--root {folder}: {error.strerror}"
        raise HostError(msg) from error
    if not {"proc", "sys", "etc", "dev", "usr", ".commands"} & set(names):
        msg = f"--root {folder}: holds none of proc, sys, etc, dev, usr, .commands; give the top folder of a captured tree"
        raise HostError(msg)
    from auditor.host.root import RootHost

    return RootHost(folder)


def load_snapshot(path: str) -> Snapshot:
    """Read a recording strictly.

    Raises:
        HostError: not there, too large, not a recording, or of a newer version.

    """
    return decode_snapshot(_content(path), path)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # the size of a device or a pipe says nothing
            data = stream.read(SNAPSHOT_LIMIT + 1)
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise HostError(msg) from error
    if len(data) > SNAPSHOT_LIMIT:
        msg = f"{path}: larger than {SNAPSHOT_LIMIT >> 20} MiB, so no recording of fwaudit"
        raise HostError(msg)
    return data


def decode_snapshot(data: bytes, path: str) -> Snapshot:
    """Return the recording that a JSON text or a block of fwaudit-collect.py holds; `path` is for the message.

    Raises:
        HostError: not a recording, one that holds no answer, or of a newer version.

    """
    from auditor.host.recording import SNAPSHOT_VERSION, Snapshot

    if _BLOCK in data:
        return _collected(data, path)
    try:
        marks = msgspec.json.decode(data, type=_Marks)
        if not marks.snapshot_version:
            raise HostError(f"{path}: {_other(marks)}")
        snapshot = msgspec.json.decode(data, type=Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{path}: not a recording of `fwaudit capture`: {error}"
        raise HostError(msg) from error
    if snapshot.snapshot_version > SNAPSHOT_VERSION:
        msg = f"{path}: recorded by a newer fwaudit (version {snapshot.snapshot_version}, this one reads {SNAPSHOT_VERSION}); update fwaudit"
        raise HostError(msg)
    return _with_answers(snapshot, path)


def _other(marks: _Marks) -> str:
    """Return what a JSON object without snapshot_version is."""
    if marks.schema_version:
        return "this is a report, no recording: `fwaudit show FILE` shows it"
    return "no recording of `fwaudit capture` (it has no snapshot_version)"


def _collected(data: bytes, path: str) -> Snapshot:
    from auditor.model.stored import StoredError
    from auditor.readers.stored import read

    try:
        found = read(data.decode("utf-8", "replace")).snapshots
    except StoredError as error:
        msg = f"{path}: {error}"
        raise HostError(msg) from error
    if len(found) != 1:
        msg = f"{path}: holds {len(found)} blocks of fwaudit-collect; give a file with one"
        raise HostError(msg)
    return _with_answers(found[0], path)


def _with_answers(snapshot: Snapshot, path: str) -> Snapshot:
    parts = ("files", "folders", "links", "stats", "commands", "calls", "environment")
    if not any(getattr(snapshot, part) for part in parts):
        msg = f"{path}: no recording of `fwaudit capture`: it holds no answer of a machine"
        raise HostError(msg)
    from auditor.audit.recorded import mistake

    if wrong := mistake(snapshot):
        msg = f"{path}: {wrong}"
        raise HostError(msg)
    return snapshot
