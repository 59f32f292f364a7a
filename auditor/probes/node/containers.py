"""Container runtimes, and by which way containers would get NVIDIA GPUs."""

from __future__ import annotations

from auditor.host.protocol import Host, NotRecorded, exists
from auditor.model.fact import Fact, Facts, absent, file, known
from auditor.probes.base import Collected, Probe, ask, list_or_empty

_FOLDERS = ("/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/bin")
_RUNTIMES = {
    "docker": "dockerd", "podman": "podman", "containerd": "containerd", "crio": "crio",
    "apptainer": "apptainer", "singularity": "singularity", "enroot": "enroot",
}  # fmt: skip
_CDI = ("/etc/cdi", "/var/run/cdi")


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.container_runtimes and node.gpu_container_toolkit."""
    names = ask(lambda: _programs(host), file("/usr/bin"))
    if not names.is_known:
        return dict.fromkeys(PROBE.provides, names)
    found = [name for name, program in _RUNTIMES.items() if program in names.value]
    return {
        "node.container_runtimes": known(found, file("/usr/bin")),
        "node.gpu_container_toolkit": _toolkit(host, names.value),
    }


def _programs(host: Host) -> list[str]:
    """Return which of the programs that matter are installed, looking for each by name."""
    wanted = [*_RUNTIMES.values(), "nvidia-container-runtime", "nvidia-ctk"]
    found, seen = [], False
    for folder in _FOLDERS:
        try:
            found += [name for name in wanted if exists(host, f"{folder}/{name}")]
            seen = True
        except NotRecorded:
            continue
    if not seen:
        raise NotRecorded("the folders of programs are not part of this recording")
    return found


def _toolkit(host: Host, programs: list[str]) -> Fact:
    for folder in _CDI:
        for name in list_or_empty(host, folder):
            if "nvidia" in name:
                return known("cdi", file(f"{folder}/{name}"))
    for program in ("nvidia-container-runtime", "nvidia-ctk"):
        if program in programs:
            return known(program, file(f"/usr/bin/{program}"))
    return absent(
        "neither the NVIDIA container toolkit nor a CDI specification is installed", file("/usr/bin")
    )


PROBE = Probe(
    name="node/containers",
    provides=("node.container_runtimes", "node.gpu_container_toolkit"),
    platforms=("linux",),
    collect=collect,
    cost=0.003,
    deadline=1.0,
)
