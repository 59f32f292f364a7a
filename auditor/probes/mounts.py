"""Mounted file systems, from /proc/self/mountinfo or the older /proc/mounts."""

from __future__ import annotations

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Fact, file
from auditor.probes.attempts import first_known
from auditor.probes.base import ask


class Mount(msgspec.Struct, frozen=True):
    """One mount: what part (`root`) of a file system is seen at `point`; `whole` are the file system's own options."""

    point: str
    filesystem: str
    options: frozenset[str]
    root: str = "/"
    whole: frozenset[str] = frozenset()


def mounts(host: Host) -> Fact:
    """Return the mounts, a list of Mount in the kernel's order."""
    own, old = "/proc/self/mountinfo", "/proc/mounts"
    return first_known(
        lambda: ask(lambda: parse_mountinfo(host.read(own)), file(own)),
        lambda: ask(lambda: parse_mounts(host.read(old)), file(old)),
    )


def parse_mountinfo(text: str) -> list[Mount]:
    """Read lines such as `32 31 0:29 /root /point rw,relatime - cgroup source rw,cpu` (proc_pid_mountinfo(5))."""
    found = []
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        place, filesystem = left.split(), right.split()
        if len(place) > 5 and len(filesystem) > 1:
            options = frozenset((place[5] + "," + filesystem[-1]).split(","))
            whole = frozenset(filesystem[-1].split(","))
            found.append(Mount(_plain(place[4]), filesystem[0], options, _plain(place[3]), whole))
    return found


def parse_mounts(text: str) -> list[Mount]:
    """Read lines such as `source /point cgroup rw,cpu 0 0` (fstab(5))."""
    rows = [line.split() for line in text.splitlines()]
    return [Mount(_plain(row[1]), row[2], frozenset(row[3].split(","))) for row in rows if len(row) > 3]


def _plain(path: str) -> str:
    """Undo the octal escapes of blanks, tabs, line ends and backslashes."""
    if "\\" not in path:
        return path
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path


def holding(mounted: list[Mount], path: str) -> Mount | None:
    """Return the mount on which a path lies: the longest point above it, of those the last."""
    above = [m for m in mounted if path == m.point or path.startswith(m.point.rstrip("/") + "/")]
    longest = max((len(m.point) for m in above), default=0)
    return next((m for m in reversed(above) if len(m.point) == longest), None)
