"""JSON: every field present, keys sorted, indented, nothing but ASCII."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from auditor.model.report import Report
from auditor.render.options import RenderOptions


def render(report: Report, options: RenderOptions) -> str:  # noqa: ARG001
    """Return the report as JSON, the shape that `reports/schema/report-v1.json` describes."""
    return written(report)


def written(value: Any) -> str:
    """Return a value of the model, or of JSON, as JSON text."""
    try:
        data = msgspec.json.encode(full(value), order="sorted")
    except UnicodeEncodeError:  # names of files that are no UTF-8 arrive as lone surrogates
        data = msgspec.json.encode(_encodable(full(value)), order="sorted")
    return ascii_only(msgspec.json.format(data, indent=2).decode()) + "\n"


def full(value: Any) -> Any:
    """Return values of the model as JSON values with fields at their defaults written too."""
    if isinstance(value, msgspec.Struct):
        parts = {name: full(getattr(value, name)) for name in value.__struct_fields__}
        return {**parts, **{name: float(parts[name]) for name in _floats(type(value))}}
    if isinstance(value, tuple):
        return [full(item) for item in value]
    if isinstance(value, dict) and any(isinstance(item, msgspec.Struct) for item in value.values()):
        return {key: full(item) for key, item in value.items()}
    return value


@lru_cache(maxsize=64)
def _floats(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields that are real numbers: 3 is written 3.0, as it will be after the way back."""
    return tuple(field.name for field in msgspec.structs.fields(kind) if field.type is float)


def ascii_only(text: str) -> str:
    r"""Return JSON text with everything beyond ASCII as \uXXXX, in pairs beyond the first plane."""
    return text if text.isascii() else re.sub("[^\x00-\x7f]", _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    return value
