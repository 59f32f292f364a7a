"""How many sockets, cores and threads: the value that each source of topology gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping

import msgspec

from auditor.model.fact import Evidence, computed

Grouping = Mapping[int, Hashable]  # CPU -> what it has in common with the others of its group


class Counts(msgspec.Struct, frozen=True):
    """Sockets, cores, and the most threads of any core; None where not known. `source` says whence."""

    sockets: int | None = None
    cores: int | None = None
    threads: int | None = None
    source: Evidence = computed()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return None not in (self.sockets, self.cores, self.threads)

    def filled(self, other: Counts) -> Counts:
        """Return these counts with what is missing taken from others."""
        if self == Counts():
            return other
        return Counts(
            self.sockets if self.sockets is not None else other.sockets,
            self.cores if self.cores is not None else other.cores,
            self.threads if self.threads is not None else other.threads,
            self.source,
        )


def of_groups(sockets: Grouping | None, cores: Grouping | None, source: Evidence) -> Counts:
    """Count the groups, and the members of the largest core."""
    return Counts(
        len(set(sockets.values())) if sockets else None,
        len(set(cores.values())) if cores else None,
        max(Counter(cores.values()).values()) if cores else None,
        source,
    )
