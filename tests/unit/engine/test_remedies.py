"""What remedies say to type agrees with the plan, and mends."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.audit.request import Request
from auditor.audit.stages import findings
from auditor.engine.plan import plan
from auditor.engine.planning.line import torch_again, torch_for_driver, torch_line
from auditor.engine.predicates import PREDICATES
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, absent, known
from auditor.model.finding import Remedy
from auditor.render.parts.wording import is_command

BARE = {
    "target.usable": True,
    "target.python": "/opt/py/bin/python3",
    "python.executable": "/opt/py/bin/python3",
    "python.kind": "venv",
    "python.version": "3.12.4",
    "python.installer": "pip",
    "python.pip_version": "25.0",
    "python.frameworks": [],
    "os.platform": "linux",
    "os.arch": "x86_64",
    "os.libc": "glibc",
    "os.glibc_version": "2.39",
    "accelerators.vendors": [],
}
H100 = {
    "accelerators.vendors": ["nvidia"],
    "nvidia.driver_version": "450.80.02",
    "gpu[0].vendor": "nvidia",
    "gpu[0].name": "NVIDIA H100",
    "gpu[0].compute_capability": "9.0",
}
PLACE = "/opt/py/lib/python3.12/site-packages"


def facts_of(told: dict[str, Any]) -> Facts:
    return Facts({key: known(value) for key, value in {**BARE, **told}.items()})


def remedy(cause: str, facts: Facts) -> Remedy:
    found = next(f for f in findings(facts, Request(cwd="/")) if f.cause == cause and f.is_problem)
    assert found.remedy is not None
    return found.remedy


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"os.glibc_version": "2.17"},
        {"accelerators.vendors": ["amd"], "gpu[0].vendor": "amd", "gpu[0].gfx_target": "gfx90a"},
        {"os.platform": "windows", "os.arch": "amd64", "python.executable": "C:\\py\\python.exe"},
    ],
)
def test_an_empty_environment_is_told_the_plan_itself(told: dict[str, Any]) -> None:
    facts = facts_of(told)
    chosen, said = plan(facts, "pytorch"), remedy("framework_not_installed", facts)
    assert chosen.possible
    assert (*said.commands, said.check) == chosen.steps


@pytest.mark.parametrize("told", [{"os.arch": "ppc64le"}, H100])
def test_where_no_build_fits_there_is_no_line_to_type(told: dict[str, Any]) -> None:
    facts = facts_of(told)
    chosen, said = plan(facts, "pytorch"), remedy("framework_not_installed", facts)
    assert not chosen.possible
    assert said.commands == ()
    assert chosen.blocked_by[0] in said.summary


RTX = {
    "accelerators.vendors": ["nvidia"],
    "gpu[0].vendor": "nvidia",
    "nvidia.driver_version": "550.54.14",
    "os.wsl": False,
    "torch.version": "2.5.1+cpu",
    "torch.build": "cpu",
}


@pytest.mark.parametrize(
    ("card", "lines", "says"),
    [
        (("RTX 4090", "8.9"), ["torch==2.5.1"], "Install a torch"),  # the installed release is kept
        (("RTX 5090", "12.0"), [], "the driver comes first: it needs driver 570.26 or newer"),
    ],
)
def test_a_gpu_gets_no_build_for_the_cpu(card: tuple[str, str], lines: list[str], says: str) -> None:
    told = {"gpu[0].name": card[0], "gpu[0].compute_capability": card[1], **RTX}
    facts = facts_of(told).merged({"torch.cuda_build": absent("cpu"), "torch.hip_build": absent("cpu")})
    said = remedy("cpu_only_build", facts)
    assert says in said.summary
    assert [line.partition("pip install ")[2] for line in said.commands if "pip install" in line] == lines


def test_a_jetson_gets_no_build_of_the_index() -> None:
    told = {**RTX, "system.product": "NVIDIA Jetson AGX Orin", "os.arch": "aarch64", "torch.version": "2.5.1"}
    assert torch_line(facts_of(told)) == ""


def test_a_build_is_laid_over_itself_whatever_the_gpu_is() -> None:
    told = {"torch.version": "2.6.0+cu124", "torch.build": "cu124", "torch.cuda_build": "12.4"}
    facts = Facts({key: known(value) for key, value in told.items()})
    assert torch_again(facts) == "torch==2.6.0"
    assert torch_line(facts) == ""


def test_a_crash_is_mended_in_a_new_environment_and_checked_there() -> None:
    said = remedy("framework_import_crash", facts_of({"smoke.pytorch.import": "crash"}))
    assert said.commands[1] == "/opt/py/bin/python3 -m venv ~/venvs/dl"
    assert said.commands[2].startswith("~/venvs/dl/bin/python -m pip install torch==")
    assert said.check.startswith("~/venvs/dl/bin/python ")


def test_a_broken_framework_is_installed_over_itself() -> None:
    broken = {"smoke.tensorflow.import": "failed", "tensorflow.version": "2.21.0"}
    (line,) = remedy("framework_import_failed", facts_of(broken)).commands
    assert line.startswith("/opt/py/bin/python3 -m pip install tensorflow")
    assert line.endswith("--force-reinstall")


def test_without_pip_it_comes_first() -> None:
    facts = facts_of({"smoke.tensorflow.import": "failed"}).merged({"python.pip_version": absent("none")})
    assert remedy("framework_import_failed", facts).commands[0].endswith("-m ensurepip --upgrade")


def test_all_unmet_requirements_are_one_command() -> None:
    rows = [
        {"distribution": "gast", "requirement": "numpy<2", "installed": "2.2.0"},
        {"distribution": "keras", "requirement": "h5py>=3", "installed": ""},
    ]
    said = remedy("dependency_conflict", facts_of({"python.unmet_requirements": rows}))
    assert said.commands == ("/opt/py/bin/python3 -m pip install 'numpy<2' 'h5py>=3'",)


@pytest.mark.parametrize(
    ("path", "reason", "line"),
    [
        (f"{PLACE}/foo-1.0.dist-info", "there is no METADATA", f"rm -r {PLACE}/foo-1.0.dist-info"),
        (
            f"{PLACE}/foo-1.0.dist-info",
            "cannot be compared: Requires-Dist: bar ?",
            "/opt/py/bin/python3 -m pip install -U foo",
        ),
        (PLACE, "the folder cannot be listed: Permission denied", f"ls -ld {PLACE}"),
    ],
)
def test_only_what_is_left_of_a_package_is_removed(path: str, reason: str, line: str) -> None:
    facts = facts_of({"python.broken_metadata": [{"path": path, "reason": reason}]})
    assert remedy("broken_metadata", facts).commands == (line,)


def test_an_interpreter_that_cannot_start_is_in_no_command() -> None:
    facts = Facts(
        {
            "target.usable": known(False),
            "target.python": known("/bin/broken"),
            "target.reason": known("it is no Python"),
        }
    )
    said = remedy("target_unusable", facts)
    assert not any("/bin/broken" in line for line in (*said.commands, said.check))
    assert not any("/bin/broken" in line for line in plan(facts, "pytorch").steps)


def test_every_check_is_a_command_that_is_never_wrapped() -> None:
    cards = load_cards(predicates=PREDICATES)
    specs = [spec for card in cards for spec in (card.remedy, *card.variants.values()) if spec and spec.check]
    starts = {
        "{python}": "/opt/py/bin/python3",
        "{pip_check}": "uv pip check",
        "{memory}": "free",
        "{gpu_memory}": "nvidia-smi",
        "{plan_check}": "~/venvs/dl/bin/python",
    }
    wrapped = []
    for spec in specs:
        first, _, rest = spec.check.partition(" ")
        wrapped += [] if is_command(f"{starts.get(first, first)} {rest}") else [spec.check]
    assert wrapped == []


@pytest.mark.parametrize(
    ("installed", "kept"), [("2.13.0+cpu", True), ("2.13.0", True), ("1.0.0", False), ("9.9.9", False)]
)
def test_a_new_environment_keeps_the_release_that_stood_where_it_can_be_had(
    installed: str, kept: bool
) -> None:
    from auditor.engine.planning.mend import install_elsewhere

    machine = {
        "os.platform": "linux",
        "os.arch": "x86_64",
        "os.libc": "glibc",
        "os.glibc_version": "2.36",
        "python.version": "3.11.7",
        "torch.version": installed,
        "nvidia.gpu_count": 0,
        "accelerators.vendors": [],
    }
    way = install_elsewhere(Facts({key: known(value) for key, value in machine.items()}), "pytorch")
    assert "torch==" in way.commands[-1]
    assert (f"torch=={installed.partition('+')[0]} " in way.commands[-1]) == kept


@pytest.mark.parametrize(
    ("told", "line"),
    [
        # the driver runs CUDA 10.1: the same release for that, not one of five years later
        ({"torch.version": "1.6.0", "nvidia.driver_version": "418.67", "python.version": "3.7.4"},
         "torch==1.6.0+cu101 -f https://download.pytorch.org/whl/torch_stable.html"),
        ({"torch.version": "1.6.0+cpu", "nvidia.driver_version": "450.80.02", "python.version": "3.8.2"},
         "torch==1.6.0 -f https://download.pytorch.org/whl/torch_stable.html"),
        ({"torch.version": "1.12.0", "nvidia.driver_version": "470.57.02", "python.version": "3.9.1",
          "python.distributions": [{"name": "torchvision", "version": "0.13.0"}]},
         "torch==1.12.1+cu116 torchvision==0.13.1+cu116 --extra-index-url https://download.pytorch.org/whl/cu116"),
        # Windows has no wheel for CUDA 10.2 of it, and 441 runs no CUDA 11
        ({"torch.version": "1.11.0", "nvidia.driver_version": "441.22", "os.platform": "windows", "python.version": "3.9.1"}, ""),
    ],
)  # fmt: skip
def test_who_is_on_an_old_torch_stays_on_it(told, line):
    base = {"accelerators.vendors": ["nvidia"], "gpu[0].vendor": "nvidia", "gpu[0].name": "Tesla V100-PCIE-16GB",
            "gpu[0].compute_capability": "7.0", "os.platform": "linux", "os.arch": "x86_64"}  # fmt: skip
    assert torch_line(facts_of(base | told)) == line


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (12080, "torch==2.11.0 --index-url https://download.pytorch.org/whl/cu128"),
        (12020, "torch==2.5.1 --index-url https://download.pytorch.org/whl/cu121"),
        (11040, "torch==2.7.1 --index-url https://download.pytorch.org/whl/cu118"),
        (9010, ""),
    ],
)
def test_a_driver_alone_tells_which_torch_it_runs(number, line):
    told = {
        "log.driver_cuda_number": number,
        "nvidia.cuda_driver_version": f"{number // 1000}.{number % 1000 // 10}",
    }
    assert torch_for_driver(facts_of(told | {"python.version": "3.11.4"})) == line
