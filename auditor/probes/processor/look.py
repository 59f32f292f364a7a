"""One look at a machine's processors: each source is read once, the dear ones only when needed."""

from __future__ import annotations

from functools import cached_property

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, command, file, known, unknown
from auditor.probes.base import ask, list_or_empty, read_or_none
from auditor.probes.processor import cpuinfo, lscpu
from auditor.probes.processor.cpuinfo import CpuInfo
from auditor.probes.processor.cpulist import parse_list
from auditor.probes.processor.identity import power_generation
from auditor.probes.processor.siblings import CPU

_CPUINFO = "/proc/cpuinfo"
_FAMILIES = {"arm64": "aarch64", "amd64": "x86_64", "i386": "x86", "i586": "x86", "i686": "x86"}
_FIRST_LITTLE_ENDIAN_POWER = 8  # Linux runs little-endian from POWER8 on


class Look:
    """The sources of a machine's processors."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @cached_property
    def cpuinfo(self) -> Fact:
        """What /proc/cpuinfo says, a CpuInfo."""
        source = file(_CPUINFO)
        return ask(
            lambda: _not_empty(cpuinfo.parse(self.host.read(_CPUINFO))), source, missing="no /proc/cpuinfo"
        )

    @cached_property
    def lscpu(self) -> Fact:
        """The fields that lscpu prints; a command, so asked only where files are silent."""
        return ask(self._lscpu_fields, command("lscpu"), missing="there is no lscpu")

    def _lscpu_fields(self) -> dict[str, str] | None:
        return lscpu.parse(self.host.run("lscpu", ["lscpu"], timeout=5.0).stdout) or None

    @cached_property
    def info(self) -> Fact:
        """The fields of the processors, a CpuInfo: from /proc/cpuinfo, or else from lscpu."""
        if self.cpuinfo.is_known or not self.lscpu.is_known:
            return self.cpuinfo
        return known(lscpu.as_cpuinfo(self.lscpu.value), *self.lscpu.evidence)

    @cached_property
    def online(self) -> Fact:
        """Numbers of the online CPUs."""
        listed = ask(lambda: parse_list(self.host.read(f"{CPU}/online")) or None, file(f"{CPU}/online"))
        if listed.is_known:
            return listed
        folders = self._running_folders()
        grouped = [number for number in folders if list_or_empty(self.host, f"{CPU}/cpu{number}/topology")]
        if grouped:
            return known(grouped, file(f"{CPU}/cpu*/topology"))
        if self.cpuinfo.is_known and self.cpuinfo.value.numbers:
            return known(self.cpuinfo.value.numbers, *self.cpuinfo.evidence)
        return known(folders, file(f"{CPU}/cpu*/online")) if folders else listed

    def _running_folders(self) -> list[int]:
        """Return the CPUs that have a folder and are not switched off (CPU 0 often has no switch)."""
        names = [name[3:] for name in list_or_empty(self.host, CPU) if name.startswith("cpu")]
        numbers = sorted(int(name) for name in names if name.isdigit())
        return [number for number in numbers if read_or_none(self.host, f"{CPU}/cpu{number}/online") != "0"]

    def architecture(self) -> Fact:
        """Return the machine in uname's words, as far as its processors tell it."""
        if not self.cpuinfo.is_known and self.lscpu.is_known and "Architecture" in self.lscpu.value:
            return known(self.lscpu.value["Architecture"], *self.lscpu.evidence)
        if not self.info.is_known:
            return unknown(self.info.reason, *self.info.evidence)
        arch = self._byte_order(cpuinfo.architecture(self.info.value))
        return known(arch, *self.info.evidence) if arch else unknown("the processor's fields do not tell it")

    def family(self, facts: Facts) -> str | None:
        """Return the architecture in archspec's words; None where nothing tells it."""
        arch = facts.value("os.arch") or self.architecture().value
        return _FAMILIES.get(arch, arch) if arch else None

    def _byte_order(self, arch: str | None) -> str | None:
        """Return ppc64le for ppc64 where it is so: cpuinfo reads the same in both byte orders."""
        if arch != "ppc64":
            return arch
        order = ask(lambda: self.host.read("/sys/kernel/cpu_byteorder").strip())
        little = power_generation(self.info.value) >= _FIRST_LITTLE_ENDIAN_POWER
        if order.is_known:
            little = order.value == "little"
        return "ppc64le" if little else arch


def _not_empty(info: CpuInfo) -> CpuInfo | None:
    return info if info.processors or info.common else None
