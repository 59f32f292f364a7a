"""What tools and imports said on this machine names the cause, as it does in a pasted log."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.audit.request import Request
from auditor.audit.stages import findings
from auditor.model.fact import Facts, absent, known
from auditor.model.finding import Finding

REQUEST = Request(cwd="/")
CONTAINER = {"container.runtime": "docker", "nvidia.pci_gpu_count": 0, "nvidia.tool_state": "failed"}
NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
LOST = "Unable to determine the device handle for GPU0000:65:00.0: Unknown Error"
NUMPY = (
    "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.1 as it may crash.\n"
    "AttributeError: _ARRAY_API not found"
)


def problems(told: dict[str, Any]) -> dict[str, Finding]:
    facts = Facts({key: known(value) for key, value in told.items()})
    return {finding.cause: finding for finding in findings(facts, REQUEST) if finding.is_problem}


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({**CONTAINER, "nvidia.tool_error": NO_DRIVER}, "driver_not_loaded"),
        ({**CONTAINER, "nvidia.tool_error": LOST}, "gpu_fell_off_bus"),
        (
            {**CONTAINER, "nvidia.tool_error": "Failed to initialize NVML: Driver/library version mismatch"},
            "driver_library_mismatch",
        ),
        ({"smoke.pytorch.import": "failed", "smoke.pytorch.message": NUMPY}, "numpy2_abi"),
        (
            {
                "smoke.pytorch.import": "failed",
                "smoke.pytorch.message": "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
            },
            "cuda_runtime_libs_missing",
        ),
    ],
)
def test_the_words_name_the_cause(told: dict[str, Any], cause: str) -> None:
    found = problems(told)
    assert cause in found
    said = found[cause]
    assert any(word in evidence.excerpt + said.message for evidence in said.evidence for word in _words(told))
    assert said.remedy is not None
    assert said.remedy.summary
    effects = {"vendor_tool_failed", "framework_import_failed"} & set(found)
    assert effects
    assert all(cause in found[effect].explained_by for effect in effects)


def _words(told: dict[str, Any]) -> list[str]:
    return [
        str(value).splitlines()[0][:40] for key, value in told.items() if key.endswith(("error", "message"))
    ]


def test_a_machine_whose_bus_shows_no_card_has_no_broken_driver() -> None:
    told = {"nvidia.pci_gpu_count": 0, "nvidia.tool_state": "failed", "nvidia.tool_error": NO_DRIVER}
    assert "driver_not_loaded" not in problems(told)


COMPILE = {"id": "pytorch-compile", "framework": "pytorch", "device": "cpu", "status": "fail"}


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("RuntimeError: Failed to find C compiler. Please specify via CC environment variable.", "error"),
        ("RuntimeError: no kernel image is available", "note"),
    ],
    ids=["it stopped a workload", "a workload failed of another cause"],
)
def test_what_is_a_note_until_it_stops_a_workload(reason: str, severity: str) -> None:
    told = {"torch.version": known("2.13.0"), "compilers.cc": absent("none is on PATH")}
    rows = known([{**COMPILE, "reason": reason}])
    found = [f for f in findings(Facts({**told, "smoke.results": rows}), REQUEST) if f.is_problem]
    severities = {finding.cause: finding.severity for finding in found}
    assert severities["c_compiler_missing"] == severity
    causes = list(severities)
    if severity == "error":
        assert causes.index("c_compiler_missing") < causes.index("smoke_failed")


def test_the_complaints_of_a_framework_that_works_are_no_findings() -> None:
    assert "numpy2_abi" not in problems({"smoke.pytorch.import": "ok", "smoke.pytorch.stderr": NUMPY})


def test_a_machine_without_gpus_leaves_no_question_about_them() -> None:
    facts = Facts(
        {
            "accelerators.vendors": known([]),
            "torch.version": known("2.9.1"),
            "tensorflow.version": known("2.19.1"),
        }
    )
    asked = {finding.id: finding.outcome for finding in findings(facts, REQUEST)}
    assert [asked[name] for name in ("FWA107", "FWA203", "FWA210")] == ["not-applicable"] * 3


def test_a_torch_for_cuda_that_was_not_tried_leaves_no_question_where_nothing_of_nvidia_is() -> None:
    facts = Facts(
        {
            "accelerators.vendors": known([]),
            "nvidia.pci_gpus": known([]),
            "nvidia.driver_version": absent("nothing shows NVIDIA hardware or a driver here"),
            "torch.cuda_build": known("12.4"),
        }
    )
    (found,) = [finding for finding in findings(facts, REQUEST) if finding.id == "FWA116"]
    assert (found.outcome, found.severity) == ("fail", "note")
