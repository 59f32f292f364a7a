"""Makes rules/tables/install_sizes.toml: what the wheels of a build take of the disk once they are unpacked.

usage: python tools/make_sizes.py     (never run by tests: it asks PyPI, and needs uv on the PATH)

uv says which wheels a build needs; each one's directory of files, read from its end, says how large they are unpacked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version
from pypi import RemoteWheel, files

TABLE = Path(__file__).parents[1] / "rules" / "tables" / "install_sizes.toml"
LINUX, ARM, WINDOWS, MAC = "linux-x86_64", "linux-aarch64", "windows-x86_64", "macos-arm64"
# platform -> what uv calls it, and how its wheels' tags end
PLATFORMS = {
    LINUX: ("x86_64-manylinux_2_35", re.compile(r"(many)?linux.*_x86_64")),
    ARM: ("aarch64-manylinux_2_35", re.compile(r"(many)?linux.*_aarch64")),
    WINDOWS: ("windows", re.compile(r"win_amd64")),
    MAC: ("aarch64-apple-darwin", re.compile(r"macosx.*_(arm64|universal2)")),
}
# package, family, platform, release, what is asked for, Python
BUILDS = (
    *(("torch", "cuda", LINUX, release, f"torch=={release}", "3.12")
      for release in ("2.15.0", "2.14.1", "2.13.0", "2.12.1", "2.11.0", "2.10.0", "2.9.1", "2.8.0", "2.7.1", "2.6.0", "2.5.1", "2.4.1")),
    *(("torch", "cuda", ARM, release, f"torch=={release}", "3.12") for release in ("2.15.0", "2.14.1", "2.11.0")),
    ("torch", "cpu", ARM, "2.10.0", "torch==2.10.0", "3.12"),
    *(("torch", "cpu", WINDOWS, release, f"torch=={release}", "3.12") for release in ("2.15.0", "2.7.1")),
    *(("torch", "mps", MAC, release, f"torch=={release}", "3.12") for release in ("2.15.0", "2.7.1")),
    ("torch", "tpu", LINUX, "2.15.0", "torch==2.15.0 torch-tpu==0.2.0", "3.12"),
    *(("tensorflow", "cuda", LINUX, release, f"tensorflow[and-cuda]=={release}", "3.12")
      for release in ("2.21.0", "2.20.0", "2.19.1", "2.18.1", "2.17.1", "2.16.2")),
    ("tensorflow", "cuda", LINUX, "2.14.1", "tensorflow[and-cuda]==2.14.1", "3.10"),
    *(("tensorflow", "cpu", LINUX, release, f"tensorflow=={release}", "3.12") for release in ("2.21.0", "2.19.1", "2.16.2")),
    ("tensorflow", "cpu", ARM, "2.21.0", "tensorflow==2.21.0", "3.12"),
    ("tensorflow", "cpu", WINDOWS, "2.21.0", "tensorflow==2.21.0", "3.12"),
    ("tensorflow", "cpu", MAC, "2.21.0", "tensorflow==2.21.0", "3.12"),
    *(("jax", "cuda", LINUX, release, f"jax[{plugin}]=={release}", "3.12") for release, plugin in (("0.12.0.1", "cuda13"), ("0.6.2", "cuda12"))),
    ("jax", "cpu", LINUX, "0.12.0.1", "jax==0.12.0.1", "3.12"),
    ("jax", "tpu", LINUX, "0.12.0.1", "jax[tpu]==0.12.0.1", "3.12"),
)  # fmt: skip


def needed(asked: str, python: str, platform: str) -> list[tuple[str, str]]:
    """Return the distributions and versions that a build needs."""
    argv = [
        "uv",
        "pip",
        "compile",
        "-",
        "--no-header",
        "--no-annotate",
        "--no-build",
        "--no-python-downloads",
    ]
    argv += [
        "--python",
        sys.executable,
        "--python-version",
        python,
        "--python-platform",
        PLATFORMS[platform][0],
    ]
    done = subprocess.run(argv, input="\n".join(asked.split()), capture_output=True, text=True, check=False,
                          env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"})  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{asked} {platform}: {done.stderr[-400:]}")
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==(\S+)", done.stdout, re.MULTILINE)


@cache
def unpacked(name: str, version: str, python: str, platform: str) -> int:
    """Return the bytes of a wheel's files."""
    url = next((url for url, file, _ in files(name) if fits(file, version, python, platform)), "")
    if not url:
        raise SystemExit(f"{name} {version}: no wheel for Python {python} on {platform}")
    with zipfile.ZipFile(RemoteWheel(url)) as wheel:
        return sum(info.file_size for info in wheel.infolist())


def fits(file: str, version: str, python: str, platform: str) -> bool:
    """Return whether a file is the wheel for a Python and a platform."""
    try:
        _, this, _, tags = parse_wheel_filename(file)
    except InvalidWheelFilename:
        return False
    return this == Version(version) and any(_runs(tag, python, platform) for tag in tags)


def _runs(tag: Tag, python: str, platform: str) -> bool:
    own = f"cp{python.replace('.', '')}"
    here = tag.platform == "any" or bool(PLATFORMS[platform][1].fullmatch(tag.platform))
    return here and (
        tag.interpreter in (own, "py3", "py2") or (tag.abi == "abi3" and tag.interpreter[:3] == "cp3")
    )


def row(build: tuple[str, str, str, str, str, str]) -> str:
    """Return one build's row."""
    package, family, platform, release, asked, python = build
    total = sum(
        unpacked(name, version, python, platform) for name, version in needed(asked, python, platform)
    )
    print(package, family, platform, release, total >> 20, file=sys.stderr)
    return f'  ["{package}", "{family}", "{platform}", {total >> 20}, "{release}"],'


def main() -> int:
    """Write the set of derived rows; the set that was measured stays."""
    text = TABLE.read_text()
    head = (
        text[: text.index('\n[[sets]]\nname = "unpacked"')]
        if 'name = "unpacked"' in text
        else text.rstrip("\n") + "\n"
    )
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(row, BUILDS))
    made = [
        "", "[[sets]]", 'name = "unpacked"', 'source = "the files in the wheels on PyPI that the build needs, as the wheels list them"',
        f'date = "{datetime.now(UTC).date().isoformat()}"', 'level = "artifact"',
        'columns = ["package", "family", "platform", "mib", "release"]', "rows = [", *rows, "]",
    ]  # fmt: skip
    TABLE.write_text(head + "\n".join(made) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
