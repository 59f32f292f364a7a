"""Limits of this process (getrlimit): too little locked memory breaks RDMA, too few files breaks loaders."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, file, known, unknown
from auditor.probes.attempts import first_known
from auditor.probes.base import Collected, Probe, ask

_LIMITS = "/proc/self/limits"
# fact -> name of the constant, words of /proc/self/limits
_NAMES = {
    "limits.memlock": ("RLIMIT_MEMLOCK", "Max locked memory"),
    "limits.nofile": ("RLIMIT_NOFILE", "Max open files"),
    "limits.nproc": ("RLIMIT_NPROC", "Max processes"),
    "limits.core": ("RLIMIT_CORE", "Max core file size"),
}


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return the soft limits; -1 is unlimited."""
    limits = first_known(
        lambda: ask(lambda: host.call("rlimits", _own_limits), call("getrlimit")),
        lambda: ask(lambda: _written(host.read(_LIMITS)), file(_LIMITS)),
    )
    return {key: _one(limits, name) for key, (name, _) in _NAMES.items()}


def _own_limits() -> dict[str, int]:
    import resource

    names = [name for name, _ in _NAMES.values() if hasattr(resource, name)]
    return {name: resource.getrlimit(getattr(resource, name))[0] for name in names}


def _written(text: str) -> dict[str, int]:
    """Return the soft limits of /proc/self/limits."""
    found = {}
    for line in text.splitlines():
        for name, words in _NAMES.values():
            if line.startswith(words + " "):
                soft = line[len(words) :].split()[0]
                found[name] = -1 if soft == "unlimited" else int(soft)
    return found


def _one(limits: Fact, name: str) -> Fact:
    if not limits.is_known:
        return limits
    if name not in limits.value:
        return unknown(f"{name} is not reported here", *limits.evidence)
    return known(limits.value[name], *limits.evidence)


PROBE = Probe(name="limits", provides=tuple(_NAMES), collect=collect, cost=0.001)
