"""The hypervisor, by what it leaves in DMI, the device tree, the clock sources and /proc."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, computed, file, known, unknown
from auditor.probes.attempts import first_known, text
from auditor.probes.base import Collected, Probe, ask, list_or_empty

# Beginnings of DMI's vendor or product, as in systemd's src/basic/virt.c.
_DMI = (
    ("KVM", "KVM"), ("OpenStack", "KVM"), ("Google Compute Engine", "KVM"), ("Amazon EC2", "KVM"),
    ("Alibaba Cloud", "KVM"), ("KubeVirt", "KVM"), ("QEMU", "QEMU"), ("Standard PC (", "QEMU"), ("VMware", "VMware"),
    ("VMW", "VMware"), ("innotek GmbH", "VirtualBox"), ("VirtualBox", "VirtualBox"), ("Xen", "Xen"),
    ("HVM domU", "Xen"), ("Bochs", "Bochs"), ("Parallels", "Parallels"), ("BHYVE", "bhyve"),
    ("Virtual Machine", "Hyper-V"), ("Apple Virtualization", "Apple Virtualization"), ("AHV", "Nutanix AHV"),
)  # fmt: skip
_CLOCKS = (("kvm-clock", "KVM"), ("hyperv_clocksource", "Hyper-V"), ("xen", "Xen"))
_CLOCK_FILE = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
_NONE = "nothing shows a hypervisor"


def collect(host: Host, facts: Facts) -> Collected:
    """Return system.hypervisor."""
    name = first_known(
        lambda: _xen(host),
        lambda: _by_clock(host),
        lambda: _by_dmi(facts),
        lambda: _by_device_tree(host),
        lambda: _by_sysinfo(host),
    )
    return {"system.hypervisor": _judged(name, facts)}


def _judged(name: Fact, facts: Facts) -> Fact:
    """Hold the name against the processor's hypervisor bit: cloud vendors sell bare metal too."""
    flags = facts["cpu.ml_flags"]
    arch = facts.value("os.arch")
    if not flags.is_known or arch not in ("x86_64", "i686", "i386"):
        return name
    if "hypervisor" in flags.value:
        if name.is_known:
            return name
        return unknown(
            "the processor says that this machine is virtual; nothing names the hypervisor", *flags.evidence
        )
    if name.is_known and name.value == "Xen":  # a paravirtual guest or Xen's first domain
        return name
    return absent("the processor does not see a hypervisor", *flags.evidence)


def _xen(host: Host) -> Fact:
    path = "/sys/hypervisor/type"
    kind = text(host, path, missing=_NONE)
    return known("Xen" if kind.value == "xen" else kind.value, *kind.evidence) if kind.is_known else kind


def _by_clock(host: Host) -> Fact:
    """Read the clock sources: a guest's kernel offers its hypervisor's clock."""
    sources = text(host, _CLOCK_FILE, missing=_NONE)
    if not sources.is_known:
        return sources
    words = sources.value.split()
    names = [name for mark, name in _CLOCKS if any(word.startswith(mark) for word in words)]
    return known(names[0], *sources.evidence) if names else absent(_NONE, *sources.evidence)


def _by_dmi(facts: Facts) -> Fact:
    product, vendor = facts["system.product"], facts["system.vendor"]
    for fact in (product, vendor):
        for start, name in _DMI:
            if fact.is_known and fact.value.startswith(start):
                return known(name, computed("system.vendor", "system.product"))
    return absent(_NONE) if product.is_known or vendor.is_known else product


def _by_device_tree(host: Host) -> Fact:
    """Read POWER's tree: KVM announces itself; a partition's name without it means PowerVM."""
    path = "/proc/device-tree/hypervisor/compatible"
    kind = text(host, path, missing=_NONE)
    if kind.is_known:
        return known(
            "KVM" if "kvm" in kind.value else "Xen" if "xen" in kind.value else kind.value, *kind.evidence
        )
    names = list_or_empty(host, "/proc/device-tree")
    if "ibm,partition-name" in names and "hmc-managed?" in names:
        return known("PowerVM", file("/proc/device-tree/ibm,partition-name"))
    return kind


def _by_sysinfo(host: Host) -> Fact:
    """Read s390x's `VM00 Control Program: KVM/Linux`; without one a logical partition runs it."""
    path = "/proc/sysinfo"
    return ask(lambda: _control_program(host.read(path)), file(path), missing=_NONE)


def _control_program(content: str) -> str | None:
    names = [line.partition(":")[2] for line in content.splitlines() if "Control Program" in line]
    if names:
        return " ".join(names[0].split()).replace("KVM/Linux", "KVM")
    return "PR/SM" if "LPAR Number" in content else None


PROBE = Probe(
    name="virtualization",
    provides=("system.hypervisor",),
    needs=("cpu.ml_flags", "os.arch", "system.vendor", "system.product"),
    platforms=("linux",),
    collect=collect,
    cost=0.001,
)
