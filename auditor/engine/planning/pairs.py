"""Whether a package whose binaries belong to a release of torch exists for a Python and a variant of its build."""

from __future__ import annotations

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.versions import minor, release
from auditor.knowledge.tables import Row


def unlike(name: str, version: str, build: Candidate, machine: Machine) -> str:
    """Return why a release has no wheel to go with a build here; empty where it has one, or nothing is known."""
    first, last = _pythons(name, version)
    if last and not minor(first) <= minor(machine.python) <= minor(last):
        return f"has wheels for Python {first} to {last}, not {'.'.join(machine.python.split('.')[:2])}"
    made = _made_beside(name, version)
    if build.index and made and build.build not in (variants := _variants(made)):
        return f"was built beside torch {made['torch']}, for {', '.join(variants)}, not for {build.build}"
    return ""


def open_question(name: str, version: str, build: Candidate) -> tuple[str, ...]:
    """Say of PyPI's own wheel that it was built for another CUDA than the build."""
    made = _made_beside(name, version)
    if build.index or made is None or build.family != "cuda" or made["pypi_cuda"] == build.cuda:
        return ()
    said = f"PyPI's {name} {version} was built for CUDA {made['pypi_cuda']}; that it loads beside {build.words} was not tried"
    return (said,)


def _pythons(name: str, version: str) -> tuple[str, str]:
    """Return the oldest and newest Python with a wheel; empty texts where any has, or nothing is known."""
    newest = next((row["version"] for row in rows("wheel_pythons", "newest") if row["package"] == name), "0")
    known = [row for row in rows("wheel_pythons", "releases") if row["package"] == name]
    reached = [row for row in known if release(row["from"]) <= release(version)]
    if not reached or release(version) > release(newest):
        return "", ""
    return reached[-1]["python_min"], reached[-1]["python_max"]


def _made_beside(name: str, version: str) -> Row | None:
    """Return the release of torch that one without an upper pin was built with; None where it has its own."""
    of = next(
        (
            row["torch"]
            for row in rows("companions", "open")
            if row["package"] == name and minor(row["from"]) == minor(version)
        ),
        "",
    )
    return next((row for row in rows("torch_releases") if row["torch"] == of), None)


def _variants(made: Row) -> list[str]:
    """Return the variants that torch was published in with that release."""
    more = next(
        (row["more"] for row in rows("torch_builds", "releases") if row["torch"] == made["torch"]), ()
    )
    rocm = [f"rocm{made['rocm']}"] if made["rocm"] else []
    return [f"cu{cuda.replace('.', '')}" for cuda in made["cuda"]] + [*rocm, *more, "cpu"]
