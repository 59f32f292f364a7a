"""Whatever is pasted, readers answer: no exception, bounded, every fact with its line."""

from __future__ import annotations

import importlib
import runpy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audit.diagnose import diagnose
from auditor.knowledge.catalogue import is_known
from auditor.readers import READERS, read
from auditor.readers.facts import facts_of
from auditor.readers.lines import LINE_LIMIT, split

FUZZ = Path(__file__).parents[2] / "tools" / "fuzz_readers.py"
CHECKS = {
    name: make()
    for name, make in runpy.run_path(str(FUZZ))["MAKERS"].items()
    if name in ("forms", "prose", "layout")
}
MODULES = [*READERS, "auditor.readers.statements", "auditor.readers.logs"]
WORDS = (
    "PyTorch version:", "CUDA used to build PyTorch:", "GPU 0:", "NVIDIA-SMI 550.1 Driver Version: 550.1 CUDA Version: 12.4",
    "| NVIDIA-SMI", "[pip3]", "[conda]", "torch==", "2.1.0+cu121", "Package Version", "----", "# Name Version Build Channel",
    "Agent 1", "Device Type: GPU", "jax.devices (", "uname_result(system='Linux'", "File \"/a/torch.py\", line 1", "sm_86",
    "with CUDA capability sm_61 is not compatible with the current PyTorch", "LD_LIBRARY_PATH=", "GPU:", "driver", "os:", "<nvidia_smi_log>",
    "==============NVSMI LOG==============", "Successfully installed a-1", "Could not collect", "None", "N/A", ":", "|", "\n", "\n\n", "> ", "```",
    "{", "}", "\x1b[31m", "\r\n", "\ufeff", "Audited: x (Python 3.1)", "Linux-5.4.0-x86_64-with-glibc2.31", "RTX 3090, 2x A100", "NVRM: Xid (PCI:0000:01:00): 79",
)  # fmt: skip
pasted = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=30)), max_size=60).map(" ".join)


@pytest.mark.parametrize("module", MODULES)
@given(text=pasted)
@settings(max_examples=80, deadline=None)
def test_a_reader_never_raises_and_understands_lines_that_exist(module, text):
    lines = split(text)
    notes = importlib.import_module(module).read(lines)
    assert notes.understood <= {line.number for line in lines}
    assert all(fact.evidence or not fact.is_known for fact in notes.facts.values())


@pytest.mark.parametrize("target", ["forms", "prose", "layout"])
@given(text=pasted)
@settings(max_examples=25, deadline=None)
def test_forms_sentences_and_layouts_tell_of_lines_that_exist(target, text):
    CHECKS[target](text)


@given(text=pasted)
@settings(max_examples=150, deadline=None)
def test_facts_are_of_the_catalogue(text):
    assert all(is_known(key) for key in facts_of(read(text)))


@given(text=pasted)
@settings(max_examples=40, deadline=None)
def test_a_diagnosis_always_comes(text):
    report = diagnose([text.replace("schema_version", "").replace("snapshot_version", "")])
    assert report.host.kind == "paste"
    assert all(finding.outcome != "crash" for finding in report.findings)


@given(text=st.text(max_size=400), repeat=st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_lines_are_bounded(text, repeat):
    lines = split(text * repeat)
    assert all(len(line.text) <= LINE_LIMIT for line in lines)
    assert [line.number for line in lines] == sorted({line.number for line in lines})
