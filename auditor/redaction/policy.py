"""What each fact's strings are: most are checked as text, some hold identifiers as a whole.

A path is a fact's key, any instance written "[i]", followed by the fields inside its value. The
longest entry that fits decides, then the field's name alone, then the ending of the key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

# keep: holds no identifier by its nature; version: as it is where it looks like one; command: only
# the program's name; hash: eight digits that stand for it; drop: nothing of it; text: the patterns
Rule = Literal["keep", "version", "command", "hash", "drop", "text"]

FACTS: dict[str, Rule] = {
    "cpu.flags": "keep",
    "cpu.ml_flags": "keep",
    "cpu.model_name": "keep",
    "cpu.vendor_id": "keep",
    "gpu[i].name": "keep",
    "gpu[i].pci_bus_id": "keep",
    "gpu[i].uuid": "hash",
    "gpu[i].serial": "drop",
    "gpu[i].processes.name": "command",
    "gpu[i].vbios_version": "keep",
    "nvidia.gpus.name": "keep",
    "nvidia.gpus.uuid": "hash",
    "nvidia.gpus.pci_bus_id": "keep",
    "tpu.holders.name": "command",
    "python.abi_tags": "keep",
    "torch.commit": "keep",
    "tensorflow.commit": "keep",
    "torch.arch_list": "keep",
    "tensorflow.arch_list": "keep",
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
VARIABLES: dict[str, Rule] = {
    "USER": "drop",
    "LOGNAME": "drop",
    "HOSTNAME": "drop",
    "MASTER_ADDR": "drop",
    "MASTER_HOST": "drop",
    "DISPLAY": "drop",
    "KUBERNETES_SERVICE_HOST": "drop",
    "SLURMD_NODENAME": "drop",
    "SLURM_NODELIST": "drop",
    "SLURM_JOB_NODELIST": "drop",
    "SLURM_STEP_NODELIST": "drop",
    "SLURM_SUBMIT_HOST": "drop",
    "SLURM_TOPOLOGY_ADDR": "drop",
    "SLURM_LAUNCH_NODE_IPADDR": "drop",
    "SLURM_SRUN_COMM_HOST": "drop",
    "SLURM_STEP_LAUNCHER_HOST": "drop",
    "SLURM_WORKING_CLUSTER": "drop",
    "SLURM_JOB_USER": "drop",
    "SLURM_JOB_ACCOUNT": "drop",
    "SLURM_JOB_NAME": "drop",
    "SLURM_JOB_GROUP": "drop",
    "SLURM_CLUSTER_NAME": "drop",
    "SLURM_COMMENT": "drop",
    "PBS_O_HOST": "drop",
    "PBS_O_LOGNAME": "drop",
    "PBS_JOBNAME": "drop",
    "LSB_HOSTS": "drop",
    "LSB_MCPU_HOSTS": "drop",
    "LSB_JOBNAME": "drop",
    "LSB_SUB_HOST": "drop",
    "LSB_USER": "drop",
    "TPU_WORKER_HOSTNAMES": "drop",
    "TPU_NAME": "drop",
}

_VERSION = r"v?\d[\w.+~!-]{0,80}"
_INSTANCE = r"\[\d+\]"


@lru_cache(maxsize=4096)
def rule(path: str) -> Rule:
    """Return how the strings at a path are treated."""
    path = re.sub(_INSTANCE, "[i]", path) if "[" in path else path
    if path in FACTS:
        return FACTS[path]
    field = path.rpartition(".")[2]
    if path.startswith(("env.variables.", "environment.", "tpu.environment.")):
        return VARIABLES.get(field, "text")
    if field in FIELDS:
        return FIELDS[field]
    return "version" if field.endswith(("version", "_build")) else "text"


def variable(name: str) -> Rule:
    """Return how an environment variable's value is treated."""
    return VARIABLES.get(name, "text")


def is_version(text: str) -> bool:
    """Return whether a text is a version number and nothing else."""
    return re.fullmatch(_VERSION, text) is not None
