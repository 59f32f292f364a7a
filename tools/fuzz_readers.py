"""Coverage-guided fuzzing (atheris) of every reader, of stored reports, and of `diagnose` whole.

usage: python tools/fuzz_readers.py [--seconds N] [--work DIR] [TARGET ...]      (needs `pip install atheris`)

Each target runs in a process of its own for N seconds, from the texts of the tests and of the rules' examples. A
failure is an exception, a fact without its line, an input that takes longer than ten seconds, or more than 1 GiB of
memory; its input is left in DIR. Never run by CI; docs/diagnose.md holds the figures of the last run.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
SLOW_S, RSS_MB, LONGEST = 10, 1024, 16384
MODULES = (
    "nvidia", "nvidia_query", "collect_env", "tensorflow_env", "deepspeed", "loader", "packages", "package_files", "amd", "hardware", "trees", "sections", "fabric", "prompts", "lscpu", "jax_info", "own_text", "statements", "logs",
)  # fmt: skip
TARGETS = (*MODULES, "forms", "prose", "layout", "stored", "redaction", "diagnose")
_FIGURES = re.compile(r"^#(\d+)\s+\w+.*?\bcov: (\d+)", re.MULTILINE)


def reader(name: str) -> Callable[[str], None]:
    """Return the check of one reader: it answers, and tells no fact without a line that exists."""
    module = importlib.import_module(f"auditor.readers.{name}")
    from auditor.knowledge.catalogue import is_known
    from auditor.readers.facts import facts_of
    from auditor.readers.lines import split

    def check(text: str) -> None:
        lines = split(text)
        notes = module.read(lines)
        assert notes.understood <= {line.number for line in lines}
        assert all(fact.evidence or not fact.is_known for fact in notes.facts.values())
        assert all(is_known(key) for key in facts_of(notes))

    return check


def forms() -> Callable[[str], None]:
    """Return the check of issue forms and interpreters: a question and its answer are lines of the text."""
    from auditor.readers.forms import answers, printed
    from auditor.readers.lines import split

    def check(text: str) -> None:
        lines = split(text)
        numbers = {line.number for line in lines}
        for question, answer in (*answers(lines), *printed(lines)):
            assert {question.number, answer.number} <= numbers

    return check


def prose() -> Callable[[str], None]:
    """Return the check of sentences: facts of the catalogue, each with its line."""
    from auditor.knowledge.catalogue import is_known
    from auditor.readers.facts import facts_of
    from auditor.readers.lines import split
    from auditor.readers.notes import Notes
    from auditor.readers.prose import read

    def check(text: str) -> None:
        notes = read(split(text), Notes())
        assert all(fact.evidence or not fact.is_known for fact in notes.facts.values())
        assert all(is_known(key) for key in facts_of(notes))

    return check


def layout() -> Callable[[str], None]:
    """Return the check of what undoes a layout: nothing of a text is invented where lines are joined."""
    from auditor.readers.carried import uncarried
    from auditor.readers.wrapped import rejoined

    def check(text: str) -> None:
        rows = text.splitlines()
        assert len(uncarried(rows)) == len(rows)
        joined = rejoined(range(1, len(rows) + 1), rows)
        assert {number for number, _ in joined} <= set(range(1, len(rows) + 1))
        kept = "".join("".join(part.split()) for _, part in joined)
        assert kept == "".join("".join(row.split()) for row in rows)

    return check


def stored() -> Callable[[str], None]:
    """Return the check of what may be a report of ours: it is read, or refused by name."""
    from auditor.model.stored import StoredError
    from auditor.readers.stored import read

    def check(text: str) -> None:
        with suppress(StoredError):
            read(text)

    return check


def redaction() -> Callable[[str], None]:
    """Return the check of the redactor: what it has cleaned once stays as it is."""
    from auditor.redaction import Identity, Redactor

    def check(text: str) -> None:
        once = Redactor(Identity()).text(text)
        assert isinstance(once, str)

    return check


def whole() -> Callable[[str], None]:
    """Return the check of a diagnosis: a report comes that can be written, and no rule crashed."""
    from auditor.audit import diagnose as whole_of
    from auditor.model.stored import StoredError
    from auditor.render import json as written
    from auditor.render.options import RenderOptions

    # a run of the command reads the rules once; thousands of runs in one process need not
    whole_of._cards = functools.cache(whole_of._cards)

    def check(text: str) -> None:
        with suppress(StoredError):
            report = whole_of.diagnose([text])
            assert all(finding.outcome != "crash" for finding in report.findings)
            assert written.render(report, RenderOptions())

    return check


MAKERS = {
    "forms": forms,
    "prose": prose,
    "layout": layout,
    "stored": stored,
    "redaction": redaction,
    "diagnose": whole,
}


def seeds() -> Iterator[str]:
    """Yield texts to start from: what the tests paste, what the rules' examples say, a report of ours."""
    tests = REPOSITORY / "tests"
    for name in (
        "unit/diagnose/pastes.toml",
        "unit/diagnose/tools.toml",
        "unit/diagnose/bugs.toml",
        "rules/ordinary_bugs.toml",
    ):
        if (tests / name).is_file():
            yield from _texts(tomllib.loads((tests / name).read_text(encoding="utf-8")))
    for card in sorted((REPOSITORY / "rules" / "cards").rglob("*.toml")):
        yield from _texts(tomllib.loads(card.read_text(encoding="utf-8")).get("examples", []))
    yield from _reports()


def _reports() -> Iterator[str]:
    """Yield small reports of ours: a whole one would be longer than what libFuzzer changes well."""
    for example in sorted((REPOSITORY / "reports" / "examples").glob("*.json"))[:2]:
        report = json.loads(example.read_text(encoding="utf-8"))
        for name in ("checks", "criteria", "probes"):
            report[name] = report[name][:2] if isinstance(report[name], list) else {}
        report["facts"] = dict(list(report["facts"].items())[:20])
        yield json.dumps(report)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in ("text", "paste") and isinstance(part, str):
                yield part
            else:
                yield from _texts(part)


def fuzz(target: str, seconds: int, folder: Path) -> None:
    """Fuzz one target in this process; libFuzzer ends the process."""
    import atheris

    # its hook for patterns is left out: it does not know search(text, position)
    atheris.enabled_hooks.add("str")
    with atheris.instrument_imports(include=["auditor"]):
        check = MAKERS[target]() if target in MAKERS else reader(target)

    check("torch: 2.4.0\nRTX 5090")  # reads the rules: no input's own time

    def one(data: bytes) -> None:
        check(data.decode("utf-8", "replace"))

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_S}",
        f"-rss_limit_mb={RSS_MB}",
        f"-max_len={LONGEST}",
    ]
    atheris.Setup(
        [target, *options, f"-artifact_prefix={folder}/{target}-", str(folder / f"corpus-{target}")], one
    )
    atheris.Fuzz()


def run(target: str, seconds: int, folder: Path) -> bool:
    """Fuzz one target in a process of its own and print its figures; return whether nothing failed."""
    corpus = folder / f"corpus-{target}"
    corpus.mkdir(exist_ok=True)
    for number, text in enumerate(seeds()):
        (corpus / f"seed-{number}").write_text(text, encoding="utf-8")
    command = [sys.executable, __file__, "--inner", "--seconds", str(seconds), "--work", str(folder), target]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    figures = _FIGURES.findall(done.stderr)
    runs, coverage = figures[-1] if figures else ("0", "0")
    first = figures[0][1] if figures else "0"
    word = "nothing failed" if done.returncode == 0 else f"FAILED ({done.returncode})\n{done.stderr[-3000:]}"
    print(f"| {target} | {seconds} | {runs} | {first} -> {coverage} | {word} |", flush=True)
    return done.returncode == 0


def main() -> int:
    """Fuzz what is named, or all; 1 where something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=75)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; targets: {', '.join(TARGETS)}")
    folder = given.work or Path(tempfile.mkdtemp(prefix="fuzz-"))
    if given.inner:
        fuzz(given.targets[0], given.seconds, folder)
        return 0
    held = [run(target, given.seconds, folder) for target in given.targets or TARGETS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))
    sys.exit(main())
