"""One machine's answers as one sorted JSON file."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from auditor.host.protocol import READ_LIMIT, Answer, CallFailed, FileStat, Host, NotRecorded
from auditor.model.shapes import described

SNAPSHOT_VERSION = 1


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, tag="failure"):
    """The machine refused: an errno, or the message of a failed call."""

    errno: int = 0
    message: str = ""


class Bytes(msgspec.Struct, frozen=True, tag="bytes"):
    """A file's content that is no text, base64."""

    base64: str


class Snapshot(msgspec.Struct, kw_only=True):
    """Answers by question. `redaction` says by which key hashes were made and what was hidden."""

    snapshot_version: int = SNAPSHOT_VERSION
    tool: str = ""
    created: str = ""
    redaction: dict[str, Any] = {}
    files: dict[str, str | Bytes | Failure] = {}
    folders: dict[str, list[str] | Failure] = {}
    links: dict[str, str | Failure] = {}
    stats: dict[str, FileStat | Failure] = {}
    commands: dict[str, Any] = {}
    calls: dict[str, Any] = {}
    environment: dict[str, str] | None = None


class Recorder:
    """Passes every question to a host and keeps the answers; safe for several threads."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self.snapshot = Snapshot()

    @property
    def live(self) -> bool:
        """As the recorded host."""
        return self._host.live

    @property
    def kind(self) -> Literal["live", "root", "snapshot"]:
        """As the recorded host."""
        return self._host.kind

    def _keep(
        self, into: dict[str, Any], key: str, ask: Callable[[], Any], store: Callable[[Any], Any]
    ) -> Any:
        try:
            answer = ask()
        except NotRecorded:
            raise
        except OSError as error:
            with self._lock:
                into[key] = Failure(error.errno or 5, error.strerror or str(error))
            raise
        except CallFailed as error:
            with self._lock:
                into[key] = Failure(0, str(error))
            raise
        with self._lock:
            into[key] = store(answer)
        return answer

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Read and keep; a shorter reading never replaces a longer one."""

        def store(data: bytes) -> Any:
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                return Bytes(base64.b64encode(data).decode("ascii"))

        answer: bytes = self._keep(
            self.snapshot.files, path, lambda: self._host.read_bytes(path, limit), store
        )
        return answer

    def read(self, path: str, limit: int = READ_LIMIT) -> str:
        """Read and keep."""
        return self.read_bytes(path, limit).decode("utf-8", "replace")

    def listdir(self, path: str) -> list[str]:
        """List and keep."""
        answer: list[str] = self._keep(self.snapshot.folders, path, lambda: self._host.listdir(path), list)
        return answer

    def readlink(self, path: str) -> str:
        """Read a link and keep it."""
        answer: str = self._keep(self.snapshot.links, path, lambda: self._host.readlink(path), str)
        return answer

    def stat(self, path: str) -> FileStat:
        """Ask and keep."""
        answer: FileStat = self._keep(self.snapshot.stats, path, lambda: self._host.stat(path), lambda s: s)
        return answer

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:
        """Run and keep."""
        answer: Answer = self._keep(
            self.snapshot.commands, key, lambda: self._host.run(key, argv, timeout), msgspec.to_builtins
        )
        return answer

    def env(self, name: str) -> str | None:
        """Return one variable; the whole allowed environment is kept."""
        self.environ()
        return self._host.env(name)

    def environ(self) -> dict[str, str]:
        """Return the allowed environment and keep it."""
        self.snapshot.environment = self._host.environ()
        return self.snapshot.environment

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        """Call and keep."""
        return self._keep(self.snapshot.calls, key, lambda: self._host.call(key, how), lambda v: v)


class SnapshotHost:
    """Answers from a recording."""

    live = False
    kind: Literal["snapshot"] = "snapshot"

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return recorded content."""
        entry = _answered(self._snapshot.files, path)
        data = base64.b64decode(entry.base64) if isinstance(entry, Bytes) else str(entry).encode()
        return data[:limit]

    def read(self, path: str, limit: int = READ_LIMIT) -> str:
        """Return recorded text."""
        return self.read_bytes(path, limit).decode("utf-8", "replace")

    def listdir(self, path: str) -> list[str]:
        """Return recorded names."""
        return list(_answered(self._snapshot.folders, path))

    def readlink(self, path: str) -> str:
        """Return a recorded link."""
        return str(_answered(self._snapshot.links, path))

    def stat(self, path: str) -> FileStat:
        """Return a recorded stat."""
        return msgspec.convert(_answered(self._snapshot.stats, path), described(FileStat))

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:  # noqa: ARG002
        """Return a recorded answer."""
        return msgspec.convert(_answered(self._snapshot.commands, key), described(Answer))

    def env(self, name: str) -> str | None:
        """Return a recorded variable; what was not set then is not set."""
        return self.environ().get(name)

    def environ(self) -> dict[str, str]:
        """Return the recorded environment."""
        if self._snapshot.environment is None:
            msg = "the environment was not recorded"
            raise NotRecorded(msg)
        return dict(self._snapshot.environment)

    def call(self, key: str, how: Callable[[], Any]) -> Any:  # noqa: ARG002
        """Return a recorded answer; `how` is never called."""
        return _answered(self._snapshot.calls, key)


def _answered(answers: dict[str, Any], key: str) -> Any:
    if key not in answers:
        msg = f"{key} was not asked when this machine was recorded"
        raise NotRecorded(msg)
    entry = answers[key]
    if isinstance(entry, dict) and entry.get("type") == "failure":
        entry = msgspec.convert(entry, described(Failure))
    if isinstance(entry, Failure):
        if entry.errno:
            raise OSError(entry.errno, entry.message, key)
        raise CallFailed(entry.message)
    return entry


def overlay(snapshot: Snapshot, **answers: dict[str, Any]) -> Snapshot:
    """Return a snapshot with a few answers changed, one broken machine a test.

    Each keyword is a part of the snapshot ("files", "commands", ...): {question: answer}, where an
    answer of None forgets that the question was ever asked.
    """
    parts: dict[str, Any] = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
    for name, changes in answers.items():
        merged = {**(parts[name] or {}), **changes}
        parts[name] = {key: value for key, value in merged.items() if value is not None}
    return Snapshot(**parts)
