"""A folder that holds a machine's /proc, /sys, /etc, /dev, and perhaps its commands' answers."""

from __future__ import annotations

import os
import stat as stat_module
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import msgspec

from auditor.host.protocol import READ_LIMIT, Answer, FileStat, NotRecorded

_LINKS_MAX = 40
_INDEX_MOST = 16 << 20  # bytes; an index names files and holds none


class RootHost:
    """Reads a captured tree; every link is resolved inside it and no command is run.

    Where the folder holds `.commands/index.json`, a list of {"argv", "stdout": file, "rc"}, those
    answers are replayed: the same argv, else the longest common beginning of at least two words.
    A path whose top folder was not captured raises NotRecorded; one missing in a captured top
    folder is missing.
    """

    live = False
    kind: Literal["root"] = "root"

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return the first `limit` bytes."""
        with open(self._inside(path), "rb") as stream:
            return stream.read(limit)

    def read(self, path: str, limit: int = READ_LIMIT) -> str:
        """Return the file as text."""
        return self.read_bytes(path, limit).decode("utf-8", "replace")

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in a folder."""
        return sorted(os.listdir(self._inside(path)))

    def readlink(self, path: str) -> str:
        """Return a link's target as captured."""
        parent, name = os.path.split(path.rstrip("/"))
        return os.readlink(os.path.join(self._inside(parent), name))

    def stat(self, path: str) -> FileStat:
        """Return what the capture knows: kind and size; owners and access were not captured."""
        info = os.stat(self._inside(path))
        return FileStat(mode=info.st_mode, size=info.st_size)

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:  # noqa: ARG002
        """Replay a captured answer."""
        entry = self._best(argv)
        if entry is None:
            msg = f"no answer of {argv[0]!r} was captured"
            raise NotRecorded(msg)
        return Answer(
            tuple(entry["argv"]),
            self._output(entry, "stdout"),
            self._output(entry, "stderr"),
            entry.get("rc", 0),
        )

    def env(self, name: str) -> str | None:
        """Never captured in a tree."""
        msg = f"the environment ({name}) is not part of a captured tree"
        raise NotRecorded(msg)

    def environ(self) -> dict[str, str]:
        """Never captured in a tree."""
        msg = "the environment is not part of a captured tree"
        raise NotRecorded(msg)

    def call(self, key: str, how: Callable[[], Any]) -> Any:  # noqa: ARG002
        """Never captured in a tree."""
        msg = f"the answer of {key!r} is not part of a captured tree"
        raise NotRecorded(msg)

    @cached_property
    def _commands(self) -> list[dict[str, Any]]:

        index = os.path.join(self.root, ".commands", "index.json")
        try:
            with open(index, "rb") as stream:
                return [
                    e
                    for e in msgspec.json.decode(stream.read(_INDEX_MOST))
                    if isinstance(e, dict) and e.get("argv")
                ]
        except FileNotFoundError:
            return []
        except msgspec.DecodeError as error:
            msg = f".commands/index.json: {error}"
            raise NotRecorded(msg) from error

    def _best(self, argv: list[str]) -> dict[str, Any] | None:
        best, length = None, 1
        for entry in self._commands:
            if entry["argv"] == argv:
                return entry
            common = _common_words(entry["argv"], argv)
            if common > length:
                best, length = entry, common
        return best

    def _output(self, entry: dict[str, Any], stream: str) -> str:
        name = entry.get(stream)
        if not name:
            return ""
        path = os.path.realpath(os.path.join(self.root, ".commands", name))
        if os.path.commonpath([path, self.root]) != self.root:
            msg = f".commands/index.json names a file outside the folder: {name}"
            raise PermissionError(1, msg, name)
        with open(path, "rb") as handle:
            return handle.read(READ_LIMIT).decode("utf-8", "replace")

    @cached_property
    def _tops(self) -> set[str]:
        return set(os.listdir(self.root))

    @cached_property
    def _resolved(self) -> dict[str, str]:
        return {"": self.root}

    def _inside(self, path: str) -> str:
        """Resolve a path of that machine to one of ours, following links as that machine would.

        Raises:
            NotRecorded: its top folder was not captured.
            OSError: a loop of links (ELOOP).

        """
        top = path.strip("/").split("/", 1)[0]
        if top and top not in self._tops:
            msg = f"/{top} is not part of this captured tree"
            raise NotRecorded(msg)
        return self._walk(path, _LINKS_MAX)

    def _walk(self, path: str, links: int) -> str:
        clean = os.path.normpath("/" + path).strip("/")
        if clean == ".":
            clean = ""
        known = self._resolved.get(clean)
        if known is not None:
            return known
        if links <= 0:
            raise OSError(40, "too many levels of symbolic links", path)
        parent, _, name = clean.rpartition("/")
        here = os.path.join(self._walk(parent, links), name)
        try:
            is_link = stat_module.S_ISLNK(os.lstat(here).st_mode)
        except OSError:
            is_link = False
        if is_link:
            target = os.readlink(here)
            base = (
                target
                if target.startswith("/")
                else os.path.relpath(os.path.dirname(here), self.root) + "/" + target
            )
            here = self._walk(base, links - 1)
        self._resolved[clean] = here
        return here


def _common_words(one: list[str], other: list[str]) -> int:
    """Return how many words both commands begin with."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
