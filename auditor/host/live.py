"""The machine that we run on."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

from auditor.host import processes
from auditor.host.environment import allowed, is_allowed
from auditor.host.protocol import READ_LIMIT, Answer, CallFailed, FileStat


class LiveHost:
    """Reads the running system and changes nothing of it."""

    live = True
    kind: Literal["live"] = "live"

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return the first `limit` bytes; files of /proc and /sys are read unbuffered."""
        with open(path, "rb", buffering=0) as stream:
            parts = []
            while limit > 0 and (chunk := stream.read(min(limit, 1 << 20))):
                parts.append(chunk)
                limit -= len(chunk)
        return b"".join(parts)

    def read(self, path: str, limit: int = READ_LIMIT) -> str:
        """Return the file as text."""
        return self.read_bytes(path, limit).decode("utf-8", "replace")

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in a folder."""
        return sorted(os.listdir(path))

    def readlink(self, path: str) -> str:
        """Return a link's target."""
        return os.readlink(path)

    def stat(self, path: str) -> FileStat:
        """Return a file's facts; access is asked for the real user."""
        info = os.stat(path)
        return FileStat(
            mode=info.st_mode,
            uid=info.st_uid,
            gid=info.st_gid,
            size=info.st_size,
            rdev=getattr(info, "st_rdev", 0),
            readable=os.access(path, os.R_OK),
            writable=os.access(path, os.W_OK),
        )

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:  # noqa: ARG002
        """Run a command of the machine; `key` names the answer in recordings."""
        import shutil

        if shutil.which(argv[0]) is None:
            raise FileNotFoundError(2, "no such command", argv[0])
        return processes.run(argv, timeout, {**os.environ, "LC_ALL": "C", "LANG": "C"})

    def env(self, name: str) -> str | None:
        """Return a variable of the allow-list."""
        if not is_allowed(name):
            msg = f"{name} is not on the allow-list in host/environment.py"
            raise KeyError(msg)
        return os.environ.get(name)

    def environ(self) -> dict[str, str]:
        """Return the allowed part of the environment."""
        return allowed(os.environ)

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        """Return how()."""
        try:
            return how()
        except OSError:
            raise
        except Exception as error:
            msg = f"{key}: {type(error).__name__}: {error}"
            raise CallFailed(msg) from error
