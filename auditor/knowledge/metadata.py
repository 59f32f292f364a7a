"""A release's metadata, as an index tells it, brought down to what a plan decides by."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.knowledge.tables import Row
from auditor.model.specifiers import normal

# the requirements that decide between builds; of the others pip finds a release, or says that there is none
NAMES = frozenset(
    {
        "torch", "torchvision", "torchaudio", "torchtext", "torchcodec", "torchao", "triton", "xformers",
        "tensorflow", "tensorflow-cpu", "tensorflow-text", "keras", "tf-keras", "jax", "jaxlib", "flax",
        "numpy", "protobuf", "transformers", "onnx", "ai-edge-litert", "tensorflow-decision-forests",
    }
)  # fmt: skip
_CUDA = re.compile(r"\bcu(1[0-9])\b|-cu(1[0-9])\b")
_SYSTEMS = (("manylinux", "linux"), ("linux", "linux"), ("win", "windows"), ("macosx", "macos"))
_ARCHS = (("x86_64", "x86_64"), ("amd64", "x86_64"), ("aarch64", "aarch64"), ("arm64", "arm64"))


def release_row(
    package: str, version: str, python: str, required: Iterable[str], wheels: Iterable[str]
) -> Row:
    """Return a row {package, version, python, requires, platforms, pythons, cuda} of a release.

    `requires` are the requirements on `NAMES` that hold without an extra; `platforms` as "linux-x86_64", or
    "any", empty where there is a source archive alone; `pythons` where the wheels are for single ones;
    `cuda` the CUDA major that its requirements name, empty where they name none or several.
    """
    plain = [text for text in required if "extra ==" not in text]
    names = list(wheels)
    majors = {one or other for text in plain for one, other in _CUDA.findall(text)}
    return {
        "package": normal(package),
        "version": version,
        "python": python,
        "requires": [text for text in plain if _name(text) in NAMES],
        "platforms": sorted({place for name in names for place in _places(name)}),
        "pythons": _pythons(names),
        "cuda": majors.pop() if len(majors) == 1 else "",
    }


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return normal(found[0]) if found else ""


def _places(wheel: str) -> Iterable[str]:
    tags = wheel.removesuffix(".whl").rsplit("-", 1)[1]
    if tags == "any":
        return ("any",)
    found = []
    for tag in tags.split("."):
        system = next((word for start, word in _SYSTEMS if tag.startswith(start)), "")
        arch = next((word for end, word in _ARCHS if tag.endswith(end)), "")
        if tag.endswith("universal2"):
            found += ["macos-arm64", "macos-x86_64"]
        elif system and arch:
            found.append(f"{system}-{arch}")
    return found


def _pythons(wheels: Iterable[str]) -> list[str]:
    """Return the Pythons as "3.12" where every wheel is for a single one, else nothing."""
    tags = [wheel.removesuffix(".whl").rsplit("-", 3)[1:3] for wheel in wheels]
    single = [re.fullmatch(r"cp3(\d+)", python) for python, abi in tags if abi != "abi3"]
    if not tags or len(single) != len(tags) or None in single:
        return []
    return [f"3.{minor}" for minor in sorted({int(found[1]) for found in single if found})]
