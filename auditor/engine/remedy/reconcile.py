"""Remedies that follow one another in one report: what an earlier one puts right is not mended a second time, otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from auditor.model.finding import Finding, Remedy

_COMPANION = "torch_companion_mismatch"
_REPLACES = re.compile(r"\b(?:uninstall|remove)\b.*\b(?:py)?torch torchvision\b")
_BOTH = re.compile(r"\binstall\b.*\b(?:py)?torch\b.*\btorchvision\b")
_OTHERS = re.compile(r"\binstall\b.*\b(?:torchaudio|torchcodec|torchtext)\b")


def reconciled(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings in their order; once torch is replaced with its torchvision, that one needs no other mend.

    A torchvision told to fit the torch that was there would undo what the first remedy did.
    """
    done: list[Finding] = []
    replaced = ""
    for finding in findings:
        lines = finding.remedy.commands if finding.is_problem and finding.remedy else ()
        if replaced and finding.cause == _COMPANION and lines and not any(map(_OTHERS.search, lines)):
            remedy = Remedy(
                summary=f"Nothing more: the commands of {replaced} install the torchvision that belongs to its torch",
                check=finding.remedy.check if finding.remedy else "",
            )
            finding = msgspec.structs.replace(finding, remedy=remedy)
        elif not finding.waiver and any(map(_REPLACES.search, lines)) and any(map(_BOTH.search, lines)):
            replaced = replaced or finding.id
        done.append(finding)
    return done
