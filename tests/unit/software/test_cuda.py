"""CUDA toolkits in the places where they are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from auditor.host.protocol import Answer, Host
from auditor.model.fact import Fact, Facts, known
from auditor.probes.cuda import PROBE

Machine = Callable[..., Host]
PATH = {"PATH": "/usr/local/bin:/usr/bin"}
JSON = '{"cuda": {"name": "CUDA SDK", "version": "12.4.1"}}'
HEADER = "#ifndef X\n/* CUDA_VERSION is below */\n#define CUDA_VERSION 13000\n"


def look(host: Host, facts: Mapping[str, Fact] | None = None) -> dict[str, Fact]:
    return dict(PROBE.collect(host, Facts(facts or {})))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/usr/local/cuda-12.4/version.json": JSON}, ("/usr/local/cuda-12.4", "12.4.1")),
        ({"/usr/local/cuda-10.2/version.txt": "CUDA Version 10.2.89\n"}, ("/usr/local/cuda-10.2", "10.2.89")),
        ({"/opt/cuda/include/cuda.h": HEADER}, ("/opt/cuda", "13.0")),
        ({"/opt/cuda/targets/sbsa-linux/include/cuda.h": HEADER}, ("/opt/cuda", "13.0")),
        (
            {"/usr/local/cuda-13/nvvm/bin/cicc": "", "/usr/local/cuda-13/version.json": "{}"},
            ("/usr/local/cuda-13", None),
        ),
        (
            {"/opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4/version.json": JSON},
            ("/opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4", "12.4.1"),
        ),
        (
            {"/usr/include/cuda.h": HEADER, "/usr/lib/nvidia-cuda-toolkit/bin/nvcc": "#!"},
            ("/usr/lib/nvidia-cuda-toolkit", "13.0"),
        ),
    ],
)
def test_a_toolkit_says_its_version_in_one_of_its_files(machine: Machine, files: Any, expected: Any) -> None:
    toolkits = look(machine(files, env=PATH))["cuda.toolkits"].value
    assert [(each["path"], each["version"]) for each in toolkits] == [expected]


def test_links_to_a_toolkit_are_that_toolkit(machine: Machine) -> None:
    files = {
        "/usr/local/cuda": "-> cuda-12",
        "/usr/local/cuda-12": "-> cuda-12.4",
        "/usr/local/cuda-12.4/version.json": JSON,
    }
    toolkits = look(machine(files, env={**PATH, "CUDA_HOME": "/usr/local/cuda"}))["cuda.toolkits"].value
    assert toolkits == [
        {"path": "/usr/local/cuda-12.4", "version": "12.4.1", "found_by": ["CUDA_HOME", "/usr/local"]}
    ]


def test_the_audited_conda_environments_toolkit_is_found_though_not_activated(machine: Machine) -> None:
    host = machine(
        {"/opt/conda/envs/x/conda-meta/cuda-nvcc-12.4.131-h1.json": "{}", "/opt/conda/envs/x/nvvm": None},
        env=PATH,
    )
    facts = look(host, {"target.python": known("/opt/conda/envs/x/bin/python")})
    assert facts["cuda.toolkits"].value == [
        {"path": "/opt/conda/envs/x", "version": "12.4.131", "found_by": ["conda"]}
    ]


def test_nvcc_is_not_run_where_its_toolkit_tells(machine: Machine) -> None:
    files = {
        "/usr/local/cuda-12.4/bin/nvcc": "#!",
        "/usr/local/cuda-12.4/version.json": JSON,
        "/usr/bin/nvcc": "-> /usr/local/cuda-12.4/bin/nvcc",
    }
    facts = look(machine(files, env=PATH))
    assert (facts["cuda.nvcc_path"].value, facts["cuda.nvcc_version"].value) == ("/usr/bin/nvcc", "12.4")


@pytest.mark.parametrize(
    ("answer", "state", "value"),
    [
        (
            "nvcc: NVIDIA (R) Cuda compiler driver\nCuda compilation tools, release 13.0, V13.0.88\n",
            "known",
            "13.0",
        ),
        ("garbage", "absent", None),
        (Answer(("nvcc",), timed_out=True), "unknown", None),
    ],
)
def test_a_wrapper_is_asked_and_its_silence_is_told(
    machine: Machine, answer: Any, state: str, value: Any
) -> None:
    host = machine({"/usr/local/bin/nvcc": "#!/bin/sh"}, env=PATH, commands={"nvcc --version": answer})
    fact = look(host)["cuda.nvcc_version"]
    assert (fact.state, fact.value) == (state, value)
    assert look(host)["cuda.toolkits"].state == "absent"


def test_a_machine_without_cuda_says_so(machine: Machine) -> None:
    assert {key: fact.state for key, fact in look(machine({}, env=PATH)).items()} == dict.fromkeys(
        PROBE.provides, "absent"
    )


def test_without_an_environment_what_hangs_on_it_is_unknown(machine: Machine) -> None:
    facts = look(machine({}))
    assert (
        facts["cuda.nvcc_path"].state
        == facts["cuda.home"].state
        == facts["cuda.nvcc_version"].state
        == "unknown"
    )
