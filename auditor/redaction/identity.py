"""Who a machine and its user are, as told from outside: nothing here looks for itself."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Literal

import msgspec

_PURPOSE = b"fwaudit-redact"  # so that the key tells nothing about /etc/machine-id


class Identity(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What must be hidden by name.

    `hosts` and `users` are hidden as whole words, `home` and other `homes` (the same folder by
    another road) become "~". `prefixes` are (folder, "$VIRTUAL_ENV") pairs of variables that the user
    has set, so that commands outside the home stay pasteable. `machine_id` is the content of /etc/machine-id: from it
    the key of hashes derives; where it is empty, a key is made for the run. `site_key` replaces both.
    """

    hosts: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    home: str = ""
    homes: tuple[str, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()
    machine_id: str = ""
    site_key: bytes = b""

    @property
    def key_source(self) -> Literal["site", "machine", "run"]:
        """By what key hashes are made: reports correlate within it."""
        if self.site_key:
            return "site"
        return "machine" if self.machine_id else "run"

    @cached_property
    def key(self) -> bytes:
        """The key of hashes, 32 bytes."""
        from hashlib import blake2b  # 2 ms of OpenSSL, which few reports need

        secret = self.site_key or self.machine_id.encode() or os.urandom(32)
        return blake2b(secret, person=_PURPOSE, digest_size=32).digest()

    def digest(self, value: str) -> str:
        """Return eight hexadecimal digits that stand for a value, the same under the same key."""
        from hashlib import blake2b

        return blake2b(value.lower().encode("utf-8", "replace"), key=self.key, digest_size=4).hexdigest()
