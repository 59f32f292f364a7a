"""Each system of the comparison: here or not, and whether it fits what it depends on."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine.components import components
from auditor.knowledge.components import load_components
from auditor.model.fact import Fact, Facts, known, unknown

# the systems that the comparison names
NAMED = (
    "pytorch tensorflow torchscript onnx tensorflow-serving tensorflow-lite tensorflow-js tensorflow-mobile onnx-js "
    "torchvision tensorflow-hub keras-cv torchtext transformers tensorflow-text keras-nlp torchaudio tensorflow-io "
    "lightning fastai keras torch-distributed tf-distribute xla tpu cuda cudnn tf-debugging tensorboard pdb "
    "torch-eager tf-eager tf-graph"
)


def found(
    installed: dict[str, str], unmet: list[dict[str, Any]] | None = None, **facts: Any
) -> dict[str, dict[str, Any]]:
    """Return the rows by slug for what is installed; `facts` use __ for dots."""
    rows = [{"name": name, "version": version} for name, version in installed.items()]
    given: dict[str, Fact] = {key.replace("__", "."): known(value) for key, value in facts.items()}
    given |= {"python.distributions": known(rows), "python.unmet_requirements": known(unmet or [])}
    return {row["slug"]: row for row in components(Facts(given), load_components()).value}


def test_every_named_system_has_a_row_with_its_source() -> None:
    table = load_components()
    slugs = [component.slug for component in table]
    assert set(NAMED.split()) <= set(slugs)
    assert len(slugs) == len(set(slugs))
    assert all(component.source and component.date for component in table)


def test_what_ended_names_a_successor_or_says_why() -> None:
    for component in load_components():
        if component.status in ("ended", "renamed", "deprecated"):
            assert component.successor, component.slug


def test_nothing_installed_is_an_answer() -> None:
    rows = found({})
    assert not any(row["installed"] for row in rows.values())
    assert all(row["fits"] is None for row in rows.values())


def test_unknown_distributions_leave_it_unknown() -> None:
    fact = components(Facts({"python.distributions": unknown("no Python")}), load_components())
    assert fact.state == "unknown"
    assert "no Python" in fact.reason


@pytest.mark.parametrize(
    ("installed", "slug", "fits", "why"),
    [
        ({"torch": "2.13.0", "torchvision": "0.28.0"}, "torchvision", True, "belongs to torch 2.13"),
        ({"torch": "2.13.0", "torchvision": "0.27.1"}, "torchvision", False, "belongs to torch 2.12"),
        ({"torch": "2.13.0", "torchvision": "0.99.0"}, "torchvision", False, "fits torch 2.14 and newer"),
        ({"torchvision": "0.28.0"}, "torchvision", False, "torch is not installed"),
        ({"torch": "2.13.0", "torchtext": "0.18.0"}, "torchtext", False, "belongs to torch 2.3"),
        ({"torch": "2.13.0", "torchaudio": "2.11.0"}, "torchaudio", True, "fits torch"),
        ({"tensorflow-hub": "0.16.1", "setuptools": "84.0"}, "tensorflow-hub", False, "pkg_resources"),
        ({"tensorflow-hub": "0.16.1", "setuptools": "81.0"}, "tensorflow-hub", True, ""),
        ({"tensorboard": "2.20.0", "setuptools": "84.0"}, "tensorboard", False, "pkg_resources"),
        ({"tensorboard": "2.21.0", "setuptools": "84.0"}, "tensorboard", True, ""),
        (
            {"tensorflow": "2.21.0", "tensorflow-io": "0.37.1"},
            "tensorflow-io",
            False,
            "built for TensorFlow 2.16",
        ),
        (
            {"tensorflow": "2.21.0", "tensorflow-text": "2.20.0"},
            "tensorflow-text",
            False,
            "2.21.0 is installed",
        ),
        ({"torch": "2.13.0"}, "torchscript", True, "part of torch"),
        ({"torch": "2.0.1"}, "torch-compile", None, ""),
        ({"torch": "oops", "torchvision": "0.28.0"}, "torchvision", None, "no version"),
    ],
)
def test_fits(installed: dict[str, str], slug: str, fits: bool | None, why: str) -> None:
    row = found(installed)[slug]
    assert row["fits"] is fits
    assert why in row["why"]


def test_builds_that_clash_do_not_fit() -> None:
    rows = [{"name": "torchvision", "version": "0.28.0", "build": "cu130"}]
    facts = {"python.distributions": known(rows), "python.unmet_requirements": known([])}
    facts |= {"torch.version": known("2.13.0+cpu"), "torch.build": known("cpu")}
    row = next(r for r in components(Facts(facts), load_components()).value if r["slug"] == "torchvision")
    assert (row["fits"], row["why"]) == (False, "it is built for cu130, torch for cpu")


def test_a_requirement_that_does_not_hold_decides() -> None:
    unmet = [{"distribution": "fastai", "requirement": "torch<2.13", "installed": "2.13.0"}]
    row = found({"fastai": "2.8.12", "torch": "2.13.0"}, unmet)["fastai"]
    assert (row["fits"], row["why"]) == (False, "it requires torch<2.13, but 2.13.0 is installed")


def test_a_stand_in_counts_as_import_counts_it() -> None:
    unmet = [
        {
            "distribution": "tensorflow-text",
            "requirement": "tensorflow",
            "installed": None,
            "provided_by": "tensorflow-cpu",
        }
    ]
    row = found(
        {"tensorflow-text": "2.21.1", "tensorflow-cpu": "2.21.0"}, unmet, tensorflow__version="2.21.0"
    )["tensorflow-text"]
    assert row["fits"] is True
    assert "stands in" in row["why"]


def test_what_is_no_python_package_is_seen_elsewhere() -> None:
    npm = [{"name": "onnxjs", "kind": "npm", "version": "0.1.8", "path": "/x"}]
    rows = found({}, components__elsewhere=npm, torch__cuda_build="13.0", python__version="3.11.7")
    assert (rows["onnx-js"]["version"], rows["onnx-js"]["successor"]) == ("0.1.8", "onnxruntime-web")
    assert rows["cuda"]["version"] == "13.0"
    assert rows["pdb"]["version"] == "3.11.7"
