"""Our own reports, recordings and the block of fwaudit-collect.py, wherever they stand in a text."""

from __future__ import annotations

import re

import msgspec

from auditor.host.recording import SNAPSHOT_VERSION, Snapshot
from auditor.model.report import Report
from auditor.model.stored import StoredError, decode_report

_BLOCK = re.compile(
    r"-{3,8}BEGIN FWAUDIT COLLECT (\d{1,3})-{3,8}(.*?)-{3,8}END FWAUDIT COLLECT \d{1,3}-{3,8}", re.DOTALL
)
_QUOTED = re.compile(r"^[ \t]{0,3}(?:>[ \t]?){1,4}", re.MULTILINE)
_OURS = re.compile(r'"(?:schema_version|snapshot_version)"\s*:')


class Stored(msgspec.Struct):
    """What of ours a text holds, and the text without it."""

    reports: list[Report] = []
    snapshots: list[Snapshot] = []
    rest: str = ""


def read(text: str) -> Stored:
    """Return the reports and recordings in a text.

    Raises:
        StoredError: one of them is damaged, or of a newer version; says what and where.

    """
    found = Stored()
    rest = _BLOCK.sub(lambda block: _block(found, block), text) if "FWAUDIT COLLECT" in text else text
    if "BEGIN FWAUDIT COLLECT" in rest:
        msg = "the block of fwaudit-collect has lost its last line; paste all of it"
        raise StoredError(msg)
    found.rest = _objects(found, rest) if _OURS.search(rest) else rest
    return found


def _block(found: Stored, block: re.Match[str]) -> str:
    if int(block[1]) > SNAPSHOT_VERSION:
        msg = f"a block of a newer fwaudit-collect (version {block[1]}): upgrade fwaudit"
        raise StoredError(msg)
    found.snapshots.append(_snapshot(_QUOTED.sub("", block[2]).strip().strip("`").encode()))
    return "\n" * block[0].count("\n")


def _snapshot(data: bytes) -> Snapshot:
    try:
        snapshot = msgspec.json.decode(data, type=Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        msg = f"a recording that cannot be read: {error}"
        raise StoredError(msg) from error
    if snapshot.snapshot_version > SNAPSHOT_VERSION:
        msg = f"recorded by a newer fwaudit (version {snapshot.snapshot_version}): upgrade fwaudit"
        raise StoredError(msg)
    return snapshot


def _objects(found: Stored, text: str) -> str:
    """Take out the JSON object that holds a version of ours: the whole text, or from its first brace to its last."""
    start, end = text.find("{"), text.rfind("}")
    if text.lstrip()[:1] == "{":
        end = len(text)  # nothing else, so that one that was cut off is told as such
    if start < 0 or end < start:
        return text
    data = text[start : end + 1].encode("utf-8", "surrogatepass")
    if "snapshot_version" in text and "schema_version" not in text:
        found.snapshots.append(_snapshot(data))
    elif re.match(r'\s*\{\s*"', text[start : start + 80]):
        found.reports.append(decode_report(data))
    return text[:start] + "\n" + text[end + 1 :]
