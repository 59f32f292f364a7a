"""Finding commands and following links through a host, as that machine would."""

from __future__ import annotations

import stat

from auditor.host.protocol import Host, NotRecorded

_LINKS_MAX = 40  # the kernel's own limit, path_resolution(7)


def search_path(host: Host) -> list[str]:
    """Return the absolute folders of PATH in their order, each once; NotRecorded passes through."""
    entries = (host.env("PATH") or "").split(":")
    return list(dict.fromkeys(entry.rstrip("/") or "/" for entry in entries if entry.startswith("/")))


def which(host: Host, name: str) -> str | None:
    """Return the file that a shell would run for `name`, or None.

    Raises:
        NotRecorded: it was not found, and a folder of PATH was never asked for it.

    """
    unasked: NotRecorded | None = None
    for folder in search_path(host):
        path = f"{folder}/{name}"
        try:
            mode = host.stat(path).mode
        except NotRecorded as error:
            unasked = unasked or error
        except OSError:
            pass
        else:
            if stat.S_ISREG(mode) and mode & 0o111:
                return path
    if unasked:
        raise unasked
    return None


def is_folder(host: Host, path: str) -> bool:
    """Return whether a path is a folder."""
    try:
        return stat.S_ISDIR(host.stat(path).mode)
    except (OSError, NotRecorded):
        return False


class Links:
    """Follows symbolic links component by component, remembering what it has seen."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._seen: dict[str, str] = {"": ""}

    def resolve(self, path: str) -> str:
        """Return the path without links; one that cannot be looked at stays as written."""
        return self._walk(_normal(path), _LINKS_MAX) or "/"

    def _walk(self, path: str, links: int) -> str:
        known = self._seen.get(path)
        if known is not None:
            return known
        parent, _, name = path.rpartition("/")
        here = f"{self._walk(parent, links)}/{name}"
        target = self._target(here) if links else None
        if target is not None:
            start = target if target.startswith("/") else f"{here.rpartition('/')[0]}/{target}"
            here = self._walk(_normal(start), links - 1)
        self._seen[path] = here
        return here

    def _target(self, path: str) -> str | None:
        try:
            return self._host.readlink(path)
        except (OSError, NotRecorded):
            return None


def _normal(path: str) -> str:
    """Return an absolute path without empty and dot parts and without a trailing slash; "" is the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "".join(f"/{part}" for part in parts)
