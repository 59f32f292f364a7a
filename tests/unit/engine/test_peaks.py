"""Data-sheet peaks by a device's name, and measured rates held against them and against siblings."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine.peaks import compared, peak
from auditor.knowledge.tables import table
from auditor.model.fact import Facts, known
from auditor.model.smoke import SmokeResult

PEAKS = {
    ("NVIDIA H100 80GB HBM3", "bfloat16"): 989.5,
    ("NVIDIA H100 PCIe", "bfloat16"): 756.5,
    ("NVIDIA A100-SXM4-80GB", "memory"): 2039,
    ("NVIDIA A100-SXM4-40GB", "memory"): 1555,
    ("NVIDIA A100 80GB PCIe", "tf32"): 156,
    ("Tesla V100-SXM2-16GB", "float16"): 125,
    ("Tesla T4", "int8"): 130,
    ("NVIDIA GeForce RTX 4090", "float32"): 82.6,
    ("AMD Instinct MI300X", "float8"): 2614.9,
    ("AMD Instinct MI355X", "bfloat16"): 2516.6,
    ("NVIDIA GeForce RTX 5090", "bfloat16"): 209.5,
    ("NVIDIA GeForce RTX 5080", "memory"): 960,
    ("NVIDIA RTX PRO 5000 Blackwell", "float8"): 294.8,
    ("Intel(R) Arc(TM) B580 Graphics", "memory"): 456,
    ("TPU v5 lite", "bfloat16"): 197,
    ("TPU v4", "bfloat16"): 275,
    # a name of several boards, a share of one, a laptop's chip, a sibling with a suffix, an unknown one
    ("NVIDIA H100", "bfloat16"): None,
    ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", "bfloat16"): None,
    ("NVIDIA GeForce RTX 4090 Laptop GPU", "float32"): None,
    ("NVIDIA GeForce RTX 4090 D", "float32"): None,
    ("NVIDIA A40-48Q", "float32"): None,
    ("NVIDIA GeForce RTX 5090 Laptop GPU", "float32"): None,
    ("Intel(R) Data Center GPU Max 1550", "bfloat16"): None,
    ("TPU v4 lite", "bfloat16"): None,
    ("TPU7x", "bfloat16"): None,
    ("NVIDIA GeForce RTX 9090", "float32"): None,
    # the sheet does not state it
    ("Tesla T4", "bfloat16"): None,
}


@pytest.mark.parametrize(("name", "precision"), PEAKS, ids=str)
def test_a_peak_is_what_the_data_sheet_states_and_nothing_else(name: str, precision: str) -> None:
    assert peak(name, precision) == PEAKS[name, precision]


def test_a_precision_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        peak("Tesla T4", "float17")


# what a wider or narrower type gains without sparsity; a rate with it would be twice as much again
DENSE = {("tf32", "float16"): (1.0, 2.0), ("bfloat16", "float8"): (1.0, 2.0), ("float16", "bfloat16"): (1.0,)}


@pytest.mark.parametrize(("base", "other"), DENSE, ids="-".join)
def test_no_rate_is_one_with_sparsity(base: str, other: str) -> None:
    rows = [row for row in table("device_peaks").named("devices") if row[base] and row[other]]
    assert rows
    for row in rows:
        near = [
            step for step in DENSE[base, other] if row[other] / row[base] == pytest.approx(step, rel=0.05)
        ]
        assert near, row["device"]


def test_no_name_fits_two_rows() -> None:
    rows = table("device_peaks").named("devices")
    names = {
        name.lower().replace("nvidia ", "").replace("tesla ", "").replace("geforce ", "") for name, _ in PEAKS
    }
    import re

    assert all(sum(bool(re.fullmatch(row["pattern"], name)) for row in rows) < 2 for name in names)


def result(
    device: str, name: str = "NVIDIA H100 80GB HBM3", work: str = "pytorch-rates", **metrics: Any
) -> SmokeResult:
    told = {"device_name": name, **metrics} if name else metrics
    return SmokeResult(id=work, framework="pytorch", device=device, status="pass", metrics=told)


def test_a_rate_is_told_as_a_share_of_the_peak_in_its_own_unit() -> None:
    told, fact = compared([result("cuda:0", bfloat16_tflops=692.65, on_device_gib_s=2500.0)], Facts())
    assert told[0].metrics["peak_bfloat16_tflops"] == 989.5
    assert told[0].metrics["bfloat16_tflops_percent_of_peak"] == 70.0
    assert told[0].metrics["peak_on_device_gib_s"] == pytest.approx(3350e9 / 2**30, abs=0.01)
    assert [row["metric"] for row in fact.value] == ["bfloat16_tflops", "on_device_gib_s"]
    assert "of_siblings" not in fact.value[0]


def test_a_plain_rate_is_of_the_precision_that_the_workload_names() -> None:
    told, _ = compared(
        [result("cuda:0", work="pytorch-matmul", gflops=33500.0, precision="float32")], Facts()
    )
    assert told[0].metrics["peak_gflops"] == 67000.0
    told, _ = compared([result("cuda:0", work="pytorch-matmul", gflops=33500.0)], Facts())
    assert "peak_gflops" not in told[0].metrics


def test_copies_to_the_host_are_held_against_the_cards_own_link() -> None:
    facts = Facts({
        "env.visible_gpus": known([1, 0]),
        "gpu[1].pcie_width_max": known(16),
        "gpu[1].pcie_generation_max": known(5),
    })  # fmt: skip
    told, _ = compared([result("cuda:0", host_to_device_gib_s=50.0)], facts)
    assert told[0].metrics["peak_host_to_device_gib_s"] == pytest.approx(16 * 3.938e9 / 2**30, abs=0.01)
    told, _ = compared([result("cuda:1", host_to_device_gib_s=50.0)], facts)
    assert "peak_host_to_device_gib_s" not in told[0].metrics


def test_a_straggler_is_a_finding_and_its_siblings_are_not() -> None:
    rates = {"cuda:0": 690.0, "cuda:1": 700.0, "cuda:2": 695.0, "cuda:3": 480.0}
    told, fact = compared([result(device, bfloat16_tflops=rate) for device, rate in rates.items()], Facts())
    assert told[3].metrics["bfloat16_tflops_percent_of_siblings"] == pytest.approx(69.3)
    facts = Facts({"smoke.rates": fact, "accelerators.vendors": known(["nvidia"])})
    found = _judged(facts)
    assert {f.subject: f.outcome for f in found if f.outcome == "fail"} == {"pytorch cuda:3": "fail"}


def _judged(facts: Facts) -> list[Any]:
    from auditor.engine.evaluate import evaluate
    from auditor.engine.predicates import PREDICATES
    from auditor.knowledge.cards import load_cards

    cards = [card for card in load_cards((), predicates=PREDICATES) if card.id == "FWA650"]
    return evaluate(cards, facts)


def test_a_small_card_beside_large_ones_is_no_straggler() -> None:
    told, _ = compared(
        [result("cuda:0", bfloat16_tflops=690.0), result("cuda:1", "Tesla T4", bfloat16_tflops=20.0)], Facts()
    )
    assert not any("siblings" in name for r in told for name in r.metrics)


def test_what_failed_or_has_no_name_is_left_as_it_is() -> None:
    failed = SmokeResult(id="pytorch-rates", framework="pytorch", device="cuda:0", status="fail")
    plain = result("cpu", "", work="pytorch-matmul", gflops=9.0, precision="float32")
    told, fact = compared([failed, plain], Facts())
    assert told == (failed, plain)
    assert fact.state == "absent"
