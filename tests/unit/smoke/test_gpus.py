"""Which GPUs a child may touch, from facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model.fact import Facts, absent, known, unknown
from auditor.smoke.gpus import mask
from auditor.smoke.outcome import hidden_results

from .conftest import Bench, Deadlines

JOB = {"pid": 7, "name": "python", "memory_mib": 900, "type": "C"}
DESKTOP = {"pid": 8, "name": "Xorg", "memory_mib": 400, "type": "G"}
COMPOSITOR = {"pid": 9, "name": "kwin_wayland", "memory_mib": 90, "type": "C+G"}


def machine(*cards: dict[str, Any], **more: Any) -> Facts:
    found = {f"gpu[{i}].{key}": known(value) for i, card in enumerate(cards) for key, value in card.items()}
    return Facts({**found, **{key: known(value) for key, value in more.items()}})


def card(number: int, **more: Any) -> dict[str, Any]:
    plain = {
        "vendor": "nvidia",
        "uuid": f"GPU-{number}",
        "processes": [],
        "memory_used_mib": 4,
        "memory_free_mib": 80000,
    }
    return {**plain, **more}


def visible(*order: int) -> dict[str, Any]:
    return {"env.visible_gpus": list(order)}


def test_idle_gpus_leave_the_users_environment_as_it_is() -> None:
    got = mask(machine(card(0), card(1), **visible(0, 1)), busy=False)
    assert (got.env, got.hidden, got.shown) == ({}, {}, None)


def test_a_gpu_that_computes_for_others_is_hidden_and_the_rest_keep_the_users_numbers() -> None:
    got = mask(machine(card(0, processes=[JOB]), card(1), **visible(1, 0)), busy=False)
    assert got.env == {"CUDA_VISIBLE_DEVICES": "GPU-1"}
    assert got.hidden == {"cuda:1": "in use by others: python (pid 7)"}
    assert got.shown == (0,)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"processes": [DESKTOP], "memory_used_mib": 450}, ""),
        ({"processes": [DESKTOP, COMPOSITOR], "memory_used_mib": 596}, ""),
        ({"processes": [COMPOSITOR], "memory_used_mib": 9000}, "in use by others: kwin_wayland (pid 9)"),
        (
            {"memory_used_mib": 40000},
            "in use by others: 40000 MiB of its memory are held by processes that cannot be seen from here",
        ),
        ({"memory_free_mib": 100}, "in use by others: only 100 MiB of its memory are free"),
        ({"compute_mode": "Prohibited"}, "its compute mode is Prohibited: no process may use it"),
        ({"processes": None, "memory_used_mib": None}, "cannot tell whether others use it"),
    ],
)
def test_what_counts_as_busy(more: dict[str, Any], reason: str) -> None:
    facts = {key: value for key, value in card(0, **more).items() if value is not None}
    hidden = mask(machine(facts, **visible(0)), busy=False).hidden
    assert list(hidden) == (["cuda:0"] if reason else [])
    assert hidden.get("cuda:0", "").startswith(reason)


def test_the_user_may_insist() -> None:
    assert mask(machine(card(0, processes=[JOB]), **visible(0)), busy=True).hidden == {}


def test_a_gpu_that_the_users_mask_hides_already_is_no_concern() -> None:
    assert mask(machine(card(0, processes=[JOB]), card(1), **visible(1)), busy=False).env == {}


def test_without_the_order_of_visible_gpus_one_busy_gpu_hides_all() -> None:
    got = mask(machine(card(0, processes=[JOB]), card(1)), busy=False)
    assert got.env == {"CUDA_VISIBLE_DEVICES": ""}
    assert sorted(got.hidden) == ["cuda:0", "cuda:1"]


def test_device_nodes_without_a_known_gpu_are_left_alone() -> None:
    facts = machine(**{"nvidia.device_nodes": [{"path": "/dev/nvidia0"}]})
    facts = facts.merged({"nvidia.gpu_count": unknown("NVML crashed")})
    assert mask(facts, busy=False).hidden == {"cuda": "cannot tell whether others use it: NVML crashed"}


def test_an_exclusive_gpu_is_used_by_one_framework_at_a_time() -> None:
    assert mask(machine(card(0, compute_mode="Exclusive_Process"), **visible(0)), busy=False).one_at_a_time


def test_a_child_takes_a_tenth_of_the_free_memory_at_most() -> None:
    assert mask(machine(card(0, memory_free_mib=4000)), busy=False).device_limit_mib == 400
    assert mask(machine(card(0)), busy=False).device_limit_mib == 1024
    assert mask(machine(card(0, memory_free_mib=1500)), busy=False).device_limit_mib == 256


def test_a_busy_amd_gpu_hides_all_of_them() -> None:
    got = mask(machine(card(0, vendor="amd", processes=[JOB])), busy=False)
    assert got.env["HIP_VISIBLE_DEVICES"] == "-1"


def test_a_hidden_gpu_is_a_skip_and_makes_the_list_of_devices_unknown(bench: Bench) -> None:
    bench.torch("cuda.is_available = staticmethod(lambda: os.environ.get('CUDA_VISIBLE_DEVICES') != '')")
    bench.workload("one")
    outcome = bench.run(machine(card(0, processes=[JOB]), **visible(0)))
    assert [(r.device, r.status) for r in outcome.results] == [
        ("cpu", "pass"),
        ("cuda:0", "skip"),
    ]
    assert outcome.facts["smoke.pytorch.devices"].state == "unknown"
    assert outcome.facts["smoke.environment"].value["CUDA_VISIBLE_DEVICES"] == ""


def test_a_build_without_gpu_code_has_no_skips_for_gpus() -> None:
    facts = Facts({"torch.cuda_build": absent("a CPU build"), "torch.hip_build": absent("a CPU build")})
    assert hidden_results("pytorch", [], mask(machine(card(0, processes=[JOB])), busy=False), facts) == []


def test_a_scan_tells_the_runner_which_card_is_the_frameworks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from auditor.audit import stages
    from auditor.audit.request import Request
    from auditor.smoke import runner

    asked: list[Any] = []
    monkeypatch.setattr(runner, "run", asked.append)
    rows = [{"name": "NVIDIA L4", "uuid": f"GPU-{i}"} for i in range(2)]
    facts = machine(card(0, processes=[JOB]), card(1), **{"nvidia.gpus": rows, "env.variables": {}})
    facts = facts.merged(
        {"python.frameworks": known(["pytorch"]), "target.python": known("/usr/bin/python3")}
    )
    stages.smoke(facts, SimpleNamespace(live=True), Request(cwd="/"), "/nowhere")  # type: ignore[arg-type]
    hidden = mask(asked[0].facts, busy=False)
    assert hidden.env == {"CUDA_VISIBLE_DEVICES": "GPU-1"}
    assert list(hidden.hidden) == ["cuda:0"]


TWO_CARDS = """
cuda.is_available = staticmethod(lambda: True)
cuda.device_count = staticmethod(lambda: 2)
cuda.set_device = staticmethod(lambda device: None)
cuda.get_device_name = staticmethod(lambda index: "NVIDIA H100 80GB HBM3")
cuda.get_device_properties = staticmethod(lambda index: P)
cuda.set_per_process_memory_fraction = staticmethod(lambda fraction, index: None)
class P:
    total_memory = 2**34
"""


def test_a_rate_bears_its_cards_name_and_is_held_against_sheet_and_sibling(bench: Bench) -> None:
    from auditor.audit import stages

    bench.torch(TWO_CARDS)
    body = "return {'placed_on': device, 'bfloat16_tflops': 700.0 if device.endswith('0') else 500.0}"
    bench.workload("pytorch-rates", body, DEVICES="accelerator")
    results, facts = stages.rates(bench.run().results, Facts())
    told = {r.device: r.metrics for r in results}
    assert told["cuda:1"]["device_name"] == "NVIDIA H100 80GB HBM3"
    assert told["cuda:1"]["bfloat16_tflops_percent_of_peak"] == pytest.approx(50.5)
    assert told["cuda:1"]["bfloat16_tflops_percent_of_siblings"] == pytest.approx(83.3)
    assert [row["device"] for row in facts["smoke.rates"].value] == ["cuda:0", "cuda:1"]


def test_frameworks_do_not_disturb_the_rates_of_several_cards(bench: Bench) -> None:
    (bench.folder / "jax.py").write_text(
        "import os\nopen(os.environ['PYTHONPATH'] + '/jax.begun', 'w').close()"
    )
    torch = """
end = time.monotonic() + {}
while not (met := os.path.exists(os.environ["PYTHONPATH"] + "/jax.begun")) and time.monotonic() < end:
    time.sleep(0.02)
raise ImportError("met" if met else "alone")
"""

    def met(level: str, cards: int, patience_s: float) -> str:
        """Return whether jax began while torch was still being imported, which waits for that."""
        (bench.folder / "jax.begun").unlink(missing_ok=True)
        bench.torch(torch.format(patience_s))
        memory = {"memory.available_kib": 64 << 20, "memory.usable_kib": 64 << 20}
        facts = machine(*(card(i) for i in range(cards)), **visible(*range(cards)), **memory)
        found = bench.run(facts, level=level, frameworks=("pytorch", "jax"), deadlines=Deadlines())
        return next(r.reason for r in found.results if r.id == "pytorch-import")

    assert met("standard", 2, 1.0) == "ImportError: alone"
    assert met("standard", 1, 60.0) == "ImportError: met"
    assert met("quick", 2, 60.0) == "ImportError: met"
