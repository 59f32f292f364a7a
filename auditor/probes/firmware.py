"""Who made this machine, by DMI, the device tree or s390x's sysinfo; and Secure Boot."""

from __future__ import annotations

from auditor.host.protocol import Host, exists
from auditor.model.fact import Fact, Facts, absent, file, known, unknown
from auditor.probes.attempts import first_known, text
from auditor.probes.base import Collected, Probe, ask

_DMI = ("/sys/class/dmi/id", "/sys/devices/virtual/dmi/id")
_MODEL = ("/proc/device-tree/model", "/sys/firmware/devicetree/base/model")
_SYSINFO = "/proc/sysinfo"
_EFI = "/sys/firmware/efi"
_SECURE_BOOT = f"{_EFI}/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return system.vendor, system.product and system.secure_boot."""
    return {
        "system.vendor": first_known(
            *(lambda folder=folder: text(host, f"{folder}/sys_vendor") for folder in _DMI),
            lambda: _sysinfo(host, "Manufacturer"),
        ),
        "system.product": first_known(
            *(lambda folder=folder: text(host, f"{folder}/product_name") for folder in _DMI),
            *(lambda path=path: text(host, path) for path in _MODEL),
            lambda: _sysinfo(host, "Type"),
        ),
        "system.secure_boot": secure_boot(host),
    }


def _sysinfo(host: Host, field: str) -> Fact:
    """Return a field of s390x's /proc/sysinfo, such as `Manufacturer:  IBM`."""
    return ask(lambda: _line(host.read(_SYSINFO), field), file(_SYSINFO), missing="the firmware names none")


def _line(content: str, field: str) -> str | None:
    lines = [line.partition(":")[2].strip() for line in content.splitlines() if line.startswith(field + ":")]
    return lines[0] if lines else None


def secure_boot(host: Host) -> Fact:
    """Return whether Secure Boot is on: the fifth byte of the variable, after four of attributes."""
    state = ask(lambda: host.read_bytes(_SECURE_BOOT, 5), file(_SECURE_BOOT))
    if state.is_known:
        if len(state.value) < 5:
            return unknown("the variable is too short", file(_SECURE_BOOT))
        return known(state.value[4] == 1, file(_SECURE_BOOT))
    if state.state == "unknown":
        return state
    if ask(lambda: exists(host, _EFI)).value:
        return unknown("this machine started by UEFI, yet its variables are not mounted", file(_EFI))
    return absent("this machine did not start by UEFI", file(_EFI))


PROBE = Probe(
    name="firmware",
    provides=("system.vendor", "system.product", "system.secure_boot"),
    platforms=("linux",),
    collect=collect,
    cost=0.001,
)
