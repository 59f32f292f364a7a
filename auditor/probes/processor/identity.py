"""What a processor is: from its fields to archspec's name and the x86-64 level."""

from __future__ import annotations

from auditor.probes.processor import arm
from auditor.probes.processor.cpuinfo import CpuInfo

ML_FLAGS = frozenset(
    {
        "sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16",
        "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "sve", "sve2",
        "bf16", "i8mm", "svebf16", "hypervisor",
    }
)  # fmt: skip

# x86-64 psABI 1.0, table 3.1, in Linux's names (abm stands for lzcnt, pni is implied by ssse3)
_LEVELS: tuple[tuple[str, frozenset[str]], ...] = (
    ("x86_64_v2", frozenset({"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"})),
    ("x86_64_v3", frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"})),
    ("x86_64_v4", frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})),
)


def x86_64_level(flags: frozenset[str]) -> str:
    """Return the highest level of the x86-64 psABI whose features are all there."""
    level = "x86_64_v1"
    for name, needed in _LEVELS:
        if not needed <= flags:
            break
        level = name
    return level


def microarchitecture(family: str, info: CpuInfo) -> str:
    """Return archspec's name of the processor that these fields describe.

    Raises:
        OSError: archspec's table is not there.

    """
    from auditor.probes.processor.microarchitecture import Processor, identify, table

    features = frozenset(info.flags or ())
    if family == "aarch64":
        number = (info.first("CPU implementer") or "").lower()
        maker = table().conversions.arm_vendors.get(number, number or "generic")
        return identify(Processor(family, maker, features, (info.first("CPU part") or "").lower()))
    if family in ("ppc64", "ppc64le"):
        return identify(Processor(family, generation=power_generation(info)))
    if family == "riscv64":
        return identify(Processor(family, name=_riscv_name(info)))
    return identify(Processor(family, info.vendor_id or "generic", features))


def power_generation(info: CpuInfo) -> int:
    """Return 9 for POWER9; 0 where the model name does not say."""
    digits = ""
    for character in (info.model_name or "").upper().partition("POWER")[2]:
        if not character.isdigit():
            break
        digits += character
    return int(digits or 0)


def _riscv_name(info: CpuInfo) -> str:
    """Return archspec's name for a core that it knows, as archspec/cpu/detect.py does."""
    written = info.first("uarch") or info.first("model name") or ""
    return {"sifive,u74-mc": "u74mc", "spacemit,x60": "x60", "Spacemit(R) X60": "x60"}.get(written, written)


def model_name(info: CpuInfo) -> str | None:
    """Return the kernel's model name; on ARM, where it prints numbers only, the cores' names."""
    return info.model_name or arm.core_names(info) or info.first("Processor")


def vendor_id(info: CpuInfo) -> str | None:
    """Return the vendor as the kernel writes it; on ARM the implementer's name."""
    return info.vendor_id or arm.vendor(info)
