"""The environment variables that matter, as they are set."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, env
from auditor.probes.base import Probe, ask

# allowed to be read (host/environment.py) yet told elsewhere, or of no weight for frameworks
_LEFT_OUT = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TERM", "DISPLAY", "NO_COLOR", "FORCE_COLOR",
    "XDG_CACHE_HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "MODULEPATH",
)  # fmt: skip
_LEFT_OUT_PREFIXES = ("PIP_", "PYENV_", "UV_", "CONDA_", "MAMBA_", "KUBERNETES_", "SLURM_", "PBS_", "LSB_")
# of the schedulers' many, those that say which devices and how many processors a step has
_SCHEDULER = ("GPU", "GRES", "CPUS", "LOCALID", "PROCID", "NTASKS", "DEVICE")
_KEPT = ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_OVERRIDE_CUDA", "CONDA_OVERRIDE_GLIBC")


def matters(name: str) -> bool:
    """Return whether a variable of the allow-list can change how a framework runs."""
    if name in _KEPT:
        return True
    if name.startswith(("SLURM_", "PBS_", "LSB_")):
        return any(part in name for part in _SCHEDULER)
    return name not in _LEFT_OUT and not name.startswith(_LEFT_OUT_PREFIXES)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return the variables by name; none set is an answer too: an empty object."""
    variables = ask(
        lambda: {n: v for n, v in sorted(host.environ().items()) if matters(n)}, env("allow-list")
    )
    return {"env.variables": variables}


PROBE = Probe(name="variables", provides=("env.variables",), collect=collect, cost=0.001)
