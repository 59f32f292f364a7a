"""Builds environments that are broken for real, has fwaudit name what is wrong, and does what it prints.

usage: python tools/broken_environments.py [--pythons DIR] [--json FILE] [--table FILE] [NAME ...]

Never run by CI: it installs gigabytes from PyPI with pip, one environment at a time, and deletes each. Rows that begin
with the same command share what it makes. The rows are data, in broken_environments.toml beside this file. For each:
build; `proof` must fail; `fwaudit scan`; the expected cause must be the first finding; its commands run in a shell
exactly as printed; `proof` must succeed; scan again: the cause is gone, and no error or warning stands that did not
stand before. --pythons is a folder with one folder a Python (pyenv's `versions`, say).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROWS = Path(__file__).with_suffix(".toml")
REPOSITORY = Path(__file__).parents[1]
LIMIT_S = 1800


@dataclass
class Row:
    """One environment: how it is built, what is wrong with it, and a command that only works once it is mended."""

    name: str
    cause: str
    python: str
    build: list[str] = field(default_factory=list)
    own_prefix: bool = False
    files: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    assume: list[str] = field(default_factory=list)
    level: str = "quick"
    proof: str = ""
    story: str = ""


@dataclass
class Told:
    """What a scan says: causes of all findings in their order, those above a note, the first one whole."""

    causes: list[str]
    faults: list[str]
    first: dict[str, Any]
    seconds: float


@dataclass
class Result:
    """What became of one row; empty `wrong` means that all of it held."""

    name: str
    python: str
    cause: str
    symptom: str = ""
    before: list[str] = field(default_factory=list)
    message: str = ""
    commands: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Place:
    """A folder with an environment in it, a home, a working directory, and the variables of a user's shell there."""

    def __init__(self, folder: Path, row: Row, pythons: Path) -> None:
        self.row = row
        self.folder = folder / "now"  # the same for all rows: scripts of an environment name its path
        self.prefix = self.folder / "env"
        self.work = self.folder / "work"
        self.home = self.folder / "home"
        shutil.rmtree(self.folder, ignore_errors=True)
        for made in (self.work, self.home):
            made.mkdir(parents=True)
        base = next(iter(sorted(pythons.glob(f"{row.python}*"))), None)
        if base is None:
            raise SystemExit(f"no Python {row.python} under {pythons}")
        self.pythons = base
        kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "LANG", "TMPDIR"))}
        path = f"{self.prefix}/bin:/usr/local/bin:/usr/bin:/bin"
        self.env = {**kept, "HOME": str(self.home), "PATH": path, "PIP_NO_INPUT": "1", "PIP_NO_COMPILE": "1"}
        if not row.own_prefix:
            self.env["VIRTUAL_ENV"] = str(self.prefix)

    def build(self, begun: Path) -> subprocess.CompletedProcess[str]:
        """Make the environment; what the first line leads to is kept in `begun` for the rows that begin alike."""
        first, *more = [self.fill(line) for line in self.row.build]
        if begun.is_dir():
            subprocess.run(["cp", "-al", begun, self.prefix], check=True, timeout=LIMIT_S)
        else:
            self._make_interpreter(self.pythons)
            done = self.shell([first])
            if done.returncode:
                return done
            if begun.parent.is_dir():
                subprocess.run(["cp", "-al", self.prefix, begun], check=True, timeout=LIMIT_S)
        return self.shell(more)

    def _make_interpreter(self, base: Path) -> None:
        """Make a virtual environment, or a Python of its own (which reads the user's folder, as a venv does not)."""
        python = base / "bin" / f"python{self.row.python}"
        if not self.row.own_prefix:
            subprocess.run([python, "-m", "venv", self.prefix], check=True, timeout=LIMIT_S)
            return
        skip = shutil.ignore_patterns("site-packages", "test", "__pycache__", "idlelib", "*.a")
        shutil.copytree(base, self.prefix, symlinks=True, ignore=skip)
        (self.prefix / "lib" / f"python{self.row.python}" / "site-packages").mkdir()
        own = self.prefix / "bin" / f"python{self.row.python}"
        subprocess.run([own, "-m", "ensurepip"], check=True, timeout=LIMIT_S, capture_output=True)

    def shell(self, lines: list[str], *, keep: bool = False) -> subprocess.CompletedProcess[str]:
        """Run lines in one bash; `keep` takes over the variables that they leave, as a shell does."""
        left = self.folder / "variables"
        script = "\n".join(["set -e", *lines, *([f"env -0 > {left}"] if keep else [])])
        done = subprocess.run(
            ["bash", "-c", script],
            env=self.env,
            cwd=self.work,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
        if keep and done.returncode == 0:
            pairs = left.read_text(errors="replace").split("\0")
            self.env = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        return done

    def fill(self, text: str) -> str:
        """Return a text of a row with its places filled in."""
        return text.replace("{prefix}", str(self.prefix)).replace("{folder}", str(self.folder))

    def scan(self, *, assuming: bool) -> Told:
        """Have fwaudit look at this place as it is now."""
        # the script, as people start it: `-m` would import the rows' own files from the working directory
        fwaudit = str(Path(sys.executable).with_name("fwaudit"))
        command = [fwaudit, "scan", "--format", "json", "--level", self.row.level]
        command += ["--python", str(self.prefix / "bin" / f"python{self.row.python}")]
        command += [f"--assume={word}" for word in (self.row.assume if assuming else [])]
        started = time.monotonic()
        done = subprocess.run(
            command, env=self.env, cwd=self.work, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(f"fwaudit left with {done.returncode}: {done.stderr[-400:]}")
        findings = json.loads(done.stdout)["findings"]
        return Told(
            causes=[f"{finding['cause']}" for finding in findings],
            faults=[f"{one['cause']} ({one['subject']})" for one in findings if one["severity"] != "note"],
            first=findings[0] if findings else {},
            seconds=round(time.monotonic() - started, 1),
        )


def carry_out(row: Row, place: Place, begun: Path) -> Result:
    """Build, scan, mend, scan again."""
    result = Result(row.name, row.python, row.cause)
    started = time.monotonic()
    built = place.build(begun)
    result.seconds["build"] = round(time.monotonic() - started, 1)
    if built.returncode:
        result.wrong.append(f"could not be built: {last_line(built.stderr)}")
        return result
    for name, text in row.files.items():
        (place.work / name).write_text(text, encoding="utf-8")
    place.env |= {key: place.fill(value) for key, value in row.env.items()}
    if row.proof:
        _is_broken(place, result)
    before = place.scan(assuming=True)
    result.seconds["scan"] = before.seconds
    result.before = before.causes
    result.message = str(before.first.get("message", "none"))
    if before.first.get("cause") != row.cause:
        result.wrong.append(f"named first: {before.first.get('cause', 'nothing')}")
    elif row.assume:
        result.notes.append("assumed machine: not mended here")
    else:
        _mend(place, before, result)
    return result


def _is_broken(place: Place, result: Result) -> None:
    done = place.shell([place.fill(place.row.proof)])
    result.symptom = last_line(done.stderr)
    if done.returncode == 0:
        result.wrong.append("is not broken: the proof succeeds")


def _mend(place: Place, before: Told, result: Result) -> None:
    """Do what the first finding says, and look whether it holds."""
    remedy = before.first.get("remedy") or {}
    result.commands = list(remedy.get("commands", ()))
    started = time.monotonic()
    done = place.shell(result.commands, keep=True)
    result.seconds["mend"] = round(time.monotonic() - started, 1)
    if not result.commands or done.returncode:
        result.wrong.append(f"the printed commands fail: {last_line(done.stderr) or 'there are none'}")
        return
    if place.row.proof and (proof := place.shell([place.fill(place.row.proof)])).returncode:
        result.wrong.append(f"still broken: {last_line(proof.stderr)}")
    after = place.scan(assuming=False)
    result.after = after.causes
    if place.row.cause in after.causes:
        result.wrong.append(f"{place.row.cause} is still found")
    result.wrong += [f"new: {fault}" for fault in after.faults if fault not in before.faults]
    result.notes += [f"left: {fault}" for fault in after.faults if fault in before.faults]


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("[notice]")]
    return lines[-1].strip()[:200] if lines else ""


def rows(names: list[str]) -> list[Row]:
    """Return the rows that are asked for, all by default; an unknown name ends the run."""
    every = [Row(**row) for row in tomllib.loads(ROWS.read_text(encoding="utf-8"))["environments"]]
    unknown = set(names) - {row.name for row in every}
    if unknown:
        raise SystemExit(
            f"no such row: {', '.join(sorted(unknown))}; rows: {', '.join(r.name for r in every)}"
        )
    return [row for row in every if not names or row.name in names]


def one(row: Row, folder: Path, pythons: Path, begun: Path) -> Result:
    """Carry one row out; whatever goes wrong is its result."""
    try:
        return carry_out(row, Place(folder, row, pythons), begun)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return Result(row.name, row.python, row.cause, wrong=[f"{type(error).__name__}: {error}"[:400]])


def table(results: list[Result]) -> str:
    """Return the results as the table of the docs page."""
    head = "| environment | Python | without the fix | named first | the printed fix | mended | build, scan, mend (s) |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for result in results:
        seconds = ", ".join(
            f"{result.seconds[key]:.0f}" for key in ("build", "scan", "mend") if key in result.seconds
        )
        commands = "<br>".join(f"`{plain(line)}`" for line in result.commands)
        verdict = "; ".join(result.wrong) or "; ".join(["yes" if result.commands else "-", *result.notes])
        cells = (
            result.name,
            result.python,
            plain(result.symptom)[:110],
            result.before[0] if result.before else "-",
        )
        lines.append("| " + " | ".join((*cells, commands, plain(verdict), seconds)) + " |")
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Return a text for a cell, without the temporary folder's name."""
    short = re.sub(r"(?:\S*/broken-\w+/now/env|\$VIRTUAL_ENV)/bin/", "", text)
    return re.sub(r"\S*/broken-\w+/now/", ".../", short).replace("|", "\\|")


def main() -> int:
    """Run the rows that are named, or all; 1 where one did not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--pythons", type=Path, default=Path.home() / ".pyenv" / "versions")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path)
    given = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="broken-", ignore_cleanup_errors=True) as folder:
        run(rows(given.names), Path(folder), given, results)
    held = sum(not result.wrong for result in results)
    print(f"{held} of {len(results)} held", file=sys.stderr)
    return 0 if held == len(results) else 1


def start_of(row: Row) -> tuple[str, str, bool]:
    """Return what rows must have in common to share what their first command makes."""
    return row.build[0], row.python, row.own_prefix


def run(wanted: list[Row], folder: Path, given: argparse.Namespace, results: list[Result]) -> None:
    """Carry rows out, those that begin alike one after another, and write what is known after each."""
    starts = Counter(map(start_of, wanted))
    for row in sorted(wanted, key=start_of):
        begun = folder / ("begun" if starts[start_of(row)] > 1 else "alone") / str(hash(start_of(row)))
        (folder / "begun").mkdir(exist_ok=True)
        result = one(row, folder, given.pythons, begun)
        results.append(result)
        print(json.dumps(asdict(result), indent=1), flush=True)
        if given.json:
            given.json.write_text(json.dumps([asdict(one) for one in results], indent=1), encoding="utf-8")
        if given.table:
            given.table.write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
