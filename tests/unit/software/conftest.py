"""A small machine for probes: a folder tree as `--root` reads it, with an environment and commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from auditor.host.protocol import Answer
from auditor.host.root import RootHost


class Machine(RootHost):
    """A captured tree whose environment and commands are known too."""

    def __init__(
        self, root: Path, env: Mapping[str, str] | None, commands: Mapping[str, str | Answer] | None
    ) -> None:
        super().__init__(str(root))
        self._env, self._answers = env, commands or {}

    def env(self, name: str) -> str | None:
        return super().env(name) if self._env is None else self._env.get(name)

    def environ(self) -> dict[str, str]:
        return super().environ() if self._env is None else dict(self._env)

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:
        answer = self._answers.get(key)
        if answer is None:
            return super().run(key, argv, timeout)
        return answer if isinstance(answer, Answer) else Answer(tuple(argv), answer, rc=0)


def write(root: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write a tree: text or bytes are a file (a program where it begins with "#"), "-> TARGET" a link, None a folder."""
    for path, content in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        elif isinstance(content, str) and content.startswith("-> "):
            place.symlink_to(content[3:])
        else:
            place.write_bytes(content.encode() if isinstance(content, str) else content)
            place.chmod(0o755 if content[:1] in ("#", b"#") else 0o644)


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    """Return machine(files, env, commands); an environment of None was not recorded."""

    def make(
        files: Mapping[str, str | bytes | None] | None = None,
        env: Mapping[str, str] | None = None,
        commands: Mapping[str, str | Answer] | None = None,
    ) -> Machine:
        for folder in ("etc", "usr/bin", "usr/lib", "usr/local", "opt", "lib"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        write(tmp_path, files or {})
        return Machine(tmp_path, env, commands)

    return make
