"""What the rules talk about: the NVIDIA GPUs, the frameworks' builds, the installed distributions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditor.engine.look import Look, Undecided
from auditor.model.specifiers import normal

_JETSON = re.compile(r"jetson|tegra|orin|xavier|agx thor", re.IGNORECASE)
# what people tell beside a list of packages that is cut
_TOLD_APART = {"torch.version": "torch", "jax.version": "jax", "jax.jaxlib_version": "jaxlib"}


class Build(NamedTuple):
    """A framework's build for CUDA: its name, version, CUDA release, and the facts' prefix."""

    framework: str
    version: str
    cuda: str
    prefix: str


def distributions(look: Look) -> dict[str, str]:
    """Return normalised name to version of what is installed; of duplicates the first on the path.

    Where the list is known to be partial, frameworks that were told apart from it count too.

    Raises:
        Undecided: what is installed is unknown.

    """
    found: dict[str, str] = {}
    for row in look.value("python.distributions") or []:
        found.setdefault(normal(row["name"]), str(row["version"]))
    if look.maybe("python.distributions_partial"):
        told = dict(_TOLD_APART)
        if not any(name.startswith(("tensorflow", "tf-nightly", "intel-tensorflow")) for name in found):
            told["tensorflow.version"] = "tensorflow"
        for key, name in told.items():
            if name not in found and (version := look.maybe(key)):
                found[name] = str(version)
    return found


def is_from_conda(look: Look, name: str) -> bool:
    """Return whether a list shows a package as conda's: its builds are not those of the wheels."""
    rows = look.maybe("python.distributions") or []
    return any(row.get("installer") == "conda" for row in rows if str(row.get("name")).lower() == name)


def framework_of(package: str) -> str:
    """Return the slug by which findings speak of a package: a framework's where it is one's heart."""
    return {"torch": "pytorch", "jaxlib": "jax", "tensorflow-cpu": "tensorflow"}.get(package, package)


def has_vendor(look: Look, vendor: str) -> bool:
    """Return whether an accelerator of `vendor` is here.

    Raises:
        Undecided: that is unknown.

    """
    fact = look.fact("accelerators.vendors")
    if fact.state == "unknown":
        seen = vendor in {look.maybe(f"gpu[{i}].vendor") for i in look.facts.instances("gpu")}
        if not seen:
            raise Undecided(f"accelerators.vendors: {fact.reason}")
        return True
    return vendor in (fact.value or [])


def lacks_vendor(look: Look, *vendors: str) -> bool:
    """Return whether it is known that no accelerator of any of `vendors` is here."""
    fact = look.fact("accelerators.vendors")
    gpus = {look.maybe(f"gpu[{i}].vendor") for i in look.facts.instances("gpu")}
    return fact.state != "unknown" and not {*(fact.value or ()), *gpus}.intersection(vendors)


def nvidia_gpus(look: Look) -> list[int]:
    """Return the indices of the NVIDIA GPUs that the facts describe."""
    return [index for index in look.facts.instances("gpu") if _is_nvidia(look, index)]


def _is_nvidia(look: Look, index: int) -> bool:
    vendor = look.maybe(f"gpu[{index}].vendor")
    return vendor == "nvidia" or (vendor is None and look.facts[f"gpu[{index}].compute_capability"].is_known)


def is_jetson(look: Look) -> bool:
    """Return whether this is a Jetson, whose driver and wheels follow its own rules."""
    product, kernel = look.maybe("system.product", ""), look.maybe("os.kernel", "")
    return bool(_JETSON.search(str(product))) or "tegra" in str(kernel)


def cuda_builds(look: Look) -> list[Build]:
    """Return the installed frameworks that are built for CUDA.

    Raises:
        Undecided: nothing is known to be built for CUDA, and something is unknown.

    """
    found, because = [], []
    for prefix, framework in (("torch", "pytorch"), ("tensorflow", "tensorflow")):
        version, cuda = look.fact(f"{prefix}.version"), look.fact(f"{prefix}.cuda_build")
        if version.state == "absent" or cuda.state == "absent":
            continue
        if version.is_known and cuda.is_known:
            found.append(Build(framework, str(version.value), str(cuda.value), prefix))
        else:
            missing = f"{prefix}.version" if version.state == "unknown" else f"{prefix}.cuda_build"
            because.append(f"{missing}: {look.facts[missing].reason}")
    found += [*jax_builds(look), *paddle_builds(look)]
    if not found and because:
        raise Undecided(*because)
    return found


def jax_builds(look: Look) -> Iterator[Build]:
    """Yield JAX's CUDA plugins: they name the CUDA major alone."""
    for plugin in look.maybe("jax.plugins") or []:
        if found := re.fullmatch(r"jax-cuda(\d+)-plugin", normal(plugin["name"])):
            yield Build("jax", str(plugin["version"]), found[1], "jax")


# CUDA of the wheels on PyPI, which bear no ".post" (PaddlePaddle's release notes, 2026-11-22)
_PADDLE_DEFAULT = (((2, 0), (2, 4), "10.2"), ((1, 5), (1, 8), "10.0"))


def paddle_builds(look: Look) -> Iterator[Build]:
    """Yield PaddlePaddle's build: 2.4.2.post117 is for CUDA 11.7, 1.6.2.post107 for CUDA 10.0 with cuDNN 7."""
    rows = look.maybe("python.distributions") or []
    version = next((str(row["version"]) for row in rows if normal(row["name"]) == "paddlepaddle-gpu"), "")
    if not version:
        return
    numbers = [int(part) for part in re.findall(r"\d+", version)[:2]]
    low = (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)
    post = re.search(r"\.post(\d{2,3})$", version)
    if post and low < (2, 0):
        cuda = f"{post[1][:-1]}.0"  # the last digit is cuDNN's
    elif post and len(post[1]) == 3:
        cuda = f"{post[1][:2]}.{post[1][2]}"
    else:
        cuda = next((cuda for first, last, cuda in _PADDLE_DEFAULT if first <= low <= last and not post), "")
    if cuda:
        yield Build("paddle", version, cuda, "paddle")


def gpu_name(look: Look, index: int) -> str:
    """Return a GPU's name for a sentence."""
    return str(look.maybe(f"gpu[{index}].name") or f"GPU {index}")


def imports(look: Look, framework: str) -> Any:
    """Return how importing a framework fared where it was tried, else None."""
    return look.maybe(f"smoke.{framework}.import")


def wants(look: Look, goal: str) -> bool:
    """Return whether the user asked for a goal: what is a note on a desk may be a fault on a cluster."""
    return goal in {str(word).partition("=")[0].strip() for word in look.maybe("request.goals") or ()}


def does_without_gpu(look: Look) -> bool:
    """Return whether all that is wanted of this machine does without a GPU: what only keeps one idle is no fault then."""
    return "gpu" in (look.facts.value("request.avoids") or ())
