"""Whether a recording's answers are of the kinds that those who ask will take them for."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.host.protocol import Answer
from auditor.host.recording import Failure, Snapshot
from auditor.model.shapes import described
from auditor.target.answer import Target
from auditor.target.choice import Choice


def mistake(snapshot: Snapshot) -> str:
    """Return the first answer of the wrong kind, as "commands.KEY: what is wrong", or ""."""
    for key, value in snapshot.commands.items():
        if wrong := _wrong(value, Answer):
            return f"commands.{key}: {wrong}"
    for key, value in snapshot.calls.items():
        kind = Choice if key == "target choice" else Target if key.startswith("target ") else None
        if kind and (wrong := _wrong(value, kind)):
            return f"calls.{key}: {wrong}"
    return ""


def _wrong(value: Any, kind: type[msgspec.Struct]) -> str:
    is_failure = isinstance(value, dict) and value.get("type") == "failure"
    try:
        msgspec.convert(value, described(Failure if is_failure else kind))
    except msgspec.ValidationError as error:
        return str(error)
    return ""
