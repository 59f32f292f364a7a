"""Amounts in a check's sentence are read by people at night."""

import pytest

from auditor.preflight.amounts import readable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("limited to 8388608 bytes, 34359738368 bytes are needed", "limited to 8 MiB, 32 GiB are needed"),
        ("24684084 KiB of memory, 2000000000 KiB are expected", "23.54 GiB of memory, 1.863 TiB are expected"),
        ("has 40960 MiB instead of 81559 MiB", "has 40 GiB instead of 79.65 GiB"),
        ("1999999999 KiB, 2000000000 KiB are needed", "1999999999 KiB, 2000000000 KiB are needed"),
        ("limited to -1 bytes, 512 bytes are needed", "limited to -1 bytes, 512 bytes are needed"),
        ("open files are limited to 20000, 65536 are needed", "open files are limited to 20000, 65536 are needed"),
        ("unknown KiB of memory", "unknown KiB of memory"),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_its_largest_unit(text, read):
    assert readable(text) == read
