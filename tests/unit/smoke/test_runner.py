"""What the runner does around the children: environment, choice, refusal, interruption."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from auditor.cli.progress import Progress
from auditor.model.fact import Facts, known
from auditor.smoke import catalog
from auditor.smoke.runner import Deadlines, Interrupted, available_mib

from .conftest import Bench


def test_a_recorded_machine_is_refused(bench: Bench) -> None:
    outcome = bench.run(live=False)
    assert outcome.results == ()
    assert (
        outcome.facts["smoke.pytorch.import"].reason
        == "workloads run on the machine itself, not on a recorded one"
    )


def test_caches_lie_in_the_runs_folder_and_hubs_are_offline(bench: Bench) -> None:
    bench.workload(
        "one",
        "import os\nreturn {name: os.environ[name] for name in ('HF_HOME', 'TRITON_CACHE_DIR', 'HF_HUB_OFFLINE', 'ORT_DISABLE_TELEMETRY', 'TMPDIR', 'npm_config_cache')}",
    )
    metrics = bench.run().results[-1].metrics
    assert metrics.pop("HF_HUB_OFFLINE") == "1"
    assert metrics.pop("ORT_DISABLE_TELEMETRY") == "1"  # else ONNX Runtime reports to its makers
    assert all(path.startswith(str(bench.run_folder)) for path in metrics.values())


def test_what_was_set_is_told_without_the_folders_name(bench: Bench) -> None:
    told = bench.run().facts["smoke.environment"].value
    assert told["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert told["HF_HOME"] == "TMP/cache/huggingface"


def test_the_users_keras_json_is_honoured(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench.folder / "keras").mkdir()
    (bench.folder / "keras" / "keras.json").write_text('{"backend": "torch"}')
    monkeypatch.setenv("KERAS_HOME", str(bench.folder / "keras"))
    bench.workload("one", "import os\nreturn {'text': open(os.environ['KERAS_HOME'] + '/keras.json').read()}")
    assert bench.run().results[-1].metrics == {"text": '{"backend": "torch"}'}


def test_what_a_workload_sets_in_the_environment_is_no_others(bench: Bench) -> None:
    bench.workload(
        "first", "import os\nos.environ['KERAS_BACKEND'] = 'torch'\nos.environ.pop('HF_HOME')\nreturn {}"
    )
    bench.workload(
        "second", "import os\nreturn {k: k in os.environ for k in ('KERAS_BACKEND', 'HF_HOME')}", cost=0.2
    )
    assert bench.run().results[-1].metrics == {"KERAS_BACKEND": False, "HF_HOME": True}


def test_the_rest_of_the_environment_is_the_users_own(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    bench.workload("one", "import os\nreturn {'threads': os.environ['OMP_NUM_THREADS']}")
    assert bench.run().results[-1].metrics == {"threads": "3"}


def test_a_child_is_alone_in_its_session_without_stdin_or_core(bench: Bench) -> None:
    body = (
        "import os, sys, resource\nreturn {'leads': os.getsid(0) == os.getpid(), 'stdin': sys.stdin.read(), "
    )
    bench.workload("one", body + "'core': resource.getrlimit(resource.RLIMIT_CORE)[0]}")
    assert bench.run().results[-1].metrics == {"leads": True, "stdin": "", "core": 0}


def test_files_beside_the_workloads_hide_no_module(bench: Bench) -> None:
    (bench.workloads / "_json.py").write_text("raise RuntimeError('a workload folder is not on the path')")
    bench.workload("one", "import _json\nreturn {}")
    assert bench.run().results[-1].status == "pass"


def test_nothing_is_written_outside_the_runs_folder(bench: Bench) -> None:
    bench.workload("one")
    before = {path for path in bench.folder.rglob("*") if not path.is_relative_to(bench.run_folder)}
    bench.run()
    after = {path for path in bench.folder.rglob("*") if not path.is_relative_to(bench.run_folder)}
    assert after == before


def test_only_and_skip_choose(bench: Bench) -> None:
    for name, level in (("a", "quick"), ("b", "quick"), ("c", "deep")):
        bench.workload(name, LEVEL=level)
    assert [r.id for r in bench.run().results] == ["a", "b"]
    assert [r.id for r in bench.run(skip=("a",)).results] == ["b"]
    assert [r.id for r in bench.run(only=("c",)).results] == ["c"]


def test_a_workload_bound_to_no_device_runs_once(bench: Bench) -> None:
    bench.torch("cuda.is_available = staticmethod(lambda: True)\nclass P: total_memory = 2**34\n" + FAKE_CUDA)
    bench.workload("each", cost=0.1)
    bench.workload("once", DEVICES="cpu", cost=0.2)
    bench.workload("fast", DEVICES="accelerator", cost=0.3)
    pairs = [(r.id, r.device) for r in bench.run().results]
    assert pairs == [("each", "cpu"), ("once", "cpu"), ("each", "cuda:0"), ("fast", "cuda:0")]


FAKE_CUDA = """
cuda.device_count = staticmethod(lambda: 1)
cuda.set_device = staticmethod(lambda device: None)
cuda.get_device_properties = staticmethod(lambda index: P)
cuda.set_per_process_memory_fraction = staticmethod(lambda fraction, index: None)
"""


def test_an_unknown_name_is_answered_with_the_nearest(bench: Bench) -> None:
    bench.workload("pytorch-matmul")
    with pytest.raises(catalog.WorkloadError, match="did you mean 'pytorch-matmul'"):
        bench.run(only=("pytorch-matmull",))


def test_a_file_that_describes_no_workload_is_named(bench: Bench) -> None:
    bench.workload("bad", LEVEL="fast")
    with pytest.raises(catalog.WorkloadError, match=r"bad\.py.*level"):
        bench.run()


def meeting(own: str, other: str) -> str:
    """Return an import that waits until the other framework's has begun too."""
    return f"""
open(os.environ["PYTHONPATH"] + "/{own}.begun", "w").close()
end = time.monotonic() + 60
while not (met := os.path.exists(os.environ["PYTHONPATH"] + "/{other}.begun")) and time.monotonic() < end:
    time.sleep(0.02)
raise ImportError("met" if met else "alone")
"""


def test_frameworks_run_side_by_side(bench: Bench) -> None:
    (bench.folder / "jax.py").write_text("import os, time\n" + meeting("jax", "torch"))
    bench.torch(meeting("torch", "jax"))
    facts = Facts({"memory.available_kib": known(64 << 20), "memory.usable_kib": known(64 << 20)})
    outcome = bench.run(facts, frameworks=("pytorch", "jax"), deadlines=Deadlines())
    assert [(r.id, r.reason) for r in outcome.results] == [
        ("pytorch-import", "ImportError: met"),
        ("jax-import", "ImportError: met"),
    ]


def test_frameworks_run_one_after_another_where_memory_is_short(bench: Bench) -> None:
    bench.torch("time.sleep(0.5)\nraise ImportError('no')")
    said: list[tuple[str, float]] = []
    facts = Facts({"memory.available_kib": known(2 << 20), "memory.usable_kib": known(8 << 20)})
    bench.run(
        facts, frameworks=("pytorch", "jax"), progress=lambda words: said.append((words, time.monotonic()))
    )
    assert [words for words, _ in said] == ["importing torch", "importing jax"]
    assert said[1][1] - said[0][1] >= 0.5


def test_the_memory_limit_of_a_control_group_counts() -> None:
    facts = Facts({"memory.available_kib": known(64 << 20), "memory.usable_kib": known(2 << 20)})
    assert available_mib(facts) == 2048


def test_ctrl_c_ends_the_children_and_keeps_what_was_done(bench: Bench) -> None:
    bench.workload("first", cost=0.1)
    bench.workload("second", "import time; time.sleep(600)", cost=0.2)

    def interrupt(words: str) -> None:
        if words.startswith("running second"):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted) as caught:
        bench.run(deadlines=Deadlines(), progress=interrupt)
    first, second = caught.value.outcome.results
    assert [(r.id, r.status) for r in (first, second)] == [("first", "pass"), ("second", "skip")]
    assert second.reason.startswith("it was under way when the run was interrupted, for ")
    assert [p.cmdline() for p in psutil.Process().children(recursive=True) if p.status() != "zombie"] == []


def test_a_folder_that_cannot_be_written_to_is_told(bench: Bench) -> None:
    outcome = bench.run(tmpdir="/proc/nowhere")
    assert "cannot be written to" in outcome.facts["smoke.pytorch.import"].reason


def test_progress_names_what_runs(bench: Bench) -> None:
    bench.workload("one")
    said: list[str] = []
    bench.run(progress=said.append)
    assert said == ["importing torch", "running one on cpu"]


@pytest.mark.parametrize(
    ("later_s", "left"),
    [(0, ", about 30 s left"), (10, ", about 20 s left"), (29.5, ""), (60, "")],
)
def test_what_is_left_counts_down_between_messages(later_s: float, left: str) -> None:
    progress = Progress(quiet=True)
    began = time.monotonic()
    progress.say("running one on cpu", 30.0)
    assert progress.line(began + later_s) == f"fwaudit: running one on cpu{left} ({later_s:.0f} s)"


def test_our_own_workloads_describe_themselves() -> None:
    found = catalog.load()
    assert {w.framework for w in found if w.level == "quick"} == {"pytorch", "tensorflow", "jax"}
    assert len({w.id for w in found}) == len(found)
    assert all(w.claim and Path(w.path).is_file() for w in found)


def test_an_exception_that_cannot_be_told_is_still_one(bench: Bench) -> None:
    bench.torch("class Odd(Exception):\n    def __str__(self):\n        raise OSError('no')\nraise Odd()")
    outcome = bench.run()
    assert outcome.facts["smoke.pytorch.import"].value == "failed"
    assert outcome.facts["smoke.pytorch.message"].value.startswith("Odd: what it says cannot be told")
