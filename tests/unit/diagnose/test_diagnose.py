"""`fwaudit diagnose`: root cause first, no false alarm, clear errors, our own formats."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.audit.diagnose import diagnose
from auditor.cli.app import app
from auditor.engine.symptoms import Paste, needles, symptoms_in
from auditor.knowledge.card import Symptom
from auditor.knowledge.cards import load_cards

HERE = Path(__file__)
BUGS = tomllib.loads(HERE.with_name("bugs.toml").read_text(encoding="utf-8"))


def run(*args: str, text: str | bytes = ""):
    return CliRunner().invoke(app, ["diagnose", *args], input=text)


def code(*args: str, text: str):
    return CliRunner().invoke(app, ["diagnose", *args], input=text, standalone_mode=False).return_value


def causes(text: str) -> list[str]:
    return [
        finding["cause"] for finding in json.loads(run("--format", "json", "-", text=text).stdout)["findings"]
    ]


@pytest.mark.parametrize("bug", BUGS["bugs"])
def test_an_ordinary_bug_is_no_fault_of_the_environment(bug):
    for environment in BUGS["environments"]:
        report = diagnose(
            [
                f'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\n{bug}\n\n{environment}'
            ]
        )
        assert [f.cause for f in report.findings if f.severity == "error"] == []


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        # names in sentences and answers of forms
        ("My RTX 5070 says: no kernel image is available for execution on the device\n", "gpu_too_new_for_build"),
        ("CUDA error: invalid device function on a GTX 1060\n", "gpu_too_old_for_build"),
        ("### TensorFlow version\n\n2.14\n\n### OS\n\nWindows 11\n\n### GPU\n\nRTX 3050\n", "tf_windows_native_no_gpu"),
        ("GPU: RTX 5080\ntorch 2.5.0+cu124\ndriver 572.16\nOS: Ubuntu 24.04\n", "gpu_too_new_for_build"),
        ("gpu: GTX 960\ntorch: 2.9.0+cu128\ndriver: 575.57.08\nos: Linux\n", "gpu_too_old_for_build"),
        ("torch==2.9.1+cu130\nGPU: RTX 3080\nNvidia driver: 550.90.07\nos: Ubuntu 22.04\n", "driver_too_old"),
        ("PyTorch version: 2.4.0+cpu\nGPU models and configuration: GPU 0: NVIDIA L40S\nNvidia driver version: 555.42.06\nOS: Ubuntu 22.04 (x86_64)\n", "cpu_only_build"),
        ("Package Version\n------- -----\ntorch 2.4.0\ntorchvision 0.18.0\n", "torch_companion_mismatch"),
        ("jax==0.6.2\njaxlib==0.5.1\n", "jax_jaxlib_mismatch"),
    ],
)  # fmt: skip
def test_facts_decide_without_any_message(text, cause):
    assert causes(text)[:1] == [cause]


def test_a_message_alone_is_quoted():
    report = diagnose(
        [
            "blah\nUserWarning: CUDA initialization: The NVIDIA driver on your system is too old (found version 11040).\n"
        ]
    )
    first = report.findings[0]
    assert first.cause == "driver_too_old"
    assert any(piece.kind == "paste" and "too old" in piece.excerpt for piece in first.evidence)


def test_a_wrapped_message_is_read():
    text = "RuntimeError:\nThe detected CUDA version (12.6) mismatches the\n  version that was used to compile\n  PyTorch (11.8). Please make sure\n"
    assert causes(text)[:1] == ["nvcc_torch_cuda_mismatch"]


def test_no_cause_is_an_answer_with_what_was_checked():
    text = run(
        "-", text="torch: 2.4.1+cu121\nGPU: RTX 3090\ndriver: 550.54.14\nOS: Ubuntu 22.04\nKeyError: 'x'\n"
    ).stdout
    assert "No environment cause found" in text
    assert "Ruled out:" in text
    assert "To ask:" in text


def test_one_missing_fact_leaves_a_possibility_with_its_command():
    reply = run("-", text="torch: 2.4.1+cpu\npython: 3.11\nI want to train on the GPU\n")
    assert "POSSIBLE" in reply.stdout
    assert "nvidia-smi" in reply.stdout
    assert reply.exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "torch==2.7.1+cpu\n",
        "laptop with Intel UHD only, no nvidia\ntorch 2.6.0+cpu\nSyntaxError: invalid syntax\n",
        "no GPU (VM)\ntorch: 2.5.1+cpu\nKeyError: 'x'\n",
        "PyTorch version: 2.3.0+cpu\nIs CUDA available: False\nGPU models and configuration: No CUDA\nNvidia driver version: No CUDA\n",
    ],
)
def test_no_gpu_is_supposed_that_nobody_misses(text):
    assert "cpu_only_build" not in causes(text)


def test_nothing_understood_is_not_called_fine():
    assert "NOTHING READ" in run("-", text="what is this?\n").stdout


def test_several_files_are_one_case(tmp_path):
    (tmp_path / "a.txt").write_text("GPU: RTX 5070\n")
    (tmp_path / "b.txt").write_text("torch: 2.4.0+cu121\n")
    reply = run("--format", "json", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert json.loads(reply.stdout)["findings"][0]["cause"] == "gpu_too_new_for_build"


def test_fail_on_and_ignore():
    text = "GPU: RTX 5070\ntorch: 2.4.0+cu121\n"
    assert code("-", text=text) == 0
    assert code("--fail-on", "error", "-", text=text) == 1
    assert code("--fail-on", "error", "--ignore", "FWA204=known", "-", text=text) == 0
    assert run("--ignore", "FWA204", "-", text=text).exit_code == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x7fELF" + bytes(range(256)) * 40, "binary"),
        (b"", "nothing in it"),
        (b'{"schema_version": 7, "x": 1}', "newer fwaudit"),
        (b'{"schema_version": 1, "facts": ' + b"[" * 5000, "nested too deeply"),
        (b"-----BEGIN FWAUDIT COLLECT 1-----\n{}", "last line"),
        (b"-----BEGIN FWAUDIT COLLECT 9-----\n{}\n-----END FWAUDIT COLLECT 9-----", "newer"),
    ],
)
def test_bad_input_is_told(data, says):
    reply = run("-", text=data)
    assert reply.exit_code == 2
    assert says in reply.output


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "paste.txt").write_text("x")
    reply = run(str(tmp_path / "past.txt"))
    assert reply.exit_code == 2
    assert "paste.txt" in reply.output


def test_powershell_writes_utf16():
    assert causes_of_bytes("PyTorch version: 2.4.1+cpu\r\nGPU: RTX 3090\r\n".encode("utf-16"))[:1] == [
        "cpu_only_build"
    ]


def causes_of_bytes(data: bytes) -> list[str]:
    return [
        finding["cause"] for finding in json.loads(run("--format", "json", "-", text=data).stdout)["findings"]
    ]


def test_our_own_report_is_judged_anew():
    first = run("--format", "json", "--no-redact", "-", text="GPU: RTX 5070\ntorch: 2.4.0+cu121\n").stdout
    again = json.loads(run("--format", "json", "-", text="```json\n" + first + "\n```\n").stdout)
    assert again["findings"][0]["cause"] == "gpu_too_new_for_build"


def test_names_are_hidden():
    assert (
        "jdoe"
        not in run(
            "--format", "json", "-", text='File "/home/jdoe/x/torch.py", line 1\nno torch here\n'
        ).stdout
    )


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"driver is too old \(found (?P<v>\d+)\)", ("driver is too old (found ",)),
        (r"one|two", ("one", "two")),
        (r"one|\d+", ()),
        (r"(?:a|b) certain words", (" certain words",)),
        (r"colou?r of money", ("r of money",)),
        (r"ends here\b|x", ("ends here", "x")),
        (r"[abc]def", ("def",)),
        (r"x[]|)]yz{2}(?:w)?|v\|u", ("x", "v|u")),
        (r"(?P<said>no (?:kernel|image) is|nothing(?: at all)? fits) here", ("kernel", "image", "nothing")),
        (r"(?i)(?:Stale|Old) handle\w{1,4}", (" handle",)),
        (r"(?i:Stale|(?:very )?Old)", ("stale", "old")),
        (r"a(?=bcdef)|(?<!ghijk)lm(?:no)*", ("a", "lm")),
    ],
)
def test_a_needle_is_in_every_match(pattern, literals):
    assert needles(pattern) == literals


def test_every_needle_of_the_cards_stands_in_their_examples():
    for card in load_cards(examples=True):
        for example in card.examples:
            if example.text and example.outcome == "fail":
                assert symptoms_in([card], enumerate(example.text.splitlines(), 1)), (
                    card.id,
                    example.text[:60],
                )


def test_a_line_is_quoted_where_it_stands():
    paste = Paste([(4, "nothing"), (9, "x " * 300 + "the  words  here")])
    (hit,) = paste.find(Symptom(pattern="the words here"))
    assert (hit.line, len(hit.quote)) == (9, 200)


ODD_TOOLKIT = "TensorFlow version: 2.13.0\nOS: Ubuntu 22.04\nCUDA/cuDNN version: 12.2/8.9\nGPU: RTX 3080\n"


@pytest.mark.parametrize(
    ("complaint", "severity"),
    [
        ("Traceback (most recent call last):\nKeyError: 'labels'\n", "warning"),
        ("[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]\n", "error"),
    ],
)
def test_what_the_text_does_not_complain_of_is_a_warning(complaint, severity):
    found = diagnose([complaint + ODD_TOOLKIT]).findings[0]
    assert (found.cause, found.severity) == ("tf_cuda_libs_missing", severity)


def test_a_remark_of_a_log_is_no_error_beside_an_exception():
    log = "2024-05-02 10:11:12.118210: E tensorflow/stream_executor/cuda/cuda_driver.cc:265] failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected\n"
    alone, beside = diagnose([log]), diagnose([log + "ValueError: Unknown layer: Attention\n"])
    assert [report.findings[0].severity for report in (alone, beside)] == ["error", "warning"]


def test_a_folder_is_told_as_such(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "log").mkdir()
    result = run(str(tmp_path / "logs"))
    assert result.exit_code == 2
    assert "this is a folder" in result.output
    assert "Did you mean" not in result.output


@pytest.mark.parametrize(
    "text",
    [
        "torch 2.6.0+cu126\nNvidia driver version: 470.82.01\nGPU: V100\nUserWarning: CUDA initialization: The NVIDIA driver on your system is"
        " too old (found version 11040). Please update your GPU driver by downloading and installing a new version from the URL.",
        "torch 2.7.0+cu128, RTX 4090, driver 570.133\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total"
        " capacity of 23.52 GiB of which 900.00 MiB is free. Including non-PyTorch memory, this process has 22.60 GiB memory in use.",
    ],
    ids=["driver", "memory"],
)
def test_a_line_is_quoted_once_and_in_whole_words(text):
    lines = text.splitlines()
    for finding in diagnose([text]).findings:
        quotes = [piece for piece in finding.evidence if piece.kind == "paste"]
        assert len({piece.ref for piece in quotes}) == len(quotes)
        for piece in quotes:
            words = lines[int(piece.ref.split()[1]) - 1].split()
            assert {piece.excerpt.split()[0], piece.excerpt.split()[-1]} <= set(words)
