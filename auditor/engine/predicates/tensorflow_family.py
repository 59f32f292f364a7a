"""TensorFlow's own pieces: one flavour, one release, add-ons of the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.lookup import NotInTable, row_for
from auditor.engine.predicates.python_libraries import tensorflow_of
from auditor.engine.subjects import distributions
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import minor, minor_text, parse
from auditor.knowledge.tables import table

Options = Mapping[str, Any]

# each of these installs the same import package `tensorflow`
_FLAVOURS = (
    "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-rocm", "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu",
    "intel-tensorflow",
)  # fmt: skip
_NIGHTLY_PARTS = {
    "keras-nightly": "keras",
    "tb-nightly": "tensorboard",
    "tf-estimator-nightly": "tensorflow-estimator",
}


def tf_mixed_packages(look: Look, _: Options) -> Verdict:
    """Find two flavours of TensorFlow over one another, or nightly parts beside a stable one."""
    installed = distributions(look)
    flavours = [name for name in _FLAVOURS if name in installed]
    if not flavours:
        return not_applicable("TensorFlow is not installed")
    # a release candidate asks for the nightly parts of its time
    stable = not any("nightly" in name or parse(installed[name]).is_prerelease for name in flavours)
    parts = [
        f"{nightly} {installed[nightly]}"
        for nightly, plain in _NIGHTLY_PARTS.items()
        if nightly in installed and (stable or plain in installed) and not _is_asked_for(nightly, installed)
    ]
    estimator = _estimator_of_another(flavours, installed)
    parts += _of_another_release(flavours, installed) + estimator
    if len(flavours) < 2 and not parts:
        return passed()
    versions = {installed[name] for name in flavours}
    names = ", ".join([f"{name} {installed[name]}" for name in flavours] + parts)
    # a foreign estimator breaks the import of some pairs only
    same = len(versions) == 1 and parts == estimator
    return fail(
        names=names,
        removed=" ".join([*flavours, *(part.split()[0] for part in parts)]),
        keep=_keep(look, flavours, installed),
        severity="warning" if same else None,
    )


# what holds the code itself behind the name `tensorflow`: on Windows and Intel Macs, on Graviton, on Apple silicon
_BODIES = ("tensorflow-intel", "tensorflow-cpu-aws", "tensorflow-macos")


def _of_another_release(flavours: list[str], installed: Mapping[str, str]) -> list[str]:
    """Return the packages with TensorFlow's own code whose release is not that of the package that asks for them."""
    if len(flavours) != 1:
        return []
    release = minor(installed[flavours[0]])
    return [
        f"{name} {installed[name]}"
        for name in _BODIES
        if name in installed and minor(installed[name]) != release
    ]


def _estimator_of_another(flavours: list[str], installed: Mapping[str, str]) -> list[str]:
    """Return tensorflow-estimator where its minor is not that of the one stable TensorFlow, which imports it.

    TensorFlow 1.14 to 2.15 require the estimator of their own minor by their metadata on PyPI; 2.6 takes newer ones.
    """
    found = installed.get("tensorflow-estimator")
    if not found or len(flavours) != 1 or "nightly" in flavours[0]:
        return []
    release = minor(installed[flavours[0]])
    if not (1, 14) <= release < (2, 16) or release == (2, 6) or minor(found) == release:
        return []
    return [f"tensorflow-estimator {found}"]


def _is_asked_for(nightly: str, installed: Mapping[str, str]) -> bool:
    """Return whether a stable TensorFlow itself requires the nightly part, as 2.8 does by its metadata on PyPI."""
    version = tensorflow_of(installed)
    return nightly == "tf-estimator-nightly" and bool(version) and minor(version) == (2, 8)


# the extra's wheels are for Linux alone
_NO_CUDA = ("windows", "darwin")


def _keep(look: Look, flavours: list[str], installed: Mapping[str, str]) -> str:
    """Return what to install instead: the CUDA flavour where an NVIDIA GPU is here."""
    if "nvidia" in (look.maybe("accelerators.vendors") or []) and look.maybe("os.platform") not in _NO_CUDA:
        return f"'tensorflow[and-cuda]=={installed[flavours[0]]}'"
    name = "tensorflow-cpu" if "tensorflow-cpu" in flavours else flavours[0]
    return f"'{name}=={installed[name]}'"


def tf_addon_mismatch(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold tensorflow-text (same minor release) and tensorflow-io against TensorFlow."""
    installed = distributions(look)
    tensorflow = tensorflow_of(installed)
    text = installed.get("tensorflow-text")
    if tensorflow and not text and "tensorflow-io" in installed:
        return _io_mismatch(look, tensorflow, installed["tensorflow-io"])
    if not tensorflow or not text:
        return not_applicable("TensorFlow or tensorflow-text is not installed")
    if minor(text) == minor(tensorflow):
        return passed("tensorflow-text")
    wanted = minor_text(tensorflow)
    return fail(
        "tensorflow-text",
        package="tensorflow-text",
        version=text,
        tensorflow=tensorflow,
        wanted=wanted,
        # it requires the distribution `tensorflow` by name, which would come over another flavour
        alone="" if "tensorflow" in installed else "--no-deps ",
        beside="" if "tensorflow" in installed else _imported_too(tensorflow, installed),
    )


def _imported_too(tensorflow: str, installed: Mapping[str, str]) -> str:
    """Return what tensorflow-text before 2.16 imports beside TensorFlow, by its metadata on PyPI.

    From tensorflow-hub 0.16 on that one wants tf-keras, and with it the distribution `tensorflow`.
    """
    needed = minor(tensorflow) < (2, 16) and "tensorflow-hub" not in installed
    return " 'tensorflow-hub<0.16'" if needed else ""


def _io_mismatch(look: Look, tensorflow: str, version: str) -> Verdict:
    """Hold tensorflow-io against the TensorFlow that its release was built for; one that is newer is unknown."""
    source = table("tensorflow_io")
    try:
        built = str(row_for(source, version)["tensorflow"])
    except NotInTable as error:
        return unknown(f"python.distributions: tensorflow-io {error}", subject="tensorflow-io")
    look.cite(source)
    if minor(built) == minor(tensorflow):
        return passed("tensorflow-io")
    fits = sorted(
        (str(row["package"]) for row in source.all() if minor(row["tensorflow"]) == minor(tensorflow)),
        key=minor,
    )
    return fail(
        "tensorflow-io",
        package="tensorflow-io",
        version=version,
        tensorflow=tensorflow,
        wanted=fits[-1] if fits else version,
        alone="",
        beside="",
        variant="io" if fits else "io_none",
        severity="warning",
    )
