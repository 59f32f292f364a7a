"""Processors without AVX by their names, and those of which a name tells nothing."""

from __future__ import annotations

import pytest

from auditor.engine.derive import derive
from auditor.model.fact import Facts, known

WITHOUT_AVX = (
    "Intel(R) Core(TM) i7 CPU         920  @ 2.67GHz",
    "Intel(R) Core(TM)2 Quad CPU    Q9650  @ 3.00GHz",
    "Intel(R) Xeon(R) CPU           W3520  @ 2.67GHz",
    "Intel(R) Celeron(R) N4505 @ 2.00GHz",
    "Intel(R) Pentium(R) Silver N5000 CPU @ 1.10GHz",
    "Intel(R) Pentium(R) CPU G4560 @ 3.50GHz",
    "AMD Phenom(tm) II X6 1090T Processor",
    "AMD Athlon(tm) II X4 640 Processor",
)
NOT_TOLD = (
    "12th Gen Intel(R) Pentium(R) 8505",
    "12th Gen Intel(R) Celeron(R) 7305E",
    "11th Gen Intel(R) Celeron(R) 6305 @ 1.80GHz",
    "Intel(R) Celeron(R) G6900",
    "Intel(R) Pentium(R) Gold G7400",
    "Intel(R) Pentium(R) CPU D1508 @ 2.20GHz",
    "Intel Atom(R) x7425E",
    "Intel(R) Xeon Phi(TM) CPU 7210 @ 1.30GHz",
    "AMD Sempron(tm) 2650 APU with Radeon(tm) R3",
    "AMD Athlon(tm) X2 340 Dual Core Processor",
    "Intel(R) Core(TM) i7-2600 CPU @ 3.40GHz",
)


@pytest.mark.parametrize("name", WITHOUT_AVX)
def test_a_family_that_never_had_avx_has_none(name: str) -> None:
    assert derive(Facts({"cpu.model_name": known(name)}))["cpu.flags"].value == []


@pytest.mark.parametrize("name", NOT_TOLD)
def test_a_name_that_does_not_tell_gives_nothing(name: str) -> None:
    assert "cpu.flags" not in derive(Facts({"cpu.model_name": known(name)}))
