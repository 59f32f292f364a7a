"""A recording as it may be made public, and still replayable: a question changes as its answers do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from auditor.redaction import policy
from auditor.redaction.redactor import REPLAY_HOST, REPLAY_USER, Redactor

_SERIALS = (
    "serial",
    "serial_number",
    "serial-number",
    "asset_tag",
    "product_uuid",
    "wwid",
    "vpd_pg80",
    "vpd_pg83",
)
_NAMES = ("/etc/hostname", "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/etc/mailname")
_CALLS = {"hostname": REPLAY_HOST, "user name": REPLAY_USER}


def redact_snapshot(snapshot: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """Return a recording (`host.recording.Snapshot` as JSON values) with everything hidden.

    Names, homes and UUIDs are replaced by others of the same shape, everywhere alike, so that what
    is asked on replay (a path under the recorded HOME) finds its answer.
    """
    if snapshot.get("redaction", {}).get("enabled"):
        return snapshot
    replay = Redactor(redactor.identity, replay=True)
    parts = {name: work(snapshot[name], replay) for name, work in _PARTS.items() if snapshot.get(name)}
    hidden = {
        "enabled": True,
        "counts": {name: n for name, n in sorted(replay.counts.items()) if n},
        "key": replay.identity.key_source,
    }
    return {**snapshot, **parts, "redaction": hidden}


def _files(files: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {redactor.text(path): _file(path, content, redactor) for path, content in files.items()}


def _file(path: str, content: Any, redactor: Redactor) -> Any:
    if isinstance(content, dict):
        return _binary(content, redactor) if content.get("type") == "bytes" else redactor.value(content)
    whole = _whole(path)
    if whole:
        return whole(content, redactor)
    return redactor.text(content)


def _whole(path: str) -> Callable[[str, Redactor], str] | None:
    """Return what hides a file's whole content, by its path, or None where its text is looked at."""
    name = path.rpartition("/")[2]
    if name == "machine-id":
        return lambda content, redactor: redactor.hashed(content.strip(), 32) + "\n"
    if path in _NAMES:
        return _counted("host", REPLAY_HOST + "\n")
    if name in _SERIALS or name.endswith("_serial"):
        return _counted("serial", "<serial>\n")
    if path in ("/etc/passwd", "/etc/group"):
        return _accounts if name == "passwd" else _groups
    if path.startswith("/proc/") and name == "cmdline" and path.count("/") > 2:
        return lambda content, redactor: redactor.ruled(content.replace("\0", " "), "command")
    if path.startswith("/proc/") and name == "environ":
        return _counted("environment", "")
    return None


def _counted(category: str, stand_in: str) -> Callable[[str, Redactor], str]:
    def replace(content: str, redactor: Redactor) -> str:
        redactor.counts[category] += bool(content.strip())
        return stand_in if content.strip() else content

    return replace


def _accounts(content: str, redactor: Redactor) -> str:
    """Keep system accounts and the user's own; full names and other people are nobody's business."""
    lines = [line.split(":") for line in content.splitlines()]
    kept = [
        fields
        for fields in lines
        if len(fields) == 7 and (_is_system(fields[2]) or _is_own(fields[0], redactor))
    ]
    redactor.counts["user"] += len(lines) - len(kept)
    return "".join(redactor.text(":".join([*fields[:4], "", *fields[5:]])) + "\n" for fields in kept)


def _groups(content: str, redactor: Redactor) -> str:
    """Keep every group by its number, system groups by name, and of the members only the user."""
    lines = [line.split(":") for line in content.splitlines()]
    return "".join(_group(f, redactor) + "\n" for f in lines if len(f) == 4 and f[2].isdigit())


def _group(fields: list[str], redactor: Redactor) -> str:
    name, _, number, members = fields
    if not _is_system(number):
        name = redactor.text(name) if _is_own(name, redactor) else f"group-{redactor.hashed(name, 4)}"
    own = [redactor.text(member) for member in members.split(",") if _is_own(member, redactor)]
    redactor.counts["user"] += len(members.split(",")) - len(own) if members else 0
    return f"{name}:x:{number}:{','.join(own)}"


def _is_system(number: str) -> bool:
    return number.isdigit() and (int(number) < 1000 or int(number) == 65534)  # login.defs; nobody


def _is_own(name: str, redactor: Redactor) -> bool:
    return name in redactor.identity.users


def _binary(content: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """Blank what must be hidden without moving a byte: offsets inside stay right."""
    text = base64.b64decode(content["base64"]).decode("latin-1")
    return {**content, "base64": base64.b64encode(redactor.blanked(text).encode("latin-1")).decode("ascii")}


def _folders(folders: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {redactor.text(path): _listing(path, names, redactor) for path, names in folders.items()}


def _listing(path: str, names: Any, redactor: Redactor) -> Any:
    """Redact each name as the end of its path: /home/alice in /home becomes what /home/alice becomes."""
    if not isinstance(names, list):
        return redactor.value(names)
    return sorted(redactor.text(f"{path.rstrip('/')}/{name}").rpartition("/")[2] for name in names)


def _plain(answers: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {redactor.text(key): redactor.value(answer) for key, answer in answers.items()}


def _calls(answers: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {redactor.text(key): _call(key, answer, redactor) for key, answer in answers.items()}


def _call(key: str, answer: Any, redactor: Redactor) -> Any:
    if key in _CALLS and isinstance(answer, str):
        return _name(answer, _CALLS[key], redactor)
    return redactor.value(answer)


def _name(name: str, stand_in: str, redactor: Redactor) -> str:
    """Replace a name that nobody shares; "root" tells nothing and stays."""
    from auditor.redaction.names import is_telling

    redactor.counts["name"] += is_telling(name)
    return stand_in if is_telling(name) else name


def _environment(variables: dict[str, str], redactor: Redactor) -> dict[str, str]:
    return {name: _variable(name, value, redactor) for name, value in variables.items()}


def _variable(name: str, value: str, redactor: Redactor) -> str:
    if name in ("USER", "LOGNAME"):
        return redactor.text(_name(value, REPLAY_USER, redactor))
    return redactor.ruled(value, policy.variable(name))


_PARTS: dict[str, Callable[[Any, Redactor], Any]] = {
    "files": _files,
    "folders": _folders,
    "links": _plain,
    "stats": _plain,
    "commands": _plain,
    "calls": _calls,
    "environment": _environment,
}
