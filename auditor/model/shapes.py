"""Types as threads may share them.

msgspec describes a type when it is first decoded, and shows the half-made description to other threads
meanwhile: two that decode the same new type at once can end the process (seen with msgspec 0.20).
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")

_lock = threading.Lock()
_described: set[type] = set()


def described(kind: type[T]) -> type[T]:
    """Return the type itself, after msgspec has described it wholly; for whatever a probe decodes."""
    if kind not in _described:
        with _lock:
            msgspec.json.Decoder(kind)
            _described.add(kind)
    return kind
