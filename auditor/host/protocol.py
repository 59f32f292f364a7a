"""What every host answers. Probes see this and nothing else of the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

READ_LIMIT = 4 << 20


class NotRecorded(Exception):
    """The question was never asked of the recorded machine: unknown, never absent."""


class CallFailed(Exception):
    """A call of the system or of a library failed; the message says how."""


class FileStat(msgspec.Struct, frozen=True, omit_defaults=True, tag="stat"):
    """The parts of `os.stat` that probes use; `mode` is st_mode, `rdev` st_rdev, sizes in bytes.

    `readable` and `writable` say what this process may do with it (access(2)).
    """

    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    rdev: int = 0
    readable: bool = True
    writable: bool = False


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a command did. `rc` is None where it was killed at its deadline or never started."""

    argv: tuple[str, ...]
    stdout: str = ""
    stderr: str = ""
    rc: int | None = None
    timed_out: bool = False

    @property
    def line(self) -> str:
        """The command as a person would type it."""
        return " ".join(self.argv)


class Host(Protocol):
    """A machine, in front of us or recorded.

    Paths are absolute paths of that machine. Every method raises OSError as the machine would
    (FileNotFoundError, PermissionError, ...) and NotRecorded where a recording holds no answer.
    """

    @property
    def live(self) -> bool:
        """Whether this is the machine we run on: smoke workloads refuse elsewhere."""

    @property
    def kind(self) -> Literal["live", "root", "snapshot"]:
        """Which host this is, for the report."""

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return the first `limit` bytes of a file."""

    def read(self, path: str, limit: int = READ_LIMIT) -> str:
        """Return the first `limit` bytes of a file as text (UTF-8; undecodable bytes replaced)."""

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in a folder."""

    def readlink(self, path: str) -> str:
        """Return the target of a symbolic link, as written."""

    def stat(self, path: str) -> FileStat:
        """Return the facts of a file, links followed."""

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:
        """Run a command: LC_ALL=C, no stdin, output capped, its process group killed at the deadline.

        Raises:
            FileNotFoundError: no such command on PATH.

        """

    def env(self, name: str) -> str | None:
        """Return an environment variable of the allow-list, or None where it is not set."""

    def environ(self) -> dict[str, str]:
        """Return every variable that is set and on the allow-list."""

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        """Return what `how()` answers, a JSON value; a recording answers by `key` without calling.

        Raises:
            CallFailed: `how` raised something other than OSError.

        """


def exists(host: Host, path: str) -> bool:
    """Return whether a path exists; NotRecorded passes through."""
    try:
        host.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        return True
    return True
