"""Has the Dockerfiles and conda files of many plans read by the tools that know them, and prints the table for docs/plan.md.

usage: python tools/lint_forms.py     (never run by tests: hadolint must be on the PATH, py-rattler and dockerfile-parse installed)

Nothing is built and no channel is asked: it tells whether the files are well formed, not whether a channel
or a registry holds what they name. The images are those of rules/tables/python_images.toml.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from importlib import import_module
from itertools import product
from typing import Any

MACHINES = {
    "RTX 4090": ["gpu=RTX 4090", "driver=580.95.05"], "GTX 1080 Ti": ["gpu=GTX 1080 Ti", "driver=580.65.06"],
    "H100": ["gpu=H100", "driver=535.129.03"], "RTX 5090": ["gpu=RTX 5090", "driver=570.124.06"],
    "GB200": ["gpu=GB200", "driver=580.95.05"], "MI300X": ["gpu=MI300X"], "Arc B580": ["gpu=Arc B580"],
    "TPU v5e": ["gpu=TPU v5e"], "no GPU": ["gpu=none"], "Python 3.8": ["gpu=none", "python=3.8"],
    "Python 3.13t": ["gpu=none", "python=3.13t"], "Python 3.15": ["gpu=none", "python=3.15"],
}  # fmt: skip
FRAMEWORKS = ("pytorch", "tensorflow", "jax", "both")
STARTS = {"dockerfile": "FROM ", "conda": "name: "}


def files(form: str) -> list[str]:
    """Return the files of a form that the plans print; two environments are two."""
    found = []
    for assumed, framework in product(MACHINES.values(), FRAMEWORKS):
        words = [word for text in assumed for word in ("--assume", text)]
        argv = [
            sys.executable,
            "-m",
            "auditor",
            "plan",
            "--framework",
            framework,
            *words,
            "--output-as",
            form,
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        parts = re.split(f"(?m)^(?={STARTS[form]})", done.stdout) if done.returncode == 0 else []
        found += [part for part in parts if part.startswith(STARTS[form])]
    return found


def docker(texts: list[str]) -> tuple[set[str], list[str]]:
    """Return the images that Dockerfiles begin from, and what hadolint says from a warning on."""
    parser = import_module("dockerfile_parse").DockerfileParser
    images: set[str] = set()
    said: list[str] = []
    for text in texts:
        argv = ["hadolint", "--no-color", "--failure-threshold", "warning", "-"]
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
        said += done.stdout.splitlines() if done.returncode else []
        images |= set(parser(fileobj=io.BytesIO(text.encode())).parent_images)
    return images, said


def conda(texts: list[str]) -> set[str]:
    """Return the specifications of conda files, each read as a MatchSpec; raises where one is none."""
    rattler = import_module("rattler")
    specs: set[str] = set()
    for text in texts:
        head: Any = text.partition("dependencies:")[2]
        specs |= set(re.findall(r"(?m)^  - ([a-z][^:\n]*)$", head))
    for spec in specs:
        rattler.MatchSpec(spec)
    return specs


def main() -> None:
    """Print both tables."""
    from auditor.engine.planning.rows import rows

    texts = files("dockerfile")
    images, said = docker(texts)
    unknown = images - {row["image"] for row in rows("python_images")}
    print(
        f"{len(texts)} Dockerfiles from {', '.join(sorted(images))}; not in the table: {sorted(unknown) or 'none'}"
    )
    print("\n".join(dict.fromkeys(said)) or "hadolint: no warning")
    texts = files("conda")
    print(f"{len(texts)} conda files with {', '.join(sorted(conda(texts)))}: read as MatchSpecs")


if __name__ == "__main__":
    main()
