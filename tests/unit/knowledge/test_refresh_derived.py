"""What the refresh script derives from metadata, on an index told by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
derived = pytest.importorskip("derived_tables")
from packaging.requirements import Requirement  # noqa: E402
from pypi_metadata import Release  # noqa: E402

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
