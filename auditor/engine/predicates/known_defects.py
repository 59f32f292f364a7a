"""Releases with a documented defect that no rule of its own looks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.arch import number
from auditor.engine.look import Look
from auditor.engine.subjects import distributions, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, passed, unknown
from auditor.engine.versions import minor_text, satisfies
from auditor.knowledge.tables import Row, table

Options = Mapping[str, Any]

_REQUIREMENT = re.compile(r"[a-z][a-z0-9-]{1,60}(?:==|<|>=)\d[\d.]{0,20}")
_NEWER_TORCH = re.compile(r"torch [\d.]+ or newer")
# what moves by itself; all else has company that must move along
_NEWER_PART = re.compile(r"(cuDNN|libtpu) ([\d.]+) or newer")


def known_defects(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Report each row of the table known_issues whose conditions all hold here."""
    installed = distributions(look)
    source = table("known_issues")
    look.cite(source)
    rows = [row for row in source.all() if _installed(installed, row) and _fits_system(look, row)]
    hits = {row["id"]: _hits_gpu(look, row["sm"]) for row in rows}
    found = [_verdict(installed, row) for row in rows if hits[row["id"]]]
    if found:
        return found
    if None in hits.values():
        return unknown("gpu[0].compute_capability: no card is described")
    return passed()


def _verdict(installed: Mapping[str, str], row: Row) -> Verdict:
    name = row["package"]
    said = {key: row[key] for key in ("effect", "advice", "severity")}
    variant, requirement = _command(name, row["advice"])
    return fail(
        row["id"], package=name, version=installed[name], variant=variant, requirement=requirement, **said
    )


def _command(package: str, advice: str) -> tuple[str, str]:
    """Return how the advice is carried out: a requirement by itself, a newer torch with its company, or by hand."""
    if _REQUIREMENT.fullmatch(advice):
        return "pin", f"'{advice}'"
    if _NEWER_TORCH.match(advice):
        return "torch", ""
    newer = _NEWER_PART.fullmatch(advice)
    if not newer or (newer[1] == "cuDNN" and not package.startswith("nvidia-cudnn")):
        return "", ""
    return "pin", f"'{'libtpu' if newer[1] == 'libtpu' else package}>={newer[2]}'"


def _installed(installed: Mapping[str, str], row: Row) -> bool:
    wanted = [(row["package"], row["versions"]), *row["also"]]
    return all(name in installed and satisfies(installed[name], versions) for name, versions in wanted)


def _fits_system(look: Look, row: Row) -> bool:
    """Return whether Python and system are those of a row; what is not known is taken for another."""
    if row["python"]:
        python = look.maybe("python.version")
        if not python or not satisfies(minor_text(python), row["python"]):
            return False
    platform = str(look.maybe("os.platform", "")).removesuffix("2")
    return row["platform"] in ("", platform, {"wsl": "linux"}.get(platform, platform))


def _hits_gpu(look: Look, span: list[int]) -> bool | None:
    """Return whether a card's compute capability lies in the span; None where no card's is known."""
    if not span:
        return True
    known = [
        number(capability)
        for index in nvidia_gpus(look)
        if (capability := look.maybe(f"gpu[{index}].compute_capability"))
    ]
    return any(span[0] <= capability <= span[1] for capability in known) if known else None
