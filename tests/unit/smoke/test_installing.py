"""The line that installs what a workload needs names the release that belongs to the framework here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.knowledge.components import load_components
from auditor.knowledge.tables import table
from auditor.model.fact import Facts, absent, known
from auditor.smoke import catalog
from auditor.smoke.installing import MARK, with_versions

KNOWLEDGE = Path(__file__).parents[3].parent / "shared" / "knowledge" / "components.json"
PLUMBING = {"tensorflow-io-gcs-filesystem"}  # a part of TensorFlow's, not a system


@pytest.mark.parametrize(
    ("torch", "tensorflow", "line", "wanted"),
    [
        ("2.13.0+cpu", "", "torchvision, from there", "torchvision==0.28.0, from there"),
        ("2.13.1", "", "torchvision", "torchvision==0.28.0"),
        ("99.0", "", "torchvision", "torchvision"),
        ("", "2.21.0", "torchvision", "torchvision"),
        ("", "2.21.0", "tensorflow-text, so", '"tensorflow-text==2.21.*", so'),
        ("2.13.0", "", "tensorflow-text", "tensorflow-text"),
        ("", "2.20.1", "one tf-keras (two)", 'one "tf-keras==2.20.*" (two)'),
        (
            "2.13.0",
            "2.21.0",
            'lightning "setuptools<82"; torchvision',
            'lightning "setuptools<82"; torchvision',
        ),
    ],
)
def test_a_line_that_installs(torch: str, tensorflow: str, line: str, wanted: str) -> None:
    facts = Facts(
        {"torch.version": known(torch) if torch else absent("none"), "tensorflow.version": known(tensorflow)}
    )
    assert with_versions(f"x is not installed; {MARK}{line}", facts) == f"x is not installed; {MARK}{wanted}"


def test_what_installs_nothing_stays_as_it_is() -> None:
    assert (
        with_versions("torchvision ended", Facts({"torch.version": known("2.13.0")})) == "torchvision ended"
    )


@pytest.mark.parametrize("workload", catalog.load(), ids=lambda w: w.id)
def test_a_script_run_from_its_own_folder_hides_no_module_that_it_needs(workload: catalog.Workload) -> None:
    assert Path(workload.path).stem not in (*workload.needs, "torch", "tensorflow", "jax")


def test_every_component_with_a_package_has_a_row_or_has_ended() -> None:
    if not KNOWLEDGE.is_file():
        pytest.skip("the table of components is not beside this checkout")
    named = {name for c in load_components() for name in (*c.distributions, *c.npm)}
    named |= {row["package"] for row in table("ended").all()} | PLUMBING
    rows = json.loads(KNOWLEDGE.read_text())["rows"]
    pips = {
        row["component"]: row["pip"].replace("(", " ").replace("/ ", " ").replace(",", " ") for row in rows
    }
    missing = [name for name, pip in pips.items() if not named & set(pip.split())]
    assert missing in ([], ["PyTorch Mobile"])  # the latter has no package: it has a row by its name
