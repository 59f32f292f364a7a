"""Which control groups hold this process, and in which folders their files lie."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.host.protocol import Host
from auditor.model.fact import Fact, absent, file, known, unknown
from auditor.probes.attempts import first_known
from auditor.probes.base import ask
from auditor.probes.mounts import Mount

_OWN = "/proc/self/cgroup"
_OWN_CPUSET = "/proc/self/cpuset"
_V1 = ("cgroup", "cpuset")

Membership = Mapping[str, str]  # controller -> path of its group; "" stands for version 2


def membership(host: Host) -> Fact:
    """Return the path of our group for each controller."""
    return first_known(
        lambda: ask(
            lambda: parse_membership(host.read(_OWN)), file(_OWN), missing="this kernel has no control groups"
        ),
        lambda: ask(
            lambda: {"cpuset": host.read(_OWN_CPUSET).strip()}, file(_OWN_CPUSET), missing="no cpuset"
        ),
    )


def parse_membership(text: str) -> dict[str, str]:
    """Read lines such as `4:memory:/user` and `0::/user` (cgroups(7))."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3:
            found.update(dict.fromkeys(parts[1].split(","), parts[2]))
    return found


def version(mounted: Fact, mine: Fact) -> Fact:
    """Return whether the groups are version 2 alone: a hybrid of both works as version 1."""
    if mine.is_known and mine.value:
        return known(set(mine.value) == {""}, *mine.evidence)
    if not mounted.is_known:
        return unknown(mounted.reason, *mounted.evidence)
    kinds = {mount.filesystem for mount in mounted.value}
    if kinds.isdisjoint({*_V1, "cgroup2"}):
        return absent("no control groups are mounted", *mounted.evidence)
    return known(kinds.isdisjoint(_V1), *mounted.evidence)


def groups(mounted: Fact, mine: Fact, controller: str) -> Fact:
    """Return the folders of a controller's groups, our own first, then those above it."""
    for fact in (mounted, mine):
        if not fact.is_known:
            return fact
    candidates = [
        m for m in mounted.value if m.filesystem in _V1 and controller in {*m.options, m.filesystem}
    ]
    path = mine.value.get(controller)
    if not candidates or path is None:
        candidates = [m for m in mounted.value if m.filesystem == "cgroup2"]
        path = mine.value.get("", path)
    if not candidates or path is None:
        return absent(f"no control group of {controller} is mounted", *mounted.evidence)
    return known(_upwards(candidates[0], path), *mine.evidence)


def _upwards(mount: Mount, path: str) -> list[str]:
    """Return the folders from our group up to the mount.

    Inside a container the mount shows the part below `root`; a path that lies outside (another
    namespace) means that the mount itself is the nearest that can be seen.
    """
    root = mount.root.rstrip("/")
    inside = path[len(root) :] if path == root or path.startswith(root + "/") else ""
    names = [] if ".." in inside.split("/") else [name for name in inside.split("/") if name]
    base = mount.point.rstrip("/")
    return ["/".join([base, *names[:depth]]) for depth in range(len(names), -1, -1)]
