"""What PyPI tells of a package's releases, asked through pip: which files exist, what each release requires.

Every answer goes into a recording (a JSON file), written after each, so that a run that was ended goes on where it
stood; the tables are derived from the recording alone. How pip sees the index (its own Python, the tags that it takes)
plays no part: the list of files is read whole, and tags are compared here.
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

PYTHONS = tuple(f"3.{minor}" for minor in range(5, 16))
LIMIT_S, TRIES = 120, 3
# a line of pip's log that names a file, taken or not; what lies on this machine has no https
_FILE = re.compile(
    r"(yanked for reason)?.*?https://\S+?/([^/\s]+\.whl) \(from .*?\)(?: \(requires-python:(.*?)\))?(?:$|,)"
)

Ask = Callable[[list[str]], str]


class PyPIError(RuntimeError):
    """PyPI could not be asked, or said what is not understood; the text says what and of which package."""


class Release(NamedTuple):
    """What the metadata of one release says."""

    requires: tuple[Requirement, ...]
    python: str
    extras: tuple[str, ...]

    def specifier(self, name: str) -> str | None:
        """Return what the release asks of a package (without an extra); None where it asks for nothing."""
        for requirement in self.requires:
            if requirement.name.lower() == name and "extra" not in str(requirement.marker):
                return str(requirement.specifier)
        return None

    def pin(self, name: str) -> str | None:
        """Return the one version of a package that the release takes, or None."""
        found = re.fullmatch(r"==(\d[\w.]*)", self.specifier(name) or "")
        return found[1] if found else None


class Wheel(NamedTuple):
    """A wheel on the index: its file, its version, its tags, the Pythons that it asks for ("": all)."""

    file: str
    version: Version
    tags: frozenset[Tag]
    python: str

    def serves(self, python: str, *, free_threaded: bool = False) -> bool:
        """Whether it installs under a CPython on Linux x86-64, of whatever C library."""
        try:
            if self.python and Version(python) not in SpecifierSet(_minors(self.python)):
                return False
        except InvalidSpecifier:
            return False
        return any(on_linux(tag) and _takes(tag, python, free_threaded=free_threaded) for tag in self.tags)


def _minors(specifier: str) -> str:
    """Return a Requires-Python such that "3.11" stands for its newest patch: ">=3.9.1" and "!=3.9.7" leave 3.9 in."""
    parts = [part.strip() for part in specifier.split(",") if part.strip()]
    kept = [part for part in parts if not (part.startswith("!=") and not part.endswith("*"))]
    return ",".join(re.sub(r"^(>=?\s*\d+\.\d+)\.[\d.*]+$", r"\1", part) for part in kept)


def on_linux(tag: Tag) -> bool:
    """Whether a tag is for Linux on x86-64, or for every platform."""
    return tag.platform == "any" or ("linux" in tag.platform and tag.platform.endswith("x86_64"))


def _takes(tag: Tag, python: str, *, free_threaded: bool) -> bool:
    own = f"cp{python.replace('.', '')}"
    if free_threaded:
        return tag.abi == f"{own}t"
    if tag.interpreter == own:
        return tag.abi in (own, f"{own}m", f"{own}mu", "abi3", "none")
    if tag.abi == "abi3" and (found := re.fullmatch(r"cp3(\d+)", tag.interpreter)):
        return int(found[1]) <= int(python.split(".")[1])
    return tag.abi == "none" and tag.interpreter in ("py3", "py2.py3", f"py{python.replace('.', '')}")


class Index:
    """What is known of PyPI: from a recording, and, where it may ask, from pip."""

    def __init__(self, recording: Path, *, ask: Ask | None = None) -> None:
        """Read the recording where there is one; `ask` runs pip with arguments, None: nothing is asked."""
        self.recording, self.ask = recording, ask
        self.told: dict[str, Any] = {}
        if recording.is_file():
            try:
                self.told = json.loads(recording.read_text(encoding="utf-8"))
            except ValueError as error:
                raise PyPIError(f"{recording}: not a recording: {error}") from error
            if not isinstance(self.told, dict):
                raise PyPIError(
                    f"{recording}: not a recording: an object with questions and answers is wanted"
                )
        self._wheels: dict[str, tuple[Wheel, ...]] = {}

    def wheels(self, package: str) -> tuple[Wheel, ...]:
        """Return the wheels that were not withdrawn, of final releases."""
        if package not in self._wheels:
            rows = self._answer(f"files {package}", lambda: list(self._files(package)))
            self._wheels[package] = tuple(_wheels(rows))
        return self._wheels[package]

    def versions(self, package: str, python: str, *, free_threaded: bool = False) -> tuple[str, ...]:
        """Return the releases that have a wheel for a Python on Linux x86-64, newest first."""
        fit = {w.version for w in self.wheels(package) if w.serves(python, free_threaded=free_threaded)}
        return tuple(str(version) for version in sorted(fit, reverse=True))

    def every_version(self, package: str) -> tuple[str, ...]:
        """Return the releases for any Python, newest first."""
        found = {Version(v) for python in PYTHONS for v in self.versions(package, python)}
        return tuple(str(version) for version in sorted(found, reverse=True))

    def pythons(self, package: str, version: str) -> list[str]:
        """Return the Pythons for which a release has a wheel, oldest first."""
        return [python for python in PYTHONS if version in self.versions(package, python)]

    def newest_by_minor(self, package: str) -> dict[str, str]:
        """Return the newest release of each minor one, newest first."""
        found: dict[str, str] = {}
        for version in self.every_version(package):
            found.setdefault(".".join(version.split(".")[:2]), version)
        return found

    def release(self, package: str, version: str) -> Release:
        """Return what the metadata of a release says, as the newest Python that has a wheel of it gets it."""
        told = self._answer(f"release {package} {version}", lambda: self._metadata(package, version))
        requires = tuple(Requirement(line) for line in told["requires_dist"])
        return Release(requires, told["requires_python"], tuple(told["extras"]))

    def _answer(self, key: str, asked: Callable[[], Any]) -> Any:
        """Return what is recorded, else what is asked for and recorded at once."""
        if key not in self.told:
            if self.ask is None:
                raise PyPIError(f"{self.recording}: nothing recorded of: {key}")
            self.told[key] = asked()
            beside = self.recording.with_suffix(".part")
            beside.write_text(json.dumps(self.told, indent=0, sort_keys=True), encoding="utf-8")
            beside.replace(self.recording)
        return self.told[key]

    def _files(self, package: str) -> Iterator[list[str]]:
        """Yield [file, Requires-Python] of each wheel, from what pip logs of the links that it weighs."""
        assert self.ask is not None
        seen: set[str] = set()
        for line in self.ask(["index", "versions", package, "--only-binary=:all:", "-vvv"]).splitlines():
            if (found := _FILE.search(line)) and not found[1] and found[2] not in seen:
                seen.add(found[2])
                yield [found[2], found[3] or ""]
        if not seen:
            raise PyPIError(f"PyPI lists no wheel of {package}")

    def _metadata(self, package: str, version: str) -> dict[str, Any]:
        assert self.ask is not None
        python = self.pythons(package, version)[-1]
        fitting = [w for w in self.wheels(package) if w.version == Version(version) and w.serves(python)]
        tags = sorted({tag.platform for tag in fitting[0].tags} - {"any"})
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = ["--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--use-feature=fast-deps"]
            options += [
                "--only-binary=:all:",
                "--implementation=cp",
                "--python-version",
                python,
                "--target",
                folder,
            ]
            options += [f"--platform={tag}" for tag in tags or ["manylinux2014_x86_64"]]
            self.ask(["install", *options, "--report", str(report), f"{package}=={version}"])
            metadata = json.loads(report.read_text(encoding="utf-8"))["install"][0]["metadata"]
        return {
            "requires_dist": list(metadata.get("requires_dist") or ()),
            "requires_python": metadata.get("requires_python") or "",
            "extras": list(metadata.get("provides_extra") or ()),
        }


def _wheels(rows: list[list[str]]) -> Iterator[Wheel]:
    for file, python in rows:
        try:
            _, version, _, tags = parse_wheel_filename(file)
        except InvalidWheelFilename:
            continue  # a name of the time before the standard
        # a local part is a build that lies on this machine, not on PyPI
        if not version.is_prerelease and not version.local:
            yield Wheel(file, version, tags, python)


def through_pip() -> Ask:
    """Return a pip of its own, of today (older ones download a whole wheel to read its metadata), made when asked."""
    return _Pip().ask


class _Pip:
    @cached_property
    def command(self) -> list[str]:
        folder = tempfile.mkdtemp(prefix="pip-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        command = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*command, "install", "-q", "-U", "pip"], check=True, timeout=LIMIT_S)
        return command

    def ask(self, arguments: list[str]) -> str:
        """Run pip; tried three times, two minutes each, then an error with pip's last words."""
        words = ""
        for _ in range(TRIES):
            try:
                done = subprocess.run(
                    [*self.command, *arguments], capture_output=True, text=True, check=False, timeout=LIMIT_S
                )
            except subprocess.TimeoutExpired:
                words = f"no answer within {LIMIT_S} s"
                continue
            if done.returncode == 0:
                return done.stdout + done.stderr
            words = done.stderr.strip()[-300:]
            if "No matching distribution" in words:
                break  # PyPI has answered; asked again it says the same
        raise PyPIError(f"pip {arguments[0]} {arguments[-1]}: {words}")
