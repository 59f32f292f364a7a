"""The table of probes. A new probe is one module with a `PROBE` and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from auditor.probes.base import Probe

ALL: tuple[str, ...] = (
    "python",
    "environments",
    "components",
    "system",
    "cpu",
    "numa",
    "cgroup",
    "memory",
    "limits",
    "disk",
    "container",
    "orchestrator",
    "firmware",
    "virtualization",
    "cuda",
    "loader",
    "compilers",
    "headers",
    "variables",
    "pci",
    "ib",
    "nvidia",
    "amd",
    "intel",
    "gaudi",
    "tpu",
    "libtpu",
    "apple",
    "accelerators",
)


def load(name: str) -> Probe:
    """Return the probe of the module `name`, imported now.

    Raises:
        KeyError: the table has no such probe.

    """
    if name not in ALL:
        msg = f"no probe is called {name!r}; there are {', '.join(ALL)}"
        raise KeyError(msg)
    probe = import_module(f"auditor.probes.{name}").PROBE
    assert isinstance(probe, Probe), f"auditor.probes.{name}.PROBE is no Probe"
    return probe


def load_each() -> Iterator[Probe]:
    """Yield every probe of the table, in its order, each imported when it is asked for."""
    return map(load, ALL)
