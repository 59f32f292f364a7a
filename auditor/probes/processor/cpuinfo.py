"""Reads /proc/cpuinfo, which every architecture writes in its own way."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

# Where each architecture names its model: x86 and arm; loongarch; mips and alpha; power and sparc; riscv.
_MODEL_KEYS = ("model name", "Model Name", "cpu model", "cpu", "uarch")
_FLAG_KEYS = ("flags", "Features", "features", "ASEs implemented", "cpucaps")
# Counts of online processors where they are not listed one by one: s390x, sparc, alpha.
_COUNT_KEYS = ("# processors", "ncpus active", "cpus active", "cpus detected")


class CpuInfo(msgspec.Struct, frozen=True):
    """`processors`: the fields of each block that has a number; `common`: all other fields."""

    processors: tuple[dict[str, str], ...]
    common: dict[str, str]

    def first(self, *keys: str) -> str | None:
        """Return the first value of the first of these keys that has one."""
        for key in keys:
            for value in self.each(key):
                if value:
                    return value
        return None

    def each(self, key: str) -> Iterator[str]:
        """Yield the values of a key over all blocks, the common one last."""
        for block in (*self.processors, self.common):
            if key in block:
                yield block[key]

    @property
    def numbers(self) -> list[int]:
        """Numbers of the processors that are listed one by one; the kernel lists only online ones."""
        return [int(block["processor"]) for block in self.processors]

    @property
    def count(self) -> int | None:
        """Processors online: those listed, or the number that is written out."""
        if self.processors:
            return len(self.processors)
        written = self.first(*_COUNT_KEYS)
        return int(written) if written and written.isdigit() else None

    @property
    def model_name(self) -> str | None:
        """Model name as the kernel writes it, white space made single."""
        name = self.first(*_MODEL_KEYS)
        if name is None and self.first("arch") == "IA-64":
            name = self.first("family")
        return " ".join(name.split()) if name else None

    @property
    def vendor_id(self) -> str | None:
        """Vendor as the kernel writes it: x86 and s390x, ia64, riscv."""
        return self.first("vendor_id", "vendor", "mvendorid")

    @property
    def flags(self) -> list[str] | None:
        """Instruction-set flags, sorted; None where this kernel lists none (POWER, for example)."""
        written = next((v for key in _FLAG_KEYS for v in self.each(key)), None)
        if written is None:
            return None
        parts = written.split(",") if "," in written else written.split()
        return sorted({part.strip() for part in parts} - {""})


def parse(text: str) -> CpuInfo:
    """Return the fields of a /proc/cpuinfo.

    A block begins with its `processor` line, with or without an empty line before it, and ends with
    an empty line; old ARM kernels write what all processors share after that.
    """
    processors: list[dict[str, str]] = []
    common: dict[str, str] = {}
    block = common
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon:
            if not key:
                block = common
            continue
        if key == "processor" and value.isdigit():
            block = {}
            processors.append(block)
        block.setdefault(key, value)
    return CpuInfo(tuple(processors), common)


def architecture(info: CpuInfo) -> str | None:
    """Return the machine architecture in uname's words, as far as the fields tell it.

    Little- and big-endian POWER look the same here: the answer is then "ppc64" for both.
    """
    flags = info.flags or []
    isa = info.first("isa", "ISA") or ""
    model = info.first("cpu") or ""
    if info.first("CPU implementer") is not None:
        return "aarch64" if "asimd" in flags or "fp" in flags else "arm"
    if info.first("flags") is not None:
        return "x86_64" if "lm" in flags else "i686"
    if isa.startswith(("rv64", "rv32")):
        return f"riscv{isa[2:4]}"
    if "loongarch64" in isa:
        return "loongarch64"
    if info.first("vendor_id") == "IBM/S390":
        return "s390x"
    if info.first("arch") == "IA-64":
        return "ia64"
    if "(pvr" in (info.first("revision") or ""):
        return "ppc64" if "POWER" in model or model.startswith("PPC970") else "ppc"
    if (info.first("type") or "").startswith("sun4"):
        return "sparc64" if info.first("type") in ("sun4u", "sun4v") else "sparc"
    if model == "Alpha":
        return "alpha"
    return "mips" if info.first("cpu model", "ASEs implemented") else None
