"""Orders of importing: each is told for what it did, by real libraries that the loader really confuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.model.fact import Facts, known
from auditor.model.smoke import SmokeResult
from auditor.smoke.outcome import rows
from auditor.smoke.runner import SmokeRequest, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler is here"),
    pytest.mark.skipif(sys.platform != "linux", reason="soname rules of the Linux loader"),
]

FAKES = {
    "torch/__init__.py": """
        from numpy import arange
        import numpy
        __version__ = "9.9"
        ones = lambda *shape: numpy.ones(shape)
        class cuda:
            is_available = staticmethod(lambda: False)
        class backends:
            pass
        class __config__:
            show = staticmethod(lambda: "")
    """,
    "tensorflow/__init__.py": """
        from numpy import arange as range, matmul, ones, reshape, sum as reduce_sum
    """,
    "jax/__init__.py": "",
    "jax/numpy.py": "from numpy import *",
}
# no torch of the tests' own environment is to be seen, and what the driver asks of TensorFlow is there
HIDE_TORCH = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "torch" else find(name, package)
"""
TENSORFLOW = """
__version__ = "9.9"
class config:
    list_physical_devices = staticmethod(lambda kind: [])
    class _Cpu:
        name = "/device:CPU:0"
    list_logical_devices = staticmethod(lambda: [config._Cpu])
"""
SYSTEM_WIDE = "import ctypes, os\nctypes.CDLL(os.path.join(os.path.dirname(__file__), {!r}), {})\n"


class Frameworks:
    """Three small frameworks in a folder, of which each may bring compiled libraries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FAKES.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(
                "\n".join(line[8:] if line.startswith(" " * 8) else line for line in text.splitlines())
            )

    def brings(
        self, framework: str, name: str, code: str, *flags: str, mode: str = "ctypes.RTLD_GLOBAL"
    ) -> None:
        """Compile a library into a framework's folder, loaded when it is imported."""
        home = self.folder / framework
        source = home / f"{name}.c"
        source.write_text(code)
        argv = ["gcc", "-shared", "-fPIC", "-O0", "-o", str(home / name), str(source), *flags]
        subprocess.run(argv, check=True, capture_output=True, cwd=home)
        start = home / "__init__.py"
        start.write_text(SYSTEM_WIDE.format(name, mode) + start.read_text())

    def together(self, tmp_path: Path, *installed: str) -> SmokeResult:
        (tmp_path / "run").mkdir()
        outcome = run(
            SmokeRequest(
                python=sys.executable, frameworks=installed or ("pytorch",), level="standard", facts=Facts({"python.frameworks": known(list(installed))} if installed else {}),
                tmpdir=str(tmp_path / "run"), only=("pytorch-together",),
            )
        )  # fmt: skip
        return outcome.results[-1]


@pytest.fixture
def frameworks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Frameworks:
    home = tmp_path / "packages"
    home.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(home))
    return Frameworks(home)


def test_orders_that_work_are_told_one_by_one(frameworks: Frameworks, tmp_path: Path) -> None:
    result = frameworks.together(tmp_path)
    assert (result.status, result.reason) == ("pass", "")
    orders = result.metrics["orders"]
    assert set(orders.values()) == {"works"}
    assert [len(name.split(" then ")) for name in orders].count(2) == 6
    assert [len(name.split(" then ")) for name in orders].count(3) == 6


def test_an_order_that_crashes_is_a_crash_with_its_cause(frameworks: Frameworks, tmp_path: Path) -> None:
    # jax's library trusts a symbol of its own name, which torch's has put in front of it
    frameworks.brings("torch", "libkernel_torch.so", "void *kernel_table = 0;")
    die = "extern void *kernel_table __attribute__((weak)); __attribute__((constructor)) static void start(void)"
    frameworks.brings(
        "jax", "libkernel_jax.so", die + "{ if (&kernel_table) *(volatile int *)kernel_table = 1; }"
    )
    result = frameworks.together(tmp_path)
    assert result.status == "crash"
    assert result.reason.startswith("imported as torch then jax: crash: killed by SIGSEGV")
    assert "jax/__init__.py" in result.reason
    assert "in order: jax then tensorflow, jax then torch" in result.reason
    orders = result.metrics["orders"]
    assert orders["jax then torch"] == "works"
    assert orders["tensorflow then torch then jax"].startswith("crash")
    assert _causes(result) == {("framework_import_crash", "pytorch-together")}


def test_a_library_that_another_framework_lends_is_named(frameworks: Frameworks, tmp_path: Path) -> None:
    # two cuDNNs of one soname: whoever comes second is given the first one's, without a word
    soname = "-Wl,-soname,libcudnn.so.9"
    for framework, version in (("torch", 91), ("tensorflow", 90)):
        frameworks.brings(
            framework, "libcudnn.so.9", f"int cudnnGetVersion(void) {{ return {version}; }}", soname
        )
        # what loads it is the framework's own library, by soname, as a linker writes it
        start = frameworks.folder / framework / "__init__.py"
        start.write_text(start.read_text().partition("\n")[2].partition("\n")[2])
        flags = ("-L.", "-l:libcudnn.so.9", "-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN")
        code = "int cudnnGetVersion(void); int used(void) { return cudnnGetVersion(); }"
        frameworks.brings(framework, f"lib{framework}_ops.so", code, *flags, mode="os.RTLD_LOCAL")
    result = frameworks.together(tmp_path)
    assert result.status == "pass"
    lent = "as torch then tensorflow, tensorflow uses packages/torch/libcudnn.so.9 instead of its own"
    assert f"{lent} packages/tensorflow/libcudnn.so.9" in result.reason
    assert _causes(result) == {("library_lent", "pytorch-together")}
    assert result.metrics["alone"]["tensorflow"]["libcudnn"] == ["packages/tensorflow/libcudnn.so.9"]
    assert result.metrics["together"]["torch then tensorflow then jax"]["libcudnn"] == [
        "packages/torch/libcudnn.so.9"
    ]


def test_an_order_that_raises_or_counts_wrong_is_no_crash(frameworks: Frameworks, tmp_path: Path) -> None:
    start = frameworks.folder / "jax" / "__init__.py"
    start.write_text(
        "import sys\nif 'tensorflow' in sys.modules:\n    raise ImportError('libfoo.so.1: no such file')\n"
    )
    result = frameworks.together(tmp_path)
    assert result.status == "fail"
    assert result.reason.startswith(
        "RuntimeError: imported as tensorflow then jax: fails: ImportError: libfoo.so.1"
    )


def test_a_framework_that_is_broken_alone_is_no_fault_of_an_order(
    frameworks: Frameworks, tmp_path: Path
) -> None:
    (frameworks.folder / "jax" / "__init__.py").write_text("raise ImportError('no jaxlib')\n")
    result = frameworks.together(tmp_path)
    assert result.status == "pass"
    assert result.metrics["orders"]["torch then jax"] == "not told: jax cannot be imported alone either"


def test_two_without_torch_are_tried_too(frameworks: Frameworks, tmp_path: Path) -> None:
    shutil.rmtree(frameworks.folder / "torch")
    (frameworks.folder / "sitecustomize.py").write_text(HIDE_TORCH)
    start = frameworks.folder / "tensorflow" / "__init__.py"
    start.write_text(start.read_text() + TENSORFLOW)
    result = frameworks.together(tmp_path, "tensorflow", "jax")
    assert (result.status, result.framework) == ("pass", "tensorflow")
    assert sorted(result.metrics["orders"]) == [
        "jax", "jax then tensorflow", "tensorflow", "tensorflow then jax",
    ]  # fmt: skip


def _causes(result: SmokeResult) -> set[tuple[str, str]]:
    from auditor.engine.evaluate import evaluate
    from auditor.engine.predicates import PREDICATES
    from auditor.engine.rank import rank
    from auditor.knowledge.cards import load_cards

    facts = Facts({"smoke.results": rows([result]), "python.frameworks": known(["pytorch"])})
    cards = [
        card for card in load_cards((), predicates=PREDICATES) if card.id in ("FWA614", "FWA651", "FWA652")
    ]
    found = rank(evaluate(cards, facts))
    return {(f.cause, f.subject) for f in found if f.outcome == "fail" and not f.explained_by}
