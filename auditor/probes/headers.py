"""Python.h of the audited interpreter: without it nothing can be compiled for it."""

from __future__ import annotations

from auditor.host.protocol import Host, exists
from auditor.model.fact import Fact, Facts, file, unknown
from auditor.probes.base import Probe, ask

_NEEDS = ("python.version", "python.base_prefix", "python.free_threaded")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the path of Python.h, or that it is missing."""
    folders = include_folders(facts)
    if not folders:
        return {"compilers.python_h": unknown("the audited interpreter did not say where its headers belong")}
    paths = [f"{folder}/Python.h" for folder in folders]
    found = ask(
        lambda: next((path for path in paths if exists(host, path)), None),
        *(file(path) for path in paths),
        missing=f"there is no {' nor '.join(paths)}",
    )
    return {"compilers.python_h": found}


def include_folders(facts: Facts) -> list[str]:
    """Return where the headers belong: what sysconfig says, else PREFIX/include/pythonX.Y[t] (its posix schemes)."""
    told = facts.value("python.include")
    if told:
        return [told]
    version, prefix = facts.value("python.version"), facts.value("python.base_prefix")
    if not version or not prefix:
        return []
    suffix = "t" if facts.value("python.free_threaded") else ""
    return [f"{prefix}/include/python{'.'.join(version.split('.')[:2])}{suffix}"]


PROBE = Probe(
    name="headers",
    provides=("compilers.python_h",),
    needs=_NEEDS,
    collect=collect,
    platforms=("linux", "darwin"),
    cost=0.001,
)
