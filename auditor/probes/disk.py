"""Space where deep learning fills it: home, temporary files, caches, the working directory, the environment."""

from __future__ import annotations

import os
from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Facts, call
from auditor.probes.base import Collected, Probe, ask
from auditor.probes.mounts import Mount, holding, mounts

_READ_ONLY = 1  # ST_RDONLY, statvfs(3)


def collect(host: Host, facts: Facts) -> Collected:
    """Return disk.places."""
    return {"disk.places": ask(lambda: _places(host, facts), call("statvfs"))}


def _places(host: Host, facts: Facts) -> list[dict[str, Any]]:
    mounted = mounts(host)
    table: list[Mount] = mounted.value if mounted.is_known else []
    return [_place(host, role, path, table) for role, path in _wanted(host, facts).items()]


def _wanted(host: Host, facts: Facts) -> dict[str, str]:
    """Return role -> path; only absolute paths, a role without one is left out."""
    env = host.environ()
    home = env.get("HOME", "")
    cache = env.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else "")
    paths = {
        "home": home,
        "tmp": env.get("TMPDIR") or "/tmp",
        "cwd": facts.value("request.cwd") or "",
        "environment": facts.value("python.prefix") or "",
        "cache": cache,
        "cache:huggingface": env.get("HF_HOME") or (f"{cache}/huggingface" if cache else ""),
        "cache:torch": env.get("TORCH_HOME") or (f"{cache}/torch" if cache else ""),
        "cache:pip": env.get("PIP_CACHE_DIR") or (f"{cache}/pip" if cache else ""),
    }
    return {role: path for role, path in paths.items() if path.startswith("/")}


def _place(host: Host, role: str, path: str, mounted: list[Mount]) -> dict[str, Any]:
    """Return one place; a folder that is yet to be made counts as the nearest one above it."""
    place: dict[str, Any] = {"role": role, "path": path}
    standing = _standing(host, path)
    mount = holding(mounted, standing)
    place["filesystem"] = mount.filesystem if mount else None
    space = ask(lambda: host.call(f"statvfs:{standing}", lambda: _space(os.statvfs(standing))))
    if not space.is_known:
        return {
            **place,
            "total_kib": None,
            "free_kib": None,
            "inodes_free": None,
            "read_only": None,
            "reason": space.reason,
        }
    return {**place, **space.value}


def _standing(host: Host, path: str) -> str:
    """Return the path, or the nearest folder above it that exists."""
    while path != "/":
        try:
            host.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            path = os.path.dirname(path) or "/"
        except (OSError, NotRecorded):
            return path
        else:
            return path
    return path


def _space(info: os.statvfs_result) -> dict[str, Any]:
    """Return sizes in KiB; some file systems (btrfs) count no inodes and report 0 of them."""
    return {
        "total_kib": info.f_blocks * info.f_frsize // 1024,
        "free_kib": info.f_bavail * info.f_frsize // 1024,
        "inodes_free": info.f_favail if info.f_files else None,
        "read_only": bool(info.f_flag & _READ_ONLY),
    }


PROBE = Probe(
    name="disk", provides=("disk.places",), platforms=("linux", "darwin"), collect=collect, cost=0.003
)
