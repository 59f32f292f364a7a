"""A framework that cannot be imported, in every way there is, is told and never takes us along."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

from .conftest import Bench, Deadlines

SEGFAULT = "ctypes.string_at(0)"

FAULTS = {
    "a segmentation fault": (SEGFAULT, "crash", "killed by SIGSEGV"),
    "an abort": ("os.abort()", "crash", "killed by SIGABRT"),
    "leaving without a word": ("os._exit(0)", "crash", "it left without a word (exit code 0)"),
    "sys.exit": ("sys.exit(0)", "failed", "SystemExit: 0"),
    "an exception": (
        "raise ImportError('libfoo.so.1: cannot open')",
        "failed",
        "ImportError: libfoo.so.1: cannot open",
    ),
    "a hang": ("time.sleep(600)", "hang", "no progress for"),
    "a spin": ("while True: pass", "hang", "it computes and reads nothing"),
    "its own dependency missing": ("import no_such_module", "failed", "No module named 'no_such_module'"),
}


@pytest.mark.parametrize(("body", "state", "words"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_import_is_told(bench: Bench, body: str, state: str, words: str) -> None:
    bench.torch(body)
    bench.workload("one")
    outcome = bench.run()
    assert outcome.facts["smoke.pytorch.import"].value == state
    assert words in outcome.facts["smoke.pytorch.message"].value
    assert outcome.facts["smoke.pytorch.devices"].state == "unknown"
    assert [result.id for result in outcome.results] == ["pytorch-import"]
    assert outcome.results[0].status != "pass"


def test_the_place_of_a_crash_is_told(bench: Bench) -> None:
    bench.torch(SEGFAULT)
    assert "torch/__init__.py" in bench.run().results[0].stderr_tail


def test_the_place_of_a_hang_is_told(bench: Bench) -> None:
    bench.torch("time.sleep(600)")
    assert "torch/__init__.py" in bench.run().results[0].stderr_tail


def test_a_slow_import_that_works_is_fine_and_its_seconds_are_told(bench: Bench) -> None:
    bench.torch("time.sleep(1.2)")
    bench.workload("one")
    outcome = bench.run(deadlines=Deadlines(still_s=4.0))
    assert outcome.facts["smoke.pytorch.import"].value == "ok"
    assert outcome.facts["smoke.pytorch.import_s"].value >= 1.2
    assert [result.status for result in outcome.results] == ["pass"]


def test_the_usual_deadlines_let_an_import_sleep_for_a_minute() -> None:
    assert 60 < Deadlines().still_s < 90


def test_an_import_that_moves_may_last_longer_than_one_that_is_still(bench: Bench) -> None:
    bench.torch("end = time.monotonic() + 2.5\nwhile time.monotonic() < end: open(__file__).read()")
    assert bench.run().facts["smoke.pytorch.import"].value == "ok"


def test_megabytes_on_import_neither_block_nor_fill_memory(bench: Bench) -> None:
    bench.torch(
        "line = 'x' * 1023 + '\\n'\nfor _ in range(25000):\n    sys.stdout.write(line); sys.stderr.write(line)"
    )
    bench.workload("one")
    before = psutil.Process().memory_info().rss
    outcome = bench.run(deadlines=Deadlines())
    assert outcome.facts["smoke.pytorch.import"].value == "ok"
    assert len(outcome.facts["smoke.pytorch.stderr"].value) <= 4096
    assert psutil.Process().memory_info().rss - before < 16 << 20


def test_eating_memory_is_stopped_and_named(bench: Bench) -> None:
    bench.torch("kept = []\nwhile True: kept.append(b'x' * (8 << 20))")
    outcome = bench.run(memory_limit_mib=300)
    assert outcome.facts["smoke.pytorch.import"].value == "crash"
    assert outcome.facts["smoke.pytorch.message"].value.startswith("out of memory: it held")


def test_memory_of_a_grandchild_counts(bench: Bench) -> None:
    bench.torch(
        "import subprocess\nsubprocess.run([sys.executable, '-c', 'x = b\"x\" * (400 << 20)\\nwhile True: pass'])"
    )
    outcome = bench.run(memory_limit_mib=300, deadlines=Deadlines())
    assert outcome.facts["smoke.pytorch.message"].value.startswith("out of memory: it held")


def test_a_framework_that_is_not_there_is_missing_not_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = bench.run(frameworks=("jax",))
    assert outcome.facts["smoke.jax.import"].value == "missing"
    assert outcome.results[0].status == "skip"


def test_an_interpreter_that_cannot_start_is_told(bench: Bench) -> None:
    outcome = bench.run(python="/nonexistent/python")
    assert outcome.facts["smoke.pytorch.import"].value == "failed"
    assert "cannot be started" in outcome.facts["smoke.pytorch.message"].value


def test_an_interpreter_that_is_no_python_is_told(bench: Bench) -> None:
    outcome = bench.run(python="/bin/false")
    assert outcome.facts["smoke.pytorch.import"].value == "failed"
    assert "the interpreter ended before" in outcome.facts["smoke.pytorch.message"].value


def test_nothing_is_left_running(bench: Bench, until: Callable[[Callable[[], object]], bool]) -> None:
    sleeper = f"import time; time.sleep(300)  # {bench.folder}"
    bench.torch(f"import subprocess\nsubprocess.Popen([sys.executable, '-c', {sleeper!r}])\ntime.sleep(600)")
    bench.run()

    def left() -> list[psutil.Process]:
        mine = [child for child in psutil.Process().children(recursive=True) if child.status() != "zombie"]
        return mine + [p for p in psutil.process_iter(["cmdline"]) if sleeper in (p.info["cmdline"] or [])]

    assert until(lambda: not left()), left()
