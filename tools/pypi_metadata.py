"""What PyPI tells of a package's releases, asked through pip: which exist for a Python, what each requires."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
import tempfile
import venv
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.version import Version

# every tag that a Linux wheel of these packages has borne; one that is left out hides releases
TAGS = (
    "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_24_x86_64",
    "manylinux_2_27_x86_64", "manylinux_2_28_x86_64", "manylinux_2_31_x86_64", "manylinux_2_34_x86_64", "linux_x86_64",
)  # fmt: skip
PYTHONS = tuple(f"3.{minor}" for minor in range(7, 16))
LIMIT_S = 180


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


@cache
def pip() -> list[str]:
    """Return a pip of its own, of today: older ones download a whole wheel to read its metadata."""
    folder = tempfile.mkdtemp(prefix="pip-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*command, "install", "-q", "-U", "pip"], check=True, timeout=LIMIT_S)
    return command


def _for(python: str, abi: str = "") -> list[str]:
    options = [f"--platform={tag}" for tag in TAGS]
    options += ["--python-version", python, "--only-binary=:all:", "--implementation=cp"]
    return [*options, f"--abi={abi}"] if abi else options


@cache
def versions(package: str, python: str, abi: str = "") -> tuple[str, ...]:
    """Return the releases that have a wheel for a Python on Linux x86-64, newest first, without pre-releases."""
    done = subprocess.run(
        [*pip(), "index", "versions", package, *_for(python, abi)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    if done.returncode and "No matching distribution" not in done.stderr:
        raise SystemExit(f"pip cannot ask PyPI for {package}: {done.stderr.strip()[-300:]}")
    found = re.search(r"Available versions: (.*)", done.stdout)
    every = found[1].split(", ") if found else []
    # a local part is a build that lies on this machine, not on PyPI
    return tuple(one for one in every if "+" not in one and not Version(one).is_prerelease)


@cache
def every_version(package: str) -> tuple[str, ...]:
    """Return the releases for any Python, newest first."""
    found = {version for python in PYTHONS for version in versions(package, python)}
    return tuple(sorted(found, key=Version, reverse=True))


def pythons(package: str, version: str) -> list[str]:
    """Return the Pythons for which a release has a wheel, oldest first."""
    return [python for python in PYTHONS if version in versions(package, python)]


def newest_by_minor(package: str) -> dict[str, str]:
    """Return the newest release of each minor one, newest first."""
    found: dict[str, str] = {}
    for version in every_version(package):
        found.setdefault(".".join(version.split(".")[:2]), version)
    return found


@cache
def release(package: str, version: str) -> Release:
    """Return what the metadata of a release says, as the newest Python that has a wheel of it gets it."""
    for python in reversed(pythons(package, version)):
        if metadata := _metadata(package, version, python):
            requires = tuple(Requirement(line) for line in metadata.get("requires_dist") or ())
            return Release(
                requires, metadata.get("requires_python") or "", tuple(metadata.get("provides_extra") or ())
            )
    return Release((), "", ())


def _metadata(package: str, version: str, python: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *pip(),
            "install",
            "--dry-run",
            "--no-deps",
            "--ignore-installed",
            "--quiet",
            "--use-feature=fast-deps",  # the metadata alone, by a range request
            "--target",
            folder,
        ]
        subprocess.run(
            [*command, *_for(python), "--report", str(report), f"{package}=={version}"],
            capture_output=True,
            check=False,
            timeout=LIMIT_S,
        )
        if not report.is_file():
            return {}
        metadata: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["install"][0]["metadata"]
        return metadata
