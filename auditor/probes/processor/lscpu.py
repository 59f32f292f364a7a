"""Reads the text that lscpu prints: what remains where neither cpuinfo nor sysfs was captured."""

from __future__ import annotations

from auditor.probes.processor import arm
from auditor.probes.processor.cpuinfo import CpuInfo

_UNNAMED = ("", "-")


def parse(text: str) -> dict[str, str]:
    """Return the fields of lscpu's default output; where a hybrid machine repeats one, the first."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.strip().partition(":")
        if colon and value.strip() not in _UNNAMED:
            fields.setdefault(key.strip(), value.strip())
    return fields


def as_cpuinfo(fields: dict[str, str]) -> CpuInfo:
    """Return the fields under the names that the kernel would have used."""
    names = {"Model name": "model name", "Vendor ID": "vendor_id", "Flags": "flags"}
    common = {ours: fields[theirs] for theirs, ours in names.items() if theirs in fields}
    numbers = arm.numbers_of(fields.get("Vendor ID", ""), fields.get("Model name", ""))
    if numbers:
        common["CPU implementer"], common["CPU part"] = numbers
    return CpuInfo((), common)


def number(fields: dict[str, str], key: str) -> int | None:
    """Return a field as an integer, or None."""
    written = fields.get(key, "")
    return int(written) if written.isdigit() else None


def counts(fields: dict[str, str]) -> tuple[int | None, int | None, int | None]:
    """Return (sockets, cores, threads per core).

    s390x counts sockets in each book and books in each drawer; old versions print "CPU socket(s)".
    """
    sockets = number(fields, "Socket(s)") or number(fields, "CPU socket(s)")
    if sockets is None and (sockets := number(fields, "Socket(s) per book")):
        drawers = number(fields, "Drawer(s)")
        books = number(fields, "Books per drawer" if drawers else "Book(s)") or number(
            fields, "Book(s) per drawer"
        )
        sockets *= (books or 1) * (drawers or 1)
    each = number(fields, "Core(s) per socket")
    return sockets, sockets * each if sockets and each else None, number(fields, "Thread(s) per core")
