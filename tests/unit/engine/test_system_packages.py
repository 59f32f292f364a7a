"""Compilers, headers and the container toolkit come by the system's own package manager, in a container without sudo."""

from __future__ import annotations

import pytest

from auditor.engine.remedy.system_packages import (
    compiler,
    container_toolkit,
    iommu_passthrough,
    python_headers,
)
from auditor.model.fact import Facts, known


def world(system: str, **more: str) -> Facts:
    told = {"os.id": system, "python.version": "3.11.9", **more}
    return Facts({key: known(value) for key, value in told.items()})


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        ("ubuntu", "sudo apt install python3.11-dev"),
        ("rocky", "sudo dnf install $(rpm -qf --qf '%{NAME}-devel' $(readlink -f /v/bin/python))"),
        ("opensuse-leap", "sudo zypper install python311-devel"),
        ("alpine", "sudo apk add python3-dev"),
        ("plan9", "# the headers of this Python, by this system's package manager"),
    ],
)
def test_headers_are_those_of_the_audited_python(system: str, wanted: str) -> None:
    assert python_headers(world(system), "/v/bin/python").splitlines()[-1] == wanted


def test_root_in_a_container_needs_no_sudo_and_is_asked_nothing() -> None:
    boxed = world("debian", **{"container.runtime": "docker"})
    assert compiler(boxed, "python3") == "apt update\napt install -y build-essential"


@pytest.mark.parametrize("system", ["ubuntu", "fedora", "opensuse-leap", "arch"])
def test_the_toolkit_comes_from_a_repository_that_has_it(system: str) -> None:
    lines = container_toolkit(world(system), "python3").splitlines()
    assert lines[-1].endswith("nvidia-container-toolkit")
    assert system == "arch" or any("nvidia.github.io/libnvidia-container" in line for line in lines)


def test_where_no_system_is_told_a_remark_stands_for_the_command() -> None:
    assert compiler(Facts({}), "python3").startswith("# ")


@pytest.mark.parametrize(
    ("system", "wanted"),
    [("ubuntu", "sudo update-grub"), ("rocky", "sudo grubby --update-kernel=ALL --args=iommu=pt")],
)
def test_the_kernels_command_line_is_written_by_the_systems_own_program(system: str, wanted: str) -> None:
    assert iommu_passthrough(world(system), "python3").splitlines()[-1] == wanted
