"""Hosts that programs write at the beginning of their lines: syslog, NCCL, Open MPI, Slurm, pdsh, klog, uname, gpustat."""

from __future__ import annotations

import re

from auditor.redaction.names import is_telling
from auditor.redaction.pattern import Pattern

_HOST = r"([A-Za-z][\w.-]{0,62})"
# a machine's name as clusters count them, which pdsh and clush write before each line; `node3` alone names none
_COUNTED = r"((?!numa)(?=[a-z0-9-]{0,40}(?:node|host|dgx|hgx|compute|worker|server|srv|nid|login))[a-z][a-z0-9-]{1,60}\d(?:\.[a-z][\w.-]{0,60})?)"
_STAMP = r"((?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}) )"
# (what stands before, the name, what stands behind) and a word that its lines hold
_SAYINGS = (
    (_STAMP + _HOST + r"(?= (?:kernel|[\w./@-]{1,40}\[\d{1,8}\]):)", ("kernel:", "]:")),
    (r"((?<![\w.:/-]))" + _HOST + r"(?=:\d{1,8}:\d{1,8} \[\w{1,3}\] )", ("] nccl", "] rccl", "] misc", "] init")),
    (r"(\[)" + _HOST + r"(?=:\d{2,8}\] (?:\*\*\*|\[|mca|Signal|Failing|PMIX))", ("] ***", "] [", "] mca", "] signal", "] failing", "] pmix")),
    (r"(\bLinux )" + _HOST + r"(?= \d{1,2}\.\d{1,2}\.\d{1,3}\S{0,60} #)", ("linux ",)),
    (r"(\bON )([A-Za-z][\w.,\[\]-]{1,200})(?= CANCELLED)", ("cancelled",)),
    (r"(\b(?:srun|slurmstepd|sbatch|mpirun): error: )([A-Za-z][\w.,\[\]-]{1,200})(?=: )", ("srun:", "slurmstepd:", "mpirun:")),
    (r"(\bconnect(?:ed|ing)? to \[?)" + _HOST + r"(?=[\]:|,])", ("connect",)),
    (r"((?:^|(?<=\n)))" + _HOST + r"(?=\s{1,20}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:)", (" mon ", " tue ", " wed ", " thu ", " fri ", " sat ", " sun ")),
    (r"((?:^|(?<=\n)))" + _COUNTED + r"(?=: )", ("node", "host", "dgx", "hgx", "compute", "worker", "server", "srv", "nid", "login")),
    (r"(\brank_?\d{1,5}\]?@)" + _HOST, ("rank",)),
    (r"(\b[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{3,9} {1,8})" + _HOST + r"(?= {1,8}(?:\d{1,8} {1,8})?[\w./-]{1,120}:\d{1,6}\])", ("]",)),
)  # fmt: skip
# words in such places that name no machine
_NOBODY = re.compile(r"(?:rank|gpu|cuda|node|worker|default|task|local|server|host|compute)[_-]?\d{0,3}|localhost|slurm\w*", re.IGNORECASE)  # fmt: skip


def patterns() -> list[Pattern]:
    """Return the patterns of hosts in logs."""
    return [Pattern("host", source, _hidden, hints) for source, hints in _SAYINGS]


def hosts_in(text: str) -> list[str]:
    """Return the hosts that a text's own log lines begin with."""
    low = text.lower()
    found = [
        match[2]
        for source, hints in _SAYINGS
        if any(hint in low for hint in hints)
        for match in re.finditer(source, text)
    ]
    return [name for name in found if _names(name) and not set(name) & set("[],")]


def _names(word: str) -> bool:
    return is_telling(word) and not _NOBODY.fullmatch(word)


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}<host>" if _names(match[2]) else match.group()
