"""Which build of torch fits this machine: its driver, its cards, its Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.engine.arch import covers
from auditor.engine.cuda import newest_major
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row, table
from auditor.model.fact import Facts

# the one place that names the index of torch's own wheels
TORCH_INDEX = "https://download.pytorch.org/whl"


class TorchBuild(NamedTuple):
    """A wheel of torch: its version, its build ("cu126", "rocm7.2", "cpu"), and whether PyPI's is that build."""

    version: str
    build: str
    on_pypi: bool = False

    @property
    def line(self) -> str:
        """What follows `pip install` to get it, with torchvision of the same index."""
        if self.on_pypi:
            return f"'torch=={self.version}' torchvision"
        return f"'torch=={self.version}+{self.build}' torchvision{index_of(self.build)}"


def index_of(build: str) -> str:
    """Return the option that takes packages from the index of a build of torch; empty where PyPI serves."""
    return f" --index-url {TORCH_INDEX}/{build}" if build else ""


def torch_line(facts: Facts) -> str:
    """Return what follows `pip install` to get the newest torch that fits here."""
    build = best_torch(facts)
    return build.line if build else "torch torchvision"


def best_torch(facts: Facts) -> TorchBuild | None:
    """Return the newest torch whose build fits the accelerators; None where that is not known."""
    vendors = facts.value("accelerators.vendors")
    if vendors is None or facts.value("os.platform") == "darwin":
        return None
    releases = [
        row for row in table("torch_releases").all() if _has_python(row, facts.value("python.version"))
    ]
    if "nvidia" in vendors:
        return next(_cuda_builds(facts, releases), None)
    if "amd" in vendors and facts.value("amd.gfx_targets"):
        return next(
            (TorchBuild(row["newest"], f"rocm{row['rocm']}") for row in releases if row["rocm"]), None
        )
    return TorchBuild(releases[0]["newest"], "cpu") if releases else None


def _has_python(row: Row, python: str | None) -> bool:
    return python is None or minor(row["python_min"]) <= minor(python) <= minor(row["python_max"])


def _cuda_builds(facts: Facts, releases: list[Row]) -> Iterator[TorchBuild]:
    """Yield the builds that driver and cards allow, the newest release and CUDA first."""
    driver = facts.value("nvidia.driver_version")
    major = newest_major(driver, facts.value("os.platform")) if driver else 99
    on_pypi = facts.value("os.platform") in ("linux", "wsl2") and facts.value("os.arch") == "x86_64"
    capabilities = [facts.value(f"gpu[{index}].compute_capability") for index in facts.instances("gpu")]
    for row in releases:
        for cuda in sorted(row["cuda"], key=minor, reverse=True):
            if minor(cuda)[0] <= major and _runs_on(row["torch"], cuda, capabilities):
                yield TorchBuild(
                    row["newest"], "cu" + cuda.replace(".", ""), on_pypi and cuda == row["pypi_cuda"]
                )


def _runs_on(torch: str, cuda: str, capabilities: list[str | None]) -> bool:
    archs = compiled(torch, cuda)
    known = [capability for capability in capabilities if capability]
    return bool(archs) and all(covers(archs, capability, cuda) for capability in known)


def compiled(torch: str, cuda: str, platform: str = "linux_x86_64") -> list[str]:
    """Return the architectures in a wheel by the table, as get_arch_list() names them; empty where not known.

    Args:
        torch: a minor release, such as "2.13".
        cuda: such as "13.0".
        platform: linux_x86_64 or linux_aarch64.

    """
    for row in table("torch_archs").all():
        if (row["torch"], row["cuda"], row["platform"]) == (torch, cuda, platform):
            return [f"sm_{number}" for number in row["sm"]] + [f"compute_{number}" for number in row["ptx"]]
    return []
