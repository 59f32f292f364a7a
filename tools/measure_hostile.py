"""Throws hostile input at the installed command and prints the table of docs/diagnose.md: answer, seconds, memory.

usage: python tools/measure_hostile.py [--fwaudit COMMAND] [NAME ...]

Files of gigabytes are sparse or written once into a temporary folder and removed. An answer is the exit code 0 or 2
within a minute and 768 MiB; anything else ends the script with 1. Never run by CI (tests/property/test_hostile_input.py
holds what has no end).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

LIMIT_S, MEMORY = 60, 768 << 20
LINE = "2026-11-20 10:00:00 INFO step %d: RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\n"
BOMB = '<?xml version="1.0"?>\n<!DOCTYPE nvidia_smi_log [<!ENTITY a0 "NVIDIA ">%s]>\n<nvidia_smi_log>\n<gpu id="00000000:01:00.0">\n<product_name>&a%d;</product_name>\n</gpu>\n</nvidia_smi_log>\n'


class Case(NamedTuple):
    """One input: what it is called, and what makes a file of it; a shell's command where it is a pipe."""

    name: str
    make: Callable[[Path], None] | None = None
    pipe: str = ""


def _text(text: str) -> Callable[[Path], None]:
    return lambda path: _keep(path, text)


def _keep(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _repeated(piece: bytes, count: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as out:
            for _ in range(count):
                out.write(piece)

    return make


def _log(path: Path) -> None:
    """Write 3 GB of log lines."""
    block = "".join(LINE % step for step in range(10_000)).encode()
    with path.open("wb") as out:
        while out.tell() < 3_000_000_000:
            out.write(block)


def _sparse(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(3_000_000_000)


def _random(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(50_000_000))


def _bomb(path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    _keep(path, BOMB % (entities, 11))


def _quadratic(path: Path) -> None:
    """Write one entity of a megabyte that is named ten thousand times."""
    entity = f'<!ENTITY a1 "{"x" * 1_000_000}">'
    _keep(path, (BOMB % (entity, 1)).replace("&a1;", "&a1;" * 10_000))


def _closed(depth: int) -> str:
    opened = "".join(f"<a{n}>\n" for n in range(depth))
    closed = "".join(f"</a{n}>\n" for n in reversed(range(depth)))
    return f"<nvidia_smi_log>\n<gpu>\n{opened}{closed}</gpu>\n</nvidia_smi_log>\n"


def _newer(path: Path) -> None:
    _keep(path, json.dumps({"schema_version": 9, "tool": "fwaudit", "facts": {}, "findings": []}))


CASES = (
    Case("a log of 3 GB", _log),
    Case("a file of 3 GB of zeros", _sparse),
    Case("/dev/zero", pipe="cat /dev/zero"),
    Case("/dev/urandom", pipe="cat /dev/urandom"),
    Case("a pipe of log lines that never ends", pipe="yes 'RuntimeError: CUDA out of memory'"),
    Case("a pipe of one line that never ends", pipe="yes x | tr -d '\\n'"),
    Case("50 MB of random bytes", _random),
    Case("one line of 300 MB", _repeated(b"RuntimeError: CUDA error: ", 12_000_000)),
    Case("a million lines of two characters", _repeated(b"a\n", 1_000_000)),
    Case("a million different lines", lambda path: _keep(path, "".join(f"k{n}: {n}\n" for n in range(1_000_000)))),
    Case("30 MB of line ends", _repeated(b"\n", 30_000_000)),
    Case("20 MB of invalid UTF-8 with an error in it", _repeated(b"\xff\xfe\xc3( torch: 2.4.0\n", 1_200_000)),
    Case("JSON nested 3,000,000 deep", _text("[" * 3_000_000)),
    Case("a report of ours with a field nested 1,000,000 deep", _text('{"schema_version": 1, "facts": ' + "[" * 1_000_000)),
    Case("a report of schema version 9", _newer),
    Case("XML nested 1,000,000 deep", _text("<nvidia_smi_log>\n" + "<gpu>\n" * 1_000_000)),
    Case("XML nested 3,000 deep and closed again", _text(_closed(3_000))),
    Case("XML nested 200,000 deep on one line", _text("<nvidia_smi_log>" + "<gpu>" * 200_000)),
    Case("an XML entity bomb (10^11 expansions)", _bomb),
    Case("an XML entity of 1 MB named 10,000 times", _quadratic),
    Case("6,400 lines of 2,000 characters that begin like what patterns look for", _text("".join(f"File \"{'a/' * 990}{n}\n" for n in range(6_400)))),
    Case("a bomb of zip, 10 GB unpacked", pipe="head -c 10000000000 /dev/zero | gzip -1 | head -c 20000000"),
)  # fmt: skip


def measured(command: list[str], case: Case, folder: Path) -> tuple[int, str, float, float]:
    """Return (exit code, last words, seconds, peak MB of the command) of one case."""
    path = folder / "input"
    arguments = [*command, "diagnose", str(path) if case.make else "-"]
    if case.make:
        case.make(path)
    source = subprocess.Popen(["bash", "-c", case.pipe], stdout=subprocess.PIPE) if case.pipe else None
    words = folder / "words"
    started = time.monotonic()
    with words.open("wb") as out:
        child = subprocess.Popen(
            arguments,
            stdin=source.stdout if source else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=_bounded,  # noqa: PLW1509 (no threads here)
        )
        code, usage = _waited(child, started)
    took = time.monotonic() - started
    if source:
        source.kill()
        source.wait()
    path.unlink(missing_ok=True)
    lines = words.read_text(errors="replace").strip().splitlines() or [""]
    said = lines[-1] if code == 2 else "a report"
    return code, said[:90], took, usage / 1024


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _waited(child: subprocess.Popen[bytes], started: float) -> tuple[int, float]:
    """Return the exit code and the peak resident KiB; 124 where it took longer than a minute."""
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage.ru_maxrss
        if time.monotonic() - started > LIMIT_S:
            child.kill()
            return 124, os.wait4(child.pid, 0)[2].ru_maxrss
        time.sleep(0.02)


def rows(command: list[str], names: list[str]) -> Iterator[bool]:
    """Print a row for each case; yield whether it was answered."""
    print("| input | answer | s | MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        for case in CASES:
            if names and case.name not in names:
                continue
            code, said, seconds, peak = measured(command, case, Path(folder))
            said = said.replace(folder, "...").replace("|", "\\|")
            print(f"| {case.name} | {said} ({code}) | {seconds:.1f} | {peak:.0f} |", flush=True)
            yield code in (0, 2)


def main() -> int:
    """Measure what is named, or all; 1 where one was not answered."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--fwaudit", default=shutil.which("fwaudit") or "fwaudit")
    given = parser.parse_args()
    if unknown := set(given.names) - {case.name for case in CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; cases: {'; '.join(c.name for c in CASES)}")
    return 0 if all(list(rows([given.fwaudit], given.names))) else 1


if __name__ == "__main__":
    sys.exit(main())
