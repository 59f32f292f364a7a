"""What carries a whole text, or breaks its lines at one column, changes neither the facts nor the cause."""

from __future__ import annotations

import html
import textwrap

import pytest

from auditor.audit.diagnose import diagnose
from auditor.readers.lines import split

TICKETS = {
    "extension_abi_mismatch": """Since Tuesday the server does not start any more, and nobody here has changed a line of our own code.
ImportError: /srv/envs/serve/lib/python3.10/site-packages/flash_attn_2_cuda.cpython-310-x86_64-linux-gnu.so: undefined symbol: _ZN3c104cuda9SetDeviceEi
flash-attn 2.5.8
torch 2.6.0+cu124""",
    "nvcc_torch_cuda_mismatch": """Building our ops in the image of last year stops with this, on every node that I tried so far this week:
RuntimeError: The detected CUDA version (11.5) mismatches the version that was used to compile PyTorch (12.4). Please make sure to use the same CUDA versions.""",
    "glibc_too_old": """The old login node still runs CentOS and I was told that a new one will not come before the next spring.
ImportError: /lib64/libm.so.6: version `GLIBC_2.27' not found (required by /home/lab/env/lib/python3.8/site-packages/torch/lib/libtorch_cpu.so)""",
    "driver_too_old": """torch: 2.4.1+cu121
GPU: NVIDIA GeForce RTX 3090
driver: 470.199.02
torch.cuda.is_available(): False""",
}
MARKS = {
    "MPI's rank": "[1,0]<stderr>:",
    "a time": "2026-03-04 11:22:33,123 ",
    "a time in brackets": "[2026-03-04 11:22:33] ",
    "a time and a level": "2026-03-04 11:22:33,123 - INFO - ",
    "syslog": "Mar  4 11:22:33 node17 python[4412]: ",
    "a pod": "trainer-7d9f8b6c4-x2k9p ",
    "a pod in brackets": "[pod/trainer-7d9f8b6c4-x2k9p/main] ",
    "a task's number": "0: ",
    "a level": "ERROR: ",
    "a logger": "INFO:root:",
    "a list": "* ",
}


def first(text: str) -> list[str]:
    return [finding.cause for finding in diagnose([text]).findings[:1]]


def broken(text: str, width: int) -> str:
    return "\n".join(
        line[start : start + width] for line in text.split("\n") for start in range(0, len(line), width)
    )


def filled(text: str, width: int) -> str:
    return "\n".join(
        "\n".join(textwrap.wrap(line, width, break_on_hyphens=False)) for line in text.split("\n")
    )


@pytest.mark.parametrize("cause", TICKETS)
@pytest.mark.parametrize("width", [72, 76, 80, 100])
def test_lines_broken_at_a_column_keep_their_cause(cause, width):
    assert first(broken(TICKETS[cause], width)) == [cause]
    assert first("\n".join(f"> {line}" for line in broken(TICKETS[cause], width).split("\n"))) == [cause]


@pytest.mark.parametrize("cause", TICKETS)
def test_lines_broken_between_words_keep_their_cause(cause):
    assert first(filled(TICKETS[cause], 76)) == [cause]


@pytest.mark.parametrize("cause", ["glibc_too_old", "driver_too_old"])
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_before_every_line_changes_nothing(cause, mark):
    assert first("\n".join(MARKS[mark] + line for line in (TICKETS[cause] + "\n\nthanks").split("\n"))) == [
        cause
    ]


@pytest.mark.parametrize("cause", TICKETS)
def test_signs_escaped_for_a_page_change_nothing(cause):
    assert first(html.escape(TICKETS[cause])) == [cause]


def test_line_numbers_before_every_line_change_nothing():
    rows = TICKETS["driver_too_old"].split("\n")
    assert first("\n".join(f"{number:4}  {row}" for number, row in enumerate(rows, 8))) == ["driver_too_old"]


@pytest.mark.parametrize(
    "text",
    [
        "[pip3] numpy==1.26.4\n[pip3] torch==2.4.1\n[pip3] triton==3.0.0",
        "GPU 0: NVIDIA A100-SXM4-80GB\nGPU 1: NVIDIA A100-SXM4-80GB\nGPU 2: NVIDIA A100-SXM4-80GB",
        "torch 2.4.1\nnumpy 1.26.4\nERROR: boom",
        "+" + "-" * 78 + "+\n|" + " 0  Tesla T4 ".ljust(78) + "|\n|" + " N/A   44C  ".ljust(78) + "|",
        "Epoch 1 of 30, loss 0.7120, accuracy 0.5512, 102 images a second and GPU\n" * 2,
    ],
)
def test_rows_that_only_look_alike_stay_as_they_are(text):
    assert [line.text for line in split(text)] == text.strip("\n").split("\n")
