"""Whether this process runs in a container, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Facts, absent, computed, env, file, known, unknown
from auditor.probes.base import Collected, Probe

Mark = tuple[str, Evidence]  # runtime, what showed it
Words = tuple[tuple[str, str], ...]

# Marks that runtimes leave, the more telling first: a Kubernetes pod is made by containerd or Docker too.
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
)
# What runtimes call themselves in the variable `container` (https://systemd.io/CONTAINER_INTERFACE)
_SELF_NAMES = {"oci": "docker", "lxc-libvirt": "lxc"}
_GROUPS: Words = (
    ("kubepods", "kubernetes"), ("libpod-", "podman"), ("/docker/", "docker"), ("/docker-", "docker"),
    ("/lxc/", "lxc"), ("lxc.payload", "lxc"), ("cri-containerd", "containerd"),
)  # fmt: skip
_ROOTS: Words = (
    ("/containers/storage/overlay", "podman"), ("/docker/overlay2", "docker"), ("containerd.snapshotter", "containerd"),
)  # fmt: skip
_LXCFS: Words = ((" fuse.lxcfs ", "lxc"),)  # LXC's own view of /proc; on its host it lies elsewhere


def collect(host: Host, facts: Facts) -> Collected:
    """Return the container.* facts: the first mark names the runtime, all are listed."""
    marks: list[Mark] = []
    blind: list[str] = []
    for look in _looks(host):
        try:
            mark = look()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, NotRecorded) as error:
            blind.append(str(error))
        else:
            marks += [mark] if mark else []
    if facts.value("os.wsl"):
        marks.append(("wsl", computed("os.wsl")))
    if not marks:
        nothing = unknown("; ".join(dict.fromkeys(blind))) if blind else absent("nothing shows a container")
        return {"container.runtime": nothing, "container.evidence": nothing}
    evidence = tuple(mark for _, mark in marks)
    seen = [f"{mark.ref}: {runtime}" for runtime, mark in marks]
    return {"container.runtime": known(marks[0][0], *evidence), "container.evidence": known(seen, *evidence)}


def _looks(host: Host) -> Iterator[Callable[[], Mark | None]]:
    for name, runtime in _VARIABLES:
        yield partial(_variable, host, name, runtime)
    for path, runtime in _FILES:
        yield partial(_mark_file, host, path, runtime)
    yield partial(_own_name, host)
    yield partial(_words, host, "/proc/1/cgroup", _GROUPS)
    yield partial(_words, host, "/proc/self/cgroup", _GROUPS)
    yield partial(_words, host, "/proc/self/mountinfo", _ROOTS, among=" / / ")
    yield partial(_words, host, "/proc/self/mountinfo", _LXCFS, among=" /proc/")


def _variable(host: Host, name: str, runtime: str) -> Mark | None:
    return (runtime, env(name)) if host.env(name) else None


def _mark_file(host: Host, path: str, runtime: str) -> Mark:
    host.stat(path)
    return runtime, file(path)


def _own_name(host: Host) -> Mark | None:
    name = host.env("container")
    return (_SELF_NAMES.get(name, name), env("container", name)) if name else None


def _words(host: Host, path: str, words: Words, among: str = "") -> Mark | None:
    """Return the first word found in a line that has `among`."""
    for line in host.read(path).splitlines():
        for word, runtime in words:
            if word in line and among in line:
                return runtime, file(path, line)
    return None


PROBE = Probe(
    name="container",
    provides=("container.runtime", "container.evidence"),
    needs=("os.wsl",),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
)
