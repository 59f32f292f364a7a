"""SELinux and AppArmor, by the kernel's own files."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Facts, file
from auditor.probes.base import Collected, Probe, ask

_SELINUX = "/sys/fs/selinux/enforce"
_APPARMOR = "/sys/module/apparmor/parameters/enabled"


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.selinux and node.apparmor."""
    return {
        "node.selinux": ask(
            lambda: "enforcing" if host.read(_SELINUX).strip() == "1" else "permissive",
            file(_SELINUX),
            missing="SELinux is not active",
        ),
        "node.apparmor": ask(
            lambda: host.read(_APPARMOR).strip() == "Y", file(_APPARMOR), missing="the kernel has no AppArmor"
        ),
    }


PROBE = Probe(
    name="node/security",
    provides=("node.selinux", "node.apparmor"),
    platforms=("linux",),
    collect=collect,
    cost=0.001,
    deadline=1.0,
)
