"""Sets of CPUs as the kernel writes them."""

import pytest

from auditor.probes.processor.cpulist import format_list, parse_list, parse_mask


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0", [0]),
        ("0-3,8\n", [0, 1, 2, 3, 8]),
        ("", []),
        ("\n", []),
        ("0-7:2/4", [0, 1, 4, 5]),
        ("88-90,0", [0, 88, 89, 90]),
    ],
)
def test_a_list_is_read(text, numbers):
    assert parse_list(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3", [0, 1]),
        ("00000000,00000005", [0, 2]),
        ("1,00000000\n", [32]),
        ("80000000,00000000", [63]),
        ("0", []),
    ],
)
def test_a_mask_is_read(text, numbers):
    assert parse_mask(text) == numbers


@pytest.mark.parametrize("text", ["a-b", "1-", "x"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match="invalid literal"):
        parse_list(text)


@pytest.mark.parametrize(
    ("parse", "text"),
    [(parse_list, "0-9999999999"), (parse_list, "0-9999999999:1/2"), (parse_mask, "ffffffff," * 500_000)],
)
def test_more_cpus_than_any_machine_has_cost_no_memory(parse, text):
    with pytest.raises(ValueError, match="no machine has"):
        parse(text)


def test_numbers_are_written_as_the_kernel_does():
    assert format_list([3, 0, 1, 2, 8]) == "0-3,8"
    assert format_list([]) == ""
