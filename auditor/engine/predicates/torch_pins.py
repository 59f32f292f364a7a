"""Libraries that torch's wheel on PyPI pins, against the wheels that are installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.lookup import NotInTable, newer_than_knowledge, row_for
from auditor.engine.subjects import distributions
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import minor, parse
from auditor.knowledge.tables import Row, table

Options = Mapping[str, Any]


def nccl_older_than_torch(look: Look, _: Options) -> Verdict:
    """Find an NCCL wheel of an older minor release than the one that torch was built against."""
    torch = look.value("torch.version")
    if torch is None:
        return not_applicable("torch is not installed")
    pins = pins_of(look, str(torch))
    found = wheel_of(distributions(look), "nccl")
    if pins is None or not found:
        return not_applicable("torch is not PyPI's build for CUDA, or no NCCL wheel is here")
    look.cite(table("torch_pins"))
    if minor(found) >= minor(pins["nccl"]):
        return passed("pytorch")
    what = f"NCCL {found} is installed, torch {torch} was built against {pins['nccl']}"
    return fail("pytorch", what=what, severity="warning", confidence="likely")


def triton_of_torch(look: Look, _: Options) -> Verdict:
    """Find a Triton of another minor release than torch pins, where torch's requirements themselves are not at hand."""
    torch = look.value("torch.version")
    if torch is None:
        return not_applicable("torch is not installed")
    if look.facts["python.unmet_requirements"].is_known:
        return not_applicable("the requirements themselves were held against what is installed")
    found, pins = distributions(look).get("triton"), table("torch_pins")
    if not found or parse(str(torch)).is_prerelease:
        return not_applicable("no Triton is here, or torch is no release")
    try:
        pinned = str(row_for(pins, str(torch))["triton"])
    except NotInTable:
        return not_applicable("which Triton this torch pins is not known")
    if minor(found) > max(minor(row["triton"]) for row in pins.all()):
        return not_applicable(newer_than_knowledge(f"Triton {found}"))
    look.cite(pins)
    if minor(found) == minor(pinned):
        return passed("pytorch")
    return fail("pytorch", triton=found, torch=str(torch), pinned=pinned)


def pins_of(look: Look, torch: str) -> Row | None:
    """Return what this torch pins, where it is the build that PyPI holds; None otherwise."""
    cuda = look.maybe("torch.cuda_build")
    try:
        release, pins = row_for(table("torch_releases"), torch), row_for(table("torch_pins"), torch)
    except NotInTable:
        return None
    is_default = bool(cuda) and bool(release["pypi_cuda"]) and minor(cuda) == minor(release["pypi_cuda"])
    return pins if is_default and not parse(torch).is_prerelease else None


def wheel_of(installed: Mapping[str, str], library: str) -> str:
    """Return the version of the one wheel of a library; empty where there is none, or several."""
    found = {version for name, version in installed.items() if name.startswith(f"nvidia-{library}-cu")}
    return next(iter(found)) if len(found) == 1 else ""
