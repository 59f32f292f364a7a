"""The kernel's two ways to write a set of CPUs: lists ("0-3,8") and masks ("00000000,0000010f")."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 65536  # eight times the CPUs that any Linux kernel is built for (NR_CPUS on x86-64: 8192)


def parse_list(text: str) -> list[int]:
    """Return the numbers of a list such as "0-3,8" or "0-6:2/3", sorted.

    Groups ("0-31:2/4": the first 2 of every 4) are described in the kernel's
    Documentation/admin-guide/kernel-parameters.rst.

    Raises:
        ValueError: it is no such list, or numbers more CPUs than any machine has.

    """
    numbers: set[int] = set()
    for part in text.strip().split(","):
        if part := part.strip():
            numbers.update(_range(part))
    return sorted(numbers)


def _range(part: str) -> list[int]:
    span, _, group = part.partition(":")
    first, dash, last = span.partition("-")
    numbers = range(int(first), int(last if dash else first) + 1)
    if numbers.stop > _MOST:
        msg = f"{part[:40]}: no machine has {numbers.stop} CPUs"
        raise ValueError(msg)
    if not group:
        return list(numbers)
    used, _, size = group.partition("/")
    return [number for number in numbers if (number - numbers.start) % int(size) < int(used)]


def parse_mask(text: str) -> list[int]:
    """Return the numbers of the bits that are set in a mask of 32-bit words, the highest word first.

    Raises:
        ValueError: it is no mask, or one of more CPUs than any machine has.

    """
    words = [word for word in text.strip().split(",") if word]
    bits = 0
    if 32 * len(words) > _MOST:
        msg = f"a mask of {32 * len(words)} CPUs, which no machine has"
        raise ValueError(msg)
    for word in words:
        bits = bits << 32 | int(word, 16)
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def format_list(numbers: Iterable[int]) -> str:
    """Return numbers as the kernel writes a list: "0-3,8"."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)
