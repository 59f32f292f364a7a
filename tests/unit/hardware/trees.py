"""Pieces of machines, written as the kernel writes them."""

from __future__ import annotations

from collections.abc import Iterable

CPU = "/sys/devices/system/cpu"


def topology(
    groups: Iterable[tuple[str, str]], names: tuple[str, str] = ("core_cpus_list", "package_cpus_list")
) -> dict[str, str]:
    """Return the topology files of CPUs 0, 1, ...: for each its core's CPUs and its socket's CPUs."""
    files = {}
    for cpu, group in enumerate(groups):
        for name, cpus in zip(names, group, strict=True):
            files[f"{CPU}/cpu{cpu}/topology/{name}"] = cpus + "\n"
    return files


def x86_block(
    number: int,
    package: int = 0,
    core: int = 0,
    siblings: int = 2,
    cores: int = 1,
    flags: str = "lm sse4_2 avx",
) -> str:
    """Return one processor of an x86 /proc/cpuinfo."""
    return (
        f"processor\t: {number}\nvendor_id\t: GenuineIntel\nmodel name\t: A   Made-Up CPU @ 2.00GHz\n"
        f"physical id\t: {package}\nsiblings\t: {siblings}\ncore id\t\t: {core}\ncpu cores\t: {cores}\nflags\t\t: {flags}\n\n"
    )


ARM64_BLOCK = """processor\t: {number}
BogoMIPS\t: 50.00
Features\t: fp asimd evtstrm aes asimdhp asimddp sve bf16
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: {part}
CPU revision\t: 1

"""


def arm64(*parts: str) -> str:
    """Return the cpuinfo of a machine with one processor for each part number."""
    return "".join(ARM64_BLOCK.format(number=number, part=part) for number, part in enumerate(parts))


POWER = """processor\t: 0
cpu\t\t: POWER9 (architected), altivec supported
clock\t\t: 3000.000000MHz
revision\t: 2.2 (pvr 004e 1202)

timebase\t: 512000000
platform\t: pSeries
"""

S390X = """vendor_id       : IBM/S390
# processors    : 2
features\t: esan3 zarch vx
processor 0: version = FF,  identification = 1,  machine = 3906
processor 1: version = FF,  identification = 1,  machine = 3906
"""

RISCV = """processor\t: 0
hart\t\t: 1
isa\t\t: rv64imafdc
mmu\t\t: sv39
uarch\t\t: sifive,u74-mc
mvendorid\t: 0x489

"""

OLD_ARM = """Processor\t: ARMv7 Processor rev 4 (v7l)
processor\t: 0
BogoMIPS\t: 1.00

processor\t: 1
BogoMIPS\t: 1.00

Features\t: swp half thumb neon
CPU implementer\t: 0x41
CPU part\t: 0xc0f

Hardware\t: a board
"""

SPARC = """cpu\t\t: UltraSparc T9
type\t\t: sun4v
ncpus probed\t: 8
ncpus active\t: 8
CPU0:\t\tonline
"""

LOONGARCH = """system type\t\t: generic-loongson-machine

processor\t\t: 0
package\t\t\t: 0
core\t\t\t: 0
Model Name\t\t: Loongson-9X
ISA\t\t\t: loongarch32 loongarch64
Features\t\t: cpucfg lsx lasx

processor\t\t: 1
package\t\t\t: 0
core\t\t\t: 1
Model Name\t\t: Loongson-9X
"""
