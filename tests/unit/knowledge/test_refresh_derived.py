"""What the refresh script derives from metadata, on an index told by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
derived = pytest.importorskip("derived_tables")
from packaging.requirements import Requirement  # noqa: E402
from packaging.utils import parse_wheel_filename  # noqa: E402
from pypi_metadata import Release, Wheel  # noqa: E402

NEW = ("nvidia-cuda-runtime~=13.0; extra == 'cuda'", "nvidia-cudnn-cu13~=9.0; extra == 'cudnn'")
FORMER = ("nvidia-cuda-runtime-cu13~=13.0; extra == 'cuda'", "nvidia-cudnn-cu13~=9.0; extra == 'cudnn'")
OLD = ("nvidia-cuda-runtime-cu12~=12.0; extra == 'cuda'", "nvidia-cudnn-cu12~=9.0; extra == 'cudnn'")
HALF = ("nvidia-cuda-runtime-cu12~=12.0; extra == 'cuda'",)


class Told:
    """The releases of one package, newest first, with what each requires."""

    def __init__(self, releases: dict[str, tuple[str, ...]]) -> None:
        self.releases = releases

    def newest_by_minor(self, package: str) -> dict[str, str]:
        assert package == "onnxruntime-gpu"
        return {number: f"{number}.0" for number in self.releases}

    def release(self, _: str, version: str) -> Release:
        return Release(tuple(map(Requirement, self.releases[version.removesuffix(".0")])), "", ())


THIRTEEN, TWELVE = (
    {"first": "1.27", "cuda": "13", "cudnn": "9"},
    {"first": "1.21", "cuda": "12", "cudnn": "9"},
)


@pytest.mark.parametrize(
    ("releases", "rows"),
    [
        ({"1.31": NEW, "1.27": FORMER, "1.26": OLD, "1.21": OLD, "1.20": ()}, [THIRTEEN, TWELVE]),
        ({"1.27": NEW, "1.26": ()}, [THIRTEEN]),
        ({"1.27": NEW, "1.26": HALF, "1.25": OLD}, [THIRTEEN]),
        ({"1.27": NEW, "1.26": OLD}, [THIRTEEN]),  # how far the last one reaches is not told
        ({"1.20": ()}, []),
    ],
)
def test_a_row_of_onnxruntime_begins_where_its_extras_change(releases, rows):
    assert list(derived.onnxruntime(Told(releases), {})) == rows


class Listed:
    """The files of one package."""

    def __init__(self, *files: str) -> None:
        self.files = files

    def wheels(self, _: str) -> tuple[Wheel, ...]:
        parsed = ((file, parse_wheel_filename(file)) for file in self.files)
        return tuple(Wheel(file, told[1], told[3], "") for file, told in parsed)


FILES = (
    "p-1.0.0-cp36-cp36m-manylinux1_x86_64.whl", "p-1.0.0-cp37-cp37m-win_amd64.whl",
    "p-1.1.0-cp36-cp36m-manylinux2014_x86_64.whl", "p-1.1.0-cp38-cp38-manylinux2014_x86_64.whl",
    "p-1.1.1-cp36-cp36m-manylinux2014_x86_64.whl", "p-1.1.1-cp38-cp38-manylinux2014_x86_64.whl",
    "p-2.0.0-cp39-abi3-manylinux_2_28_x86_64.whl", "p-2.0.0-cp314-cp314t-manylinux_2_28_x86_64.whl",
)  # fmt: skip


def test_the_files_tell_for_which_pythons_a_release_is():
    known = {("p", "1.0.0"): {}}
    told = [tuple(row.values()) for row in derived.wheel_pythons(Listed(*FILES), known)]
    assert told == [("p", "1.0.0", "3.6", "3.6"), ("p", "1.1.0", "3.6", "3.8"), ("p", "2.0.0", "", "")]
    assert list(derived.newest_listed(Listed(*FILES), known)) == [{"package": "p", "version": "2.0.0"}]


def test_a_package_that_is_gone_keeps_its_rows():
    known = {("p", "1.0.0"): {"package": "p", "from": "1.0.0", "python_min": "3.6", "python_max": "3.6"}}
    assert list(derived.wheel_pythons(Listed(), known)) == list(known.values())


def test_the_files_tell_which_c_library_a_release_needs():
    row = {"package": "p", "from": "1", "arch": "x86_64", "glibc": "2.17"}
    told = list(derived.glibc_floors(Listed(*FILES), {("p", "x86_64", "1"): row}))
    assert told == [row, {"package": "p", "from": "2.0.0", "arch": "x86_64", "glibc": "2.28"}]
