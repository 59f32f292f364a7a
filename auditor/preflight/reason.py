"""The one line that becomes a drain reason: at most 80 characters of plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.finding import Finding

LIMIT = 80  # characters: what Node Problem Detector keeps of a message, and sinfo -R shows well
PREFIX = "fwaudit:"
_LEAST_TEXT = 28  # characters that a long path leaves for what is wrong with it


def reason(findings: Sequence[Finding], limit: int = LIMIT) -> str:
    """Return `fwaudit:FWA512 gpu3 the text` for the first finding, with how many more there are."""
    if not findings:
        return ""
    first, more = findings[0], len(findings) - 1
    head = f"{PREFIX}{first.id} "
    tail = f" (+{more} more)" if more else ""
    text = _plain(_because(first) if first.outcome == "unknown" else first.message or first.title)
    if first.subject:
        room = limit - len(head) - min(len(text), _LEAST_TEXT) - len(tail) - 1
        head += _short(_plain(spoken(first.subject)), room) + " "
    return cut(head + text, limit - len(tail)) + tail


def _short(subject: str, room: int) -> str:
    """Return a long path's end, so that what is wrong with it still fits."""
    return subject if not subject.startswith("/") or len(subject) <= room else ".." + subject[2 - room :]


def _because(finding: Finding) -> str:
    """Return why it is not known, after the last word of the fact's key, which the report's details name in full."""
    because = next(iter(finding.unknown_because), "") or f"not known: {finding.title}"
    key, _, rest = because.partition(": ")
    if not rest or " " in key:
        return because
    return rest if key == finding.subject else f"{key.rpartition('.')[2]}: {rest}"


def spoken(subject: str) -> str:
    """Return gpu3 for "gpu:3"; what else has colons, such as a PCI address, keeps them."""
    kind, _, index = subject.partition(":")
    return kind + index if kind.isalpha() and index.isdigit() else subject


def cut(text: str, limit: int = LIMIT) -> str:
    """Return the text in at most `limit` characters; what was cut off shows as two dots."""
    return text if len(text) <= limit else text[: limit - 2].rstrip() + ".."


def _plain(text: str) -> str:
    """Return one line of printable ASCII without quotes, which scontrol and shells would read."""
    line = " ".join(text.split()).replace("'s ", " ").replace('"', "").replace("'", "")
    return "".join(letter if " " <= letter <= "~" else "?" for letter in line)
