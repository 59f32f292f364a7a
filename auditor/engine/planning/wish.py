"""What the user wants of a plan beside a framework: fixed versions, and packages that must come along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.rows import rows
from auditor.engine.versions import NoVersion, release
from auditor.model.specifiers import normal

# distribution -> the framework whose plan a pin on it fixes
FRAMEWORK_OF = {
    "torch": "pytorch",
    "pytorch": "pytorch",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-tpu": "tensorflow",
    "jax": "jax",
}


_SHOWN = 12  # releases that an error names


class Pin(msgspec.Struct, frozen=True):
    """A fixed choice: `version` may be a release ("2.13") or a patch of it, `build` may be empty."""

    name: str
    version: str
    build: str = ""

    @property
    def words(self) -> str:
        """Return "torch 2.13.0 cu126"."""
        return " ".join(part for part in (self.name, self.version, self.build) if part)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """`companions` are distributions by name; `requirements` any others, as pip takes them.

    `decided` are requirements in the versions that an index's metadata gave, with what it said.
    """

    pins: tuple[Pin, ...] = ()
    companions: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    decided: tuple[tuple[str, str], ...] = ()

    @property
    def framework(self) -> str:
        """Return the framework that pins and requirements are about, "both" of two, empty where they tell none."""
        from auditor.engine.planning.together import belongs_to

        names = [pin.name for pin in self.pins] + [canonical(text) for text in self.requirements]
        paired = {row["package"]: "pytorch" for row in rows("companions", "newest")}
        found = {FRAMEWORK_OF.get(name) or paired.get(name) for name in names} - {None}
        for only in (belongs_to(name) for name in names if name not in paired):
            found |= only if len(only) == 1 else set()
        return "both" if {"pytorch", "tensorflow"} <= found else next(iter(sorted(map(str, found))), "")


NOTHING = Wish()


def wished(pins: Sequence[Pin], requirements: Sequence[str]) -> Wish:
    """Return a wish; a requirement of `tensorflow-cpu` is one of TensorFlow's builds, not a package beside it."""
    named = [text for text in requirements if canonical(text) == "tensorflow-cpu"]
    fixed = [Pin("tensorflow-cpu", "", "cpu")] if named else []
    texts = (
        text.replace("tensorflow-cpu", "tensorflow", 1) if text in named else text for text in requirements
    )
    return Wish(pins=(*pins, *fixed), requirements=tuple(dict.fromkeys(texts)))


def frameworks_of(distribution: str) -> frozenset[str]:
    """Return the frameworks that a distribution is, is paired with or requires; none where nothing is known."""
    from auditor.engine.planning.together import belongs_to

    if distribution in FRAMEWORK_OF:
        return frozenset((FRAMEWORK_OF[distribution],))
    if any(row["package"] == distribution for row in rows("companions", "newest")):
        return frozenset(("pytorch",))
    return belongs_to(distribution)


def check_framework(wish: Wish, framework: str) -> None:
    """Refuse a wish for what the plan's framework does not install.

    Raises:
        WishError: a pin or requirement is another framework's.

    """
    names = {"pytorch", "tensorflow"} if framework == "both" else {framework}
    asked = [(f"--pin {pin.words}", pin.name) for pin in wish.pins]
    asked += [(f"--with {text}", canonical(text)) for text in wish.requirements]
    for words, name in asked:
        of = frameworks_of(name)
        if framework and of and not of & names:
            both = of | names <= {"pytorch", "tensorflow"}
            hint = "--framework both plans the two" if both else "plan each by itself"
            msg = f"{words} belongs to {' or '.join(sorted(of))}, and the plan is for {framework}: {hint}"
            raise WishError(msg)


class WishError(ValueError):
    """A pin that cannot be read or names what there is not; says the nearest."""


def parse_pin(text: str) -> Pin:
    """Return the pin of "torch=2.13.0", "torch==2.13.0+cu126" or "torch=cu126".

    Raises:
        WishError: no version, or a package whose choice cannot be fixed.

    """
    from auditor.knowledge.words import nearest

    name, sign, value = text.replace("==", "=").partition("=")
    name, value = name.strip().lower().replace("_", "-"), value.strip().lower()
    if not sign or not value:
        msg = f"--pin {text}: expected NAME=VERSION, such as torch=2.13.0"
        raise WishError(msg)
    if name not in FRAMEWORK_OF:
        near = nearest(name, FRAMEWORK_OF)
        hint = f"; did you mean {near!r}?" if near else f"; it can be {', '.join(FRAMEWORK_OF)}"
        msg = f"--pin {text}: the choice of {name!r} cannot be fixed{hint} (--with takes any requirement)"
        raise WishError(msg)
    version, _, build = value.partition("+")
    if not version[:1].isdigit():
        version, build = "", version
    if version and not version.replace(".", "").isdigit():
        msg = f"--pin {text}: {version!r} is no version of a release, such as 2.13.0"
        raise WishError(msg)
    return Pin("torch" if name == "pytorch" else name, version, build)


def parse_requirement(text: str) -> str:
    """Return a requirement as pip takes it.

    Raises:
        WishError: it is none.

    """
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return str(Requirement(text))
    except InvalidRequirement as error:
        msg = (
            f"--with {text}: expected a requirement such as 'torchvision>=0.25': {str(error).splitlines()[0]}"
        )
        raise WishError(msg) from error


def pinned(candidates: Iterable[Candidate], framework: str, wish: Wish) -> list[Candidate]:
    """Return the candidates that the pins on the framework leave; a patch release takes its minor's place.

    Raises:
        WishError: no published build is what a pin names.

    """
    every = left = list(candidates)
    for pin in wish.pins:
        if FRAMEWORK_OF[pin.name] == framework:
            kept = [found for candidate in left for found in matching(candidate, pin)]
            if not kept:
                raise WishError(_none_such(pin, every) if _is_none(pin, every) else _clash(wish.pins))
            left = kept
    return left


def _is_none(pin: Pin, candidates: Iterable[Candidate]) -> bool:
    return not any(True for candidate in candidates for _ in matching(candidate, pin))


def _clash(pins: Sequence[Pin]) -> str:
    asked = " and ".join(f"--pin {pin.words}" for pin in pins)
    return f"{asked} contradict each other: no one build is all of them"


def canonical(requirement: str) -> str:
    """Return the name in a requirement as PyPI compares it."""
    from packaging.requirements import Requirement

    return normal(Requirement(requirement).name)


def matching(candidate: Candidate, pin: Pin) -> Iterator[Candidate]:
    """Yield a build where it is what a pin names, as the patch release that the pin asks for."""
    if pin.build and not _is_build(candidate, pin.build):
        return
    if pin.name == "tensorflow-cpu" and candidate.build != "cpu":
        return
    if not pin.version:
        yield candidate
        return
    wanted, own = release(pin.version), release(candidate.version)
    if wanted == own[: len(wanted)]:
        yield candidate
    elif len(wanted) > 2 and wanted[:2] == own[:2] and wanted < own:
        carried = f"{pin.version} is taken to be built like {candidate.version}, the newest of its line"
        yield msgspec.structs.replace(candidate, version=pin.version, carried=candidate.carried or carried)


def _is_build(candidate: Candidate, build: str) -> bool:
    """Whether a build is what a pin names: "cu126", "cuda", or "cu12" for any of a CUDA major."""
    major = candidate.family == "cuda" and f"cu{candidate.cuda.partition('.')[0]}"
    return build in (candidate.build, candidate.family, major)


def _none_such(pin: Pin, candidates: Sequence[Candidate]) -> str:
    versions = list(dict.fromkeys(candidate.version for candidate in candidates))
    try:
        near = [
            version for version in versions if release(version)[:2] == release(pin.version or "0")[:2]
        ] or versions
    except NoVersion:
        near = versions
    builds = dict.fromkeys(candidate.build for candidate in candidates if candidate.version in near)
    about = f"; of {near[0]} there are {', '.join(builds)}" if near and pin.version in ("", *near) else ""
    return (
        f"--pin: no build called {pin.words} is in the tables (releases {', '.join(versions[:_SHOWN])}"
        f"{' and older' if len(versions) > _SHOWN else ''}){about}{_before(pin, versions)}"
    )


def _before(pin: Pin, versions: Sequence[str]) -> str:
    """Say that a release is older than all that a plan chooses from, and what the tables know of it all the same."""
    oldest = min(versions, key=release, default="")
    try:
        if not oldest or not pin.version or release(pin.version) >= release(oldest):
            return ""
    except NoVersion:
        return ""
    said = f"; a plan begins with {oldest}, and {pin.version} is older"
    line = ".".join(pin.version.split(".")[:2])
    built = next((row for row in rows("tensorflow_releases", "older") if row["tensorflow"] == line), None)
    if pin.name != "tensorflow" or built is None:
        return said
    python = next(
        (row for row in rows("tensorflow_releases", "older_python") if row["tensorflow"] == line), None
    )
    on = f", for Python {python['python_min']} to {python['python_max']}" if python else ""
    return f"{said} (it was built for CUDA {built['cuda']} and cuDNN {built['cudnn']}{on})"
