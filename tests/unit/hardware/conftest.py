"""A small machine for hardware probes: a tree, with system calls, an environment, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.host.protocol import READ_LIMIT, Answer, FileStat
from auditor.host.root import RootHost


class Machine(RootHost):
    """A captured tree; `refused` are beginnings of paths that give "permission denied"."""

    def __init__(
        self,
        root: Path,
        calls: Mapping[str, Any],
        env: Mapping[str, str] | None,
        commands: Mapping[str, str],
        refused: Collection[str],
    ) -> None:
        super().__init__(str(root))
        self._calls, self._env, self._answers, self._refused = calls, env, commands, tuple(refused)

    def _check(self, path: str) -> None:
        if path.startswith(self._refused):
            raise PermissionError(13, "Permission denied", path)

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        self._check(path)
        return super().read_bytes(path, limit)

    def listdir(self, path: str) -> list[str]:
        self._check(path)
        return super().listdir(path)

    def stat(self, path: str) -> FileStat:
        self._check(path)
        return super().stat(path)

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        return self._calls[key] if key in self._calls else super().call(key, how)

    def env(self, name: str) -> str | None:
        return super().env(name) if self._env is None else self._env.get(name)

    def environ(self) -> dict[str, str]:
        return super().environ() if self._env is None else dict(self._env)

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:
        return (
            Answer(tuple(argv), self._answers[key], rc=0)
            if key in self._answers
            else super().run(key, argv, timeout)
        )


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    """Return machine(files, calls=, env=, commands=, refused=) with /proc, /sys, /etc, /usr, /lib, /run, /dev, /var."""

    def make(
        files: Mapping[str, str | bytes] | None = None,
        calls: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        commands: Mapping[str, str] | None = None,
        refused: Collection[str] = (),
    ) -> Machine:
        for folder in ("proc", "sys", "etc", "usr", "lib", "run", "dev", "var", "home", "tmp"):
            (tmp_path / folder).mkdir(exist_ok=True)
        for path, content in (files or {}).items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str) and content.startswith("-> "):
                place.symlink_to(content[3:])
            else:
                place.write_bytes(content.encode() if isinstance(content, str) else content)
        return Machine(tmp_path, calls or {}, env, commands or {}, refused)

    return make
