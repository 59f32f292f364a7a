"""The operating system: kernel, distribution, C and C++ libraries, WSL."""

from __future__ import annotations

import os

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, file, known, unknown
from auditor.probes.attempts import first_known, text
from auditor.probes.base import Collected, Probe, ask
from auditor.probes.os_release import distribution
from auditor.probes.processor.look import Look
from auditor.probes.system_libraries import glibcxx, libc

_RELEASE = "/proc/sys/kernel/osrelease"
_VERSION = "/proc/version"


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return the os.* facts."""
    uname = ask(lambda: host.call("uname", _uname), call("uname"))
    kernel = _kernel(host, uname)
    arch = _arch(host, uname)
    return {
        "os.kernel": kernel,
        "os.arch": arch,
        "os.platform": _platform(host, uname, kernel),
        "os.wsl": _is_wsl(kernel),
        "os.uptime_s": _uptime(host),
        **distribution(host),
        **libc(host, arch.value),
        "os.glibcxx_max": glibcxx(host, arch.value),
    }


def _uname() -> list[str]:
    """Return system, release, version and machine; Windows has no os.uname."""
    if hasattr(os, "uname"):
        name = os.uname()
        return [name.sysname, name.release, name.version, name.machine]
    import platform

    return [platform.system(), platform.release(), platform.version(), platform.machine()]


def _uptime(host: Host) -> Fact:
    uptime = ask(lambda: float(host.read("/proc/uptime").split()[0]), file("/proc/uptime"))
    return unknown("this system has no /proc/uptime") if uptime.state == "absent" else uptime


def _kernel(host: Host, uname: Fact) -> Fact:
    return first_known(
        lambda: known(uname.value[1], *uname.evidence) if uname.is_known else uname,
        lambda: text(host, _RELEASE),
        lambda: ask(lambda: _release_of(host.read(_VERSION)), file(_VERSION)),
    )


def _release_of(version: str) -> str:
    """Return the release in "Linux version 6.8.0-31-generic (builder...) ...".

    Raises:
        ValueError: it is no such line.

    """
    words = version.split()
    if words[:2] != ["Linux", "version"] or len(words) < 3:
        msg = f"not a version line: {version[:40]!r}"
        raise ValueError(msg)
    return words[2]


def _arch(host: Host, uname: Fact) -> Fact:
    """Return uname's machine; of a captured tree what its files tell (/proc/sys/kernel/arch since Linux 6.1)."""
    if uname.is_known:
        return known(uname.value[3], *uname.evidence)
    look = Look(host)
    return first_known(lambda: text(host, "/proc/sys/kernel/arch"), look.architecture)


def _platform(host: Host, uname: Fact, kernel: Fact) -> Fact:
    """Return the operating system; a captured tree shows by its files that it is Linux."""
    system = first_known(
        lambda: known(uname.value[0].lower(), *uname.evidence) if uname.is_known else uname,
        lambda: known("linux", *kernel.evidence) if kernel.is_known else kernel,
        *(lambda path=path: _linux_only(host, path) for path in ("/proc/cpuinfo", "/sys/devices/system")),
    )
    wsl = _wsl_version(kernel.value or "") if system.value == "linux" else None
    return known(f"wsl{wsl}", *kernel.evidence) if wsl else system


def _linux_only(host: Host, path: str) -> Fact:
    mark = ask(lambda: host.stat(path), file(path))
    return known("linux", *mark.evidence) if mark.is_known else mark


def _wsl_version(release: str) -> int | None:
    """Return 1 or 2 by the kernel's name: 4.4.0-19041-Microsoft, 5.15.90.1-microsoft-standard-WSL2."""
    lower = release.lower()
    if "microsoft" not in lower and "wsl2" not in lower:
        return None
    return 1 if lower.endswith("-microsoft") else 2


def _is_wsl(kernel: Fact) -> Fact:
    if not kernel.is_known:
        return kernel
    return known(_wsl_version(kernel.value) is not None, *kernel.evidence)


PROBE = Probe(
    name="system",
    provides=(
        "os.kernel", "os.platform", "os.arch", "os.id", "os.version_id", "os.pretty_name", "os.libc",
        "os.glibc_version", "os.glibcxx_max", "os.wsl", "os.uptime_s",
    ),
    collect=collect,
    cost=0.002,
)  # fmt: skip
