"""The audited interpreter: what it is, what is installed in it, and what its frameworks were built for."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Evidence, Fact, Facts, absent, command, known, unknown
from auditor.probes import frameworks, packages, search_path, shadowing
from auditor.probes.base import Probe
from auditor.target.answer import Interpreter
from auditor.target.query import query

INTERPRETER = (
    "python.version", "python.implementation", "python.free_threaded", "python.abi_tags", "python.arch",
    "python.executable", "python.prefix", "python.base_prefix", "python.kind", "python.conda_env",
    "python.conda_packages", "python.externally_managed", "python.glibc_version", "python.include",
)  # fmt: skip
PROVIDES = (
    "target.usable", "target.reason", *INTERPRETER, *packages.PROVIDES, *search_path.PROVIDES, *frameworks.PROVIDES
)  # fmt: skip
_BITS_32 = {"x86_64": "i686", "aarch64": "armv7l"}


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return every fact of the interpreter in `target.python`; where it does not answer, each with the reason."""
    chosen = facts["target.python"]
    if not chosen.is_known:
        return _unusable(chosen.reason or "no interpreter was chosen", chosen.state == "unknown")
    target = query(host, chosen.value, facts.value("request.cwd", "/"), facts.value("request.tmpdir"))
    if not target.usable or target.python is None:
        return _unusable(f"{chosen.value}: {target.reason}")
    asked = command(f"{chosen.value} -I inside.py")
    installed = packages.facts(target, asked)
    twice = shadowing.rows(target, search_path.stated(host, facts), installed["python.duplicates"].value)
    return {
        "target.usable": known(True, asked),
        "target.reason": absent("it is usable", asked),
        **interpreter_facts(target.python, asked),
        "python.installer": packages.installer(target, kind(target.python), asked),
        **installed,
        "python.duplicates": known(twice, asked),
        **search_path.facts(host, facts, target, asked),
        **frameworks.facts(target, asked),
    }


def _unusable(reason: str, never_asked: bool = False) -> dict[str, Fact]:
    facts = {key: unknown(reason) for key in PROVIDES}
    if not never_asked:
        facts |= {"target.usable": known(False), "target.reason": known(reason)}
    return facts


def interpreter_facts(python: Interpreter, asked: Evidence) -> dict[str, Fact]:
    """Return what the interpreter says of itself."""
    glibc = python.libc.partition(" ")[2] if python.libc.startswith("glibc ") else ""
    packages_of_conda = [list(package) for package in python.conda.packages] if python.conda else None
    return {
        "python.version": known(python.version, asked),
        "python.implementation": known(
            _IMPLEMENTATIONS.get(python.implementation, python.implementation), asked
        ),
        "python.free_threaded": known(python.free_threaded, asked),
        "python.abi_tags": abi_tags(python, glibc, asked),
        "python.arch": known(arch(python), asked),
        "python.executable": known(python.executable, asked),
        "python.prefix": known(python.prefix, asked),
        "python.base_prefix": known(python.base_prefix, asked),
        "python.kind": known(kind(python), asked),
        "python.conda_env": conda_env(python, asked),
        "python.conda_packages": _or_absent(packages_of_conda, "no conda-meta in its prefix", asked),
        "python.externally_managed": known(python.externally_managed, asked),
        "python.glibc_version": _or_absent(glibc or None, "its C library is not glibc", asked),
        "python.include": _or_absent(python.include or None, "no Python.h beside it", asked),
    }


_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}


def _or_absent(value: object, missing: str, asked: Evidence) -> Fact:
    return absent(missing, asked) if value is None else known(value, asked)


def arch(python: Interpreter) -> str:
    """Return the architecture that the interpreter was built for: a 32-bit one may run on a 64-bit kernel."""
    built = python.multiarch.partition("-")[0] if python.platform == "linux" else ""
    name = built or python.machine
    return _BITS_32.get(name, name) if python.bits == 32 else name


def kind(python: Interpreter) -> str:
    """Return what made the environment: venv, virtualenv, uv, conda, conda-base, pyenv, system or other."""
    if python.pyvenv is not None:
        return next((maker for maker in ("uv", "virtualenv") if maker in python.pyvenv), "venv")
    if python.conda:
        return "conda-base" if python.conda.base else "conda"
    if "/.pyenv/" in python.prefix or "/pyenv/versions/" in python.prefix:
        return "pyenv"
    if "/uv/python/" in python.prefix:
        return "uv"
    return "system" if python.prefix in ("/usr", "/usr/local") or python.externally_managed else "other"


def conda_env(python: Interpreter, asked: Evidence) -> Fact:
    """Return the name of the conda environment, as its folder is called."""
    if not python.conda:
        return absent("not a conda environment", asked)
    return known("base" if python.conda.base else python.prefix.rstrip("/").rpartition("/")[2], asked)


def abi_tags(python: Interpreter, glibc: str, asked: Evidence) -> Fact:
    """Return the 40 best wheel tags that the interpreter accepts, of Linux with glibc alone."""
    if python.platform != "linux" or not glibc or python.implementation != "cpython":
        return unknown("worked out for CPython on Linux with glibc only", asked)
    names = manylinux(arch(python), glibc)
    return known([f"{version}-{abi}-{name}" for version, abi in _abis(python) for name in names][:40], asked)


def _abis(python: Interpreter) -> list[tuple[str, str]]:
    """Return (interpreter, ABI) pairs in the order of PEP 425; test-held against packaging.tags, which costs 4 ms.

    The stable ABI of an older release serves a newer one, but not where it is free-threaded: that
    has one of its own from 3.15 on (PEP 803).
    """
    minor = int(python.version.split(".")[1])
    now = f"cp3{minor}"
    if python.free_threaded:
        stable = [(f"cp3{n}", "abi3t") for n in range(minor, 14, -1)]
        return [(now, f"{now}t"), *stable[:1], (now, "none"), *stable[1:]]
    return [(now, now), (now, "abi3"), (now, "none"), *((f"cp3{n}", "abi3") for n in range(minor - 1, 1, -1))]


def manylinux(machine: str, glibc: str) -> list[str]:
    """Return the platform tags of PEP 600, newest first; the oldest glibc is 2.5 on x86, else 2.17."""
    newest = int(glibc.split(".")[1])
    oldest = 5 if machine in ("x86_64", "i686") else 17
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags = []
    for minor in range(newest, oldest - 1, -1):
        tags.append(f"manylinux_2_{minor}_{machine}")
        if minor in legacy:
            tags.append(f"{legacy[minor]}_{machine}")
    return [*tags, f"linux_{machine}"]


PROBE = Probe(name="python", provides=PROVIDES, collect=collect, cost=0.06)
