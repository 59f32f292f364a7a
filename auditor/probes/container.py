"""Whether this process runs in a container, and of which kind."""

from __future__ import annotations

from collections.abc import Callable

from auditor.host.protocol import Host, NotRecorded, exists
from auditor.model.fact import Evidence, Facts, absent, env, file, known, unknown
from auditor.probes.base import Collected, Probe

# Marks that runtimes leave, the more telling first: a Kubernetes pod is made by Docker or containerd too.
_VARIABLES = (
    ("KUBERNETES_SERVICE_HOST", "kubernetes"),
    ("APPTAINER_CONTAINER", "apptainer"),
    ("SINGULARITY_CONTAINER", "apptainer"),
)
_FILES = (
    ("/var/run/secrets/kubernetes.io", "kubernetes"),
    ("/.singularity.d", "apptainer"),
    ("/run/.containerenv", "podman"),
    ("/.dockerenv", "docker"),
    ("/dev/.lxc-boot-id", "lxc"),
)
_CGROUP_WORDS = (
    ("kubepods", "kubernetes"), ("libpod", "podman"), ("docker", "docker"), ("/lxc", "lxc"), ("lxc.payload", "lxc"),
    ("machine.slice/machine-", "systemd-nspawn"), ("containerd", "containerd"),
)  # fmt: skip
_MOUNT_WORDS = (
    ("/containers/storage/overlay", "podman"),
    ("/docker/overlay2", "docker"),
    ("/containerd/", "containerd"),
)

Mark = tuple[str, Evidence]  # runtime, what showed it


def collect(host: Host, facts: Facts) -> Collected:
    """Return the container.* facts: the first mark names the runtime, all are listed."""
    marks: list[Mark] = []
    blind: list[str] = []
    for look in (_variables, _files, _named, _cgroup, _root_mount):
        try:
            marks += look(host)
        except (OSError, NotRecorded) as error:
            blind.append(str(error))
    if facts.value("os.wsl"):
        marks.append(("wsl", Evidence("computed", "os.wsl")))
    if not marks:
        nothing = unknown("; ".join(blind)) if blind else absent("nothing shows a container")
        return {"container.runtime": nothing, "container.evidence": nothing}
    evidence = tuple(mark for _, mark in marks)
    seen = [f"{mark.ref}: {runtime}" for runtime, mark in marks]
    return {"container.runtime": known(marks[0][0], *evidence), "container.evidence": known(seen, *evidence)}


def _variables(host: Host) -> list[Mark]:
    return [(runtime, env(name)) for name, runtime in _VARIABLES if host.env(name)]


def _files(host: Host) -> list[Mark]:
    return [(runtime, file(path)) for path, runtime in _FILES if exists(host, path)]


def _named(host: Host) -> list[Mark]:
    """Read the variable `container`, by which runtimes name themselves (systemd's container interface)."""
    name = host.env("container") or ""
    known_names = {
        "oci": "docker",
        "podman": "podman",
        "docker": "docker",
        "lxc": "lxc",
        "lxc-libvirt": "lxc",
    }
    return [(known_names.get(name, name), env("container", name))] if name else []


def _cgroup(host: Host) -> list[Mark]:
    return _words(host, "/proc/1/cgroup", _CGROUP_WORDS, lambda line: True) or _words(
        host, "/proc/self/cgroup", _CGROUP_WORDS, lambda line: True
    )


def _root_mount(host: Host) -> list[Mark]:
    return _words(host, "/proc/self/mountinfo", _MOUNT_WORDS, lambda line: " / / " in line)


def _words(
    host: Host, path: str, words: tuple[tuple[str, str], ...], matters: Callable[[str], bool]
) -> list[Mark]:
    for line in host.read(path).splitlines():
        for word, runtime in words:
            if word in line and matters(line):
                return [(runtime, file(path, line))]
    return []


PROBE = Probe(
    name="container",
    provides=("container.runtime", "container.evidence"),
    needs=("os.wsl",),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
)
