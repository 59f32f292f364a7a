"""The distribution, by os-release(5) or the older release files."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, absent, file, known
from auditor.probes.attempts import first_known, text
from auditor.probes.base import ask

_PLACES = ("/etc/os-release", "/usr/lib/os-release")
_OLD_PLACES = ("/etc/system-release", "/etc/redhat-release", "/etc/SuSE-release")
_ESCAPES = (("\\$", "$"), ('\\"', '"'), ("\\`", "`"), ("\\\\", "\\"))
_FIELDS = {"os.id": "ID", "os.version_id": "VERSION_ID", "os.pretty_name": "PRETTY_NAME"}


def distribution(host: Host) -> dict[str, Fact]:
    """Return os.id, os.version_id and os.pretty_name."""
    release = first_known(
        *(lambda path=path: ask(lambda: parse(host.read(path)), file(path)) for path in _PLACES)
    )
    if not release.is_known:
        old = first_known(*(lambda path=path: text(host, path) for path in _OLD_PLACES))
        name = known(old.value.splitlines()[0], *old.evidence) if old.is_known else release
        return {"os.id": release, "os.version_id": release, "os.pretty_name": name}
    return {key: _field(release, name) for key, name in _FIELDS.items()}


def _field(release: Fact, name: str) -> Fact:
    value = release.value.get(name)
    path = release.evidence[0].ref
    return (
        known(value, file(path, f"{name}={value}")) if value else absent(f"{path} has no {name}", file(path))
    )


def parse(content: str) -> dict[str, str]:
    """Return the assignments of an os-release file, quotes and the shell's escapes undone."""
    fields = {}
    for line in content.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            fields[name.strip()] = _unquoted(value.strip())
    return fields


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        quote, value = value[0], value[1:-1]
        if quote == "'":
            return value
    for written, meant in _ESCAPES:
        value = value.replace(written, meant)
    return value
