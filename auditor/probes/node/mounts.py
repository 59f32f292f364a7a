"""Mounts: present, answering, writable, with room. What may hang is asked in a child that can be left behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Facts, file
from auditor.probes.base import Collected, Probe, ask
from auditor.probes.mounts import Mount, holding, mounts

DEADLINE = 1.0  # seconds for one mount; a live NFS server answers in milliseconds
_AT_MOST = 64
_REMOTE = (
    "nfs", "cifs", "smb", "lustre", "gpfs", "beegfs", "ceph", "gluster", "fuse", "9p", "afs", "wekafs", "orangefs",
    "pvfs", "panfs", "daos", "virtiofs", "ocfs2", "gfs2", "autofs",
)  # fmt: skip
_LOCAL = {"fuseblk", "fusectl", "fuse.lxcfs"}
Answer = SimpleQueue[dict[str, Any]]
_READ_ONLY = 1  # ST_RDONLY, statvfs(3)
_ROLES = {"/": "root", "/tmp": "tmp", "/var": "var", "/dev/shm": "shm"}
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")
_SYSTEM = ("/", "/var")
# images that are read-only by nature, and containers' roots, which are so by choice
_IMAGES = {"squashfs", "erofs", "cramfs", "iso9660", "overlay", "romfs", "9p", "virtiofs"}


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.mounts: the root, the places for temporary files, network mounts, and what was asked for."""
    asked = (facts.value("request.look") or {}).get("mounts", ())
    wanted = ["/" + "/".join(part for part in path.split("/") if part not in ("", ".")) for path in asked]
    return {"node.mounts": ask(lambda: _all(host, wanted), file("/proc/self/mountinfo"))}


def _all(host: Host, wanted: list[str]) -> list[dict[str, Any]]:
    table = mounts(host)
    if not table.is_known:
        raise NotRecorded(table.reason)
    known: dict[str, Mount] = {mount.point: mount for mount in table.value}
    remote = [mount.point for mount in known.values() if _is_remote(mount)][:_AT_MOST]
    held = {mount.point for path in _TEMPORARY if (mount := holding(table.value, path)) is not None}
    points = dict.fromkeys([*(point for point in _ROLES if point in known), *sorted(held), *wanted, *remote])
    asked = [(point, _start(host, point, known.get(point))) for point in points]
    rows = [_row(point, known.get(point), point in wanted, answer) for point, answer in asked]
    return [{**row, "must_write": _must_write(known.get(row["path"]), held)} for row in rows]


def _must_write(mount: Mount | None, held: set[str]) -> bool:
    """Return whether a mount that is read-only is a fault: temporary files lie on it, or its file system itself is.

    A system that was mounted read-only for one service or container alone keeps a writable file system; the kernel
    turns the file system read-only after an error (ext4(5), errors=remount-ro).
    """
    if mount is None or mount.point in held:
        return mount is not None
    return mount.point in _SYSTEM and "ro" in mount.whole and mount.filesystem not in _IMAGES


def _is_remote(mount: Mount) -> bool:
    kind = mount.filesystem
    return kind.startswith(_REMOTE) and kind not in _LOCAL


def _start(host: Host, point: str, mount: Mount | None) -> Answer:
    """Ask one mount, those that may hang side by side."""
    answer: Answer = SimpleQueue()
    if mount is None:
        answer.put({})
    elif _is_remote(mount):
        Thread(target=lambda: answer.put(_said(lambda: _from_child(host, point))), daemon=True).start()
    else:
        answer.put(_said(lambda: host.call(f"mount:{point}", lambda: _space(os.statvfs(point)))))
    return answer


def _said(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return question()
    except (NotRecorded, CallFailed) as error:
        return {"unknown_because": str(error)}
    except PermissionError as error:
        return {"unknown_because": f"{error.strerror} (CAP_DAC_READ_SEARCH would help)"}
    except OSError as error:
        return {"answers": False, "reason": error.strerror or str(error)}
    except Exception as error:  # a thread that died would read as a mount that hangs
        return {
            "unknown_because": f"could not be understood: {type(error).__name__}: {head(str(error), EXCERPT_LIMIT)}"
        }


def _from_child(host: Host, point: str) -> dict[str, Any]:
    """Ask `stat -f`, which may never return where the server is gone."""
    argv = ["stat", "-f", "-c", "%S %b %a %c %d", "--", point]
    try:
        reply = host.run(f"stat -f {point}", argv, timeout=DEADLINE)
    except FileNotFoundError:
        return {"unknown_because": "there is no `stat` to ask it with"}
    if reply.timed_out:
        return {"answers": False, "reason": f"silent for {DEADLINE:g} s"}
    if reply.rc != 0:
        text = reply.stderr.strip().rpartition(": ")[2] or f"exit {reply.rc}"
        if "ermission" in text:
            return {"unknown_because": f"{text} (CAP_DAC_READ_SEARCH would help)"}
        return {"answers": False, "reason": text}
    size, blocks, free, inodes, inodes_free = (int(word) for word in reply.stdout.split()[:5])
    return _sizes(size, blocks, free, inodes, inodes_free)


def _space(info: os.statvfs_result) -> dict[str, Any]:
    sizes = _sizes(info.f_frsize, info.f_blocks, info.f_bavail, info.f_files, info.f_favail)
    return {**sizes, "read_only": bool(info.f_flag & _READ_ONLY)}


def _sizes(unit: int, blocks: int, free: int, inodes: int, inodes_free: int) -> dict[str, Any]:
    return {
        "answers": True,
        "total_kib": blocks * unit // 1024,
        "free_kib": free * unit // 1024,
        "free_percent": round(100 * free / blocks, 1) if blocks else None,
        "inodes_free_percent": round(100 * inodes_free / inodes, 1) if inodes else None,
    }


def _row(point: str, mount: Mount | None, wanted: bool, answer: Answer) -> dict[str, Any]:
    row = {
        "path": point,
        "role": _ROLES.get(point),
        "wanted": wanted,
        "present": mount is not None,
        "filesystem": mount.filesystem if mount else None,
        "remote": bool(mount and _is_remote(mount)),
    }
    if mount is not None:
        row["read_only"] = "ro" in mount.options
    try:
        said = answer.get(timeout=DEADLINE + 1.5)
    except Empty:  # not even the child's end could be waited for: the kernel holds it (state D)
        said = {"answers": False, "reason": "the child that asked cannot be ended (state D)"}
    return {**row, **said, "read_only": bool(row.get("read_only") or said.get("read_only"))}


PROBE = Probe(
    name="node/mounts",
    provides=("node.mounts",),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
    deadline=3.0,
)
