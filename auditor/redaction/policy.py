"""What each fact's strings are: most are checked as text, some hold identifiers as a whole.

A path is a fact's key, any instance written "[i]", followed by the fields inside its value. The
longest entry that fits decides, then the field's name alone, then the ending of the key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

# version: as it is where it looks like one; command: only the program's name; hash: eight digits
# that stand for it; drop: nothing of it; text: what the patterns leave
Rule = Literal["version", "command", "hash", "drop", "text"]

FACTS: dict[str, Rule] = {
    "gpu[i].uuid": "hash",
    "gpu[i].serial": "drop",
    "gpu[i].processes.name": "command",
    "nvidia.gpus.uuid": "hash",
    "tpu.holders.name": "command",
}

FIELDS: dict[str, Rule] = {
    "uuid": "hash",
    "serial": "drop",
    "serial_number": "drop",
    "board_serial": "drop",
    "asset_tag": "drop",
    "machine_id": "hash",
    "guid": "hash",
    "node_guid": "hash",
    "mac": "drop",
    "version": "version",
    "cmdline": "command",
    "command_line": "command",
    "email": "drop",
}

# variables whose whole value says who or where
VARIABLES = frozenset((
    "USER", "LOGNAME", "HOSTNAME", "MASTER_ADDR", "MASTER_HOST", "DISPLAY", "KUBERNETES_SERVICE_HOST",
    "SLURMD_NODENAME", "SLURM_NODELIST", "SLURM_JOB_NODELIST", "SLURM_STEP_NODELIST", "SLURM_SUBMIT_HOST",
    "SLURM_TOPOLOGY_ADDR", "SLURM_LAUNCH_NODE_IPADDR", "SLURM_SRUN_COMM_HOST", "SLURM_STEP_LAUNCHER_HOST",
    "SLURM_WORKING_CLUSTER", "SLURM_JOB_USER", "SLURM_JOB_ACCOUNT", "SLURM_JOB_NAME", "SLURM_JOB_GROUP",
    "SLURM_CLUSTER_NAME", "SLURM_COMMENT", "PBS_O_HOST", "PBS_O_LOGNAME", "PBS_JOBNAME", "LSB_HOSTS",
    "TF_CONFIG", "LSB_MCPU_HOSTS", "LSB_JOBNAME", "LSB_SUB_HOST", "LSB_USER", "TPU_WORKER_HOSTNAMES", "TPU_NAME",
))  # fmt: skip

_CONFIDENTIAL = r"(?:^|[_-])(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credentials?|auth)$"
# segments stay short: no token passes for a version
_VERSION = r"v?\d{1,8}[a-z]{0,4}\d{0,4}(?:[.+!~_-][A-Za-z0-9]{1,16}){0,8}"
_INSTANCE = r"\[\d+\]"
_SETS_OF_VARIABLES = ("env.variables.", "environment.", "tpu.environment.")


@lru_cache(maxsize=4096)
def rule(path: str) -> Rule:
    """Return how the strings at a path are treated."""
    path = re.sub(_INSTANCE, "[i]", path) if "[" in path else path
    if path in FACTS:
        return FACTS[path]
    field = path.rpartition(".")[2]
    if path.startswith(_SETS_OF_VARIABLES):
        return variable(field)
    if field in FIELDS:
        return FIELDS[field]
    if re.search(_CONFIDENTIAL, field, re.IGNORECASE):
        return "drop"
    return "version" if field.endswith(("version", "_build")) else "text"


def variable(name: str) -> Rule:
    """Return how an environment variable's value is treated."""
    return "drop" if name in VARIABLES or re.search(_CONFIDENTIAL, name, re.IGNORECASE) else "text"


def is_version(text: str) -> bool:
    """Return whether a text is a version number and nothing else."""
    return re.fullmatch(_VERSION, text) is not None
