"""torch and the packages whose binaries belong to one release of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.remedy.environment import torch_index
from auditor.engine.subjects import distributions
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import local, minor, minor_text, parse
from auditor.knowledge.tables import table

Options = Mapping[str, Any]

_BUILD = re.compile(r"cpu|cu\d{2,3}|rocm[\d.]+|xpu")
# what a build from source names: the commit, alone or behind the build
_COMMIT = re.compile(r"\.?(?:git)?[0-9a-f]{7,40}$")


# of a part that was built from source the number says little of what it was built against
_SURE: Mapping[bool, Mapping[str, Any]] = {False: {}, True: {"severity": "warning", "confidence": "likely"}}


def torch_companions(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Hold each of `packages` against the installed torch: its release, then its build."""
    torch = look.value("torch.version")
    if torch is None:
        return not_applicable("torch is not installed")
    installed = distributions(look)
    found = [
        _companion(look, name, installed[name], torch) for name in options["packages"] if name in installed
    ]
    return found or not_applicable("none of these packages is installed")


def _companion(look: Look, name: str, version: str, torch: str) -> Verdict:
    source = table("companions")
    look.cite(source, name)
    wanted = _wanted(name, version)
    clash = _build_clash(look, name, version, torch)
    nightly = parse(version).is_devrelease and parse(torch).is_devrelease
    if wanted and wanted != minor_text(torch) and not nightly:
        clash = f"{name} {minor_text(version)} belongs to torch {wanted}"
    elif oldest := _oldest_torch(name, version, torch):
        clash = f"{name} {minor_text(version)} wants torch {oldest} or newer"
    own_builds = [_from_source(one) for one in (version, torch)]
    if clash and all(own_builds):
        return unknown(f"python.distributions: {name} {version} and torch {torch} were built from source: their "
                       "numbers do not tell whether together", subject=name)  # fmt: skip
    if clash:
        right = _right(name, torch)
        return fail(
            name,
            package=name,
            module=name.replace("-", "_"),
            version=version,
            torch=torch,
            why=clash,
            right=right,
            # PyPI's wheels name no build in their metadata: what fits them is on PyPI too
            index=torch_index(local(distributions(look).get("torch", torch))),
            variant="" if right else "none",
            **_SURE[any(own_builds)],
        )
    if wanted or _is_open(name, version, torch):
        return passed(name)
    return unknown(f"python.distributions: {name} {version} is not in the table companions", subject=name)


def _from_source(version: str) -> bool:
    """Return whether somebody built this from a checkout: 2.7.0a0+git1341794, 0.21.0+7af6987."""
    told = parse(version)
    return told.pre == ("a", 0) or _build_label(version) != local(version)


def _build_label(version: str) -> str:
    """Return a version's build without the commit that builds from source name."""
    return _COMMIT.sub("", local(version))


def _wanted(name: str, version: str) -> str:
    rows = table("companions").named(name)
    return next((str(row["torch"]) for row in rows if row["package"] == minor_text(version)), "")


def _right(name: str, torch: str) -> str:
    """Return the requirement that fits this torch, empty where there is none."""
    source = table("companions")
    own = next((row["package"] for row in source.named(name) if row["torch"] == minor_text(torch)), "")
    if own:
        return f"{name}=={own}.*"
    opened = [row for row in source.named("open") if row["package"] == name]
    first = next((row["from"] for row in opened if minor(torch) >= minor(row["torch"])), "")
    return f"{name}>={first}" if first else ""


def _oldest_torch(name: str, version: str, torch: str) -> str:
    """Return the torch that a release without an upper pin starts from, where this torch is older than that."""
    rows = [row for row in table("companions").named("open") if row["package"] == name]
    return next(
        (
            str(row["torch"])
            for row in rows
            if minor(row["from"]) <= minor(version) <= minor(row["newest"])
            and minor(torch) < minor(row["torch"])
        ),
        "",
    )


def _is_open(name: str, version: str, torch: str) -> bool:
    """Return whether this release takes every later torch."""
    rows = [row for row in table("companions").named("open") if row["package"] == name]
    return any(minor(version) >= minor(row["from"]) and minor(torch) >= minor(row["torch"]) for row in rows)


def _build_clash(look: Look, name: str, version: str, torch: str) -> str:
    """Return how two builds differ: "+cpu" beside a CUDA build breaks the companion's operators.

    Wheels on PyPI carry no local part and are CUDA builds on Linux x86-64, so that a `+cpu` torch
    needs a companion from its own index. Other builds (conda, a distribution's) name no local part.
    """
    own, other = _build_label(torch) or _build_of(look), _build_label(version) or _row_build(look, name)
    if name not in ("torchvision", "torchaudio") or minor(torch) < (2, 0) or not own:
        return ""
    if other and other != own:
        return f"{name} is built for {other}, torch for {own}"
    if other or own != "cpu" or "conda" in _installers(look, name):
        return ""
    if look.maybe("os.platform") in ("linux", "wsl2") and look.maybe("os.arch") == "x86_64":
        return f"torch is built for the CPU, {name} from PyPI for CUDA"
    return ""


def _build_of(look: Look) -> str:
    """Return torch's build by its own files."""
    build = str(look.maybe("torch.build", ""))
    return build if _BUILD.fullmatch(build) and "conda" not in _installers(look, "torch") else ""


def _row_build(look: Look, name: str) -> str:
    """Return a companion's build by its own file, where the list of distributions has it."""
    rows = look.maybe("python.distributions") or []
    found = (str(row.get("build") or "") for row in rows if str(row.get("name")).lower() == name)
    return next((build for build in found if _BUILD.fullmatch(build)), "")


def _installers(look: Look, name: str) -> set[str]:
    rows = look.maybe("python.distributions") or []
    return {str(row.get("installer")) for row in rows if str(row.get("name")).lower() == name}


def torchtext_ended(look: Look, _: Options) -> Verdict:
    """Find a torchtext beside a torch newer than the last that it was built for (2.3)."""
    torch = look.value("torch.version")
    version = distributions(look).get("torchtext")
    if torch is None or version is None:
        return not_applicable("torch or torchtext is not installed")
    look.cite(table("companions"), "torchtext")
    own_builds = [_from_source(one) for one in (version, torch)]
    if minor(torch) < (2, 4) or all(own_builds):
        return passed("torchtext")
    return fail("torchtext", version=version, torch=torch, **_SURE[any(own_builds)])
