"""`diagnose --format markdown` is a reply ready to post: cause, quoted evidence, fix, what to ask; and no more."""

from __future__ import annotations

from auditor.audit.diagnose import diagnose
from auditor.render.markdown import render
from auditor.render.options import RenderOptions

OLD_DRIVER = """PyTorch version: 2.13.0+cu130
CUDA used to build PyTorch: 13.0
OS: Ubuntu 22.04.4 LTS (x86_64)
Python version: 3.12.3
Is CUDA available: False
GPU models and configuration: GPU 0: NVIDIA L4
Nvidia driver version: 550.54.14
[pip3] numpy==2.2.4
[pip3] torch==2.13.0+cu130
[pip3] torchvision==0.20.1
"""
HEALTHY = OLD_DRIVER.replace("550.54.14", "580.95.05").replace("0.20.1", "0.28.0").replace("False", "True")


def reply(text: str, limit: int = 60_000, **options: dict[str, str]) -> str:
    return render(diagnose([text], **options), RenderOptions(max_chars=limit))


def parts(text: str, *words: str) -> list[int]:
    """Return where the words stand, each of them somewhere."""
    assert [word for word in words if word not in text] == [], text
    return [text.index(word) for word in words]


def test_cause_then_evidence_then_fix_then_what_to_ask() -> None:
    said = reply(OLD_DRIVER)
    order = parts(
        said,
        "What you posted shows the cause: **The NVIDIA driver is older",
        "line 7: `Nvidia driver version: 550.54.14`",
        "**To mend it:**",
        "python3 -m pip install torch==",
        "Afterwards this shows whether it is mended:",
        "That explains this as well: A framework built for CUDA sees no GPU.",
        "**Apart from that:**",
        "`[pip3] torchvision==0.20.1`",
        "please post the whole error again",
        "<summary>Sources</summary>",
    )
    assert order == sorted(order)
    assert "numpy==2.2.4" not in said  # the sentence does not speak of it
    assert "no Python interpreter" not in said


def test_what_is_open_is_said_with_what_decides_it() -> None:
    said = reply("torch.cuda.is_available() returns False, what now?")
    parts(
        said,
        "It may be one of these",
        "what would decide it: `nvidia-smi`",
        "**Please post** what these print:",
    )
    assert said.count("what would decide it") <= 3
    assert "shows the cause" not in said


def test_no_cause_is_an_answer() -> None:
    said = reply(f"ValueError: loss is nan\n{HEALTHY}")
    parts(said, "No environment cause found", "Looked for and not found", "**Please post**")
    assert "To mend it" not in said


def test_an_empty_case_asks_for_the_facts_that_tell_most() -> None:
    said = reply("it does not work, please help")
    parts(said, "**Please post**")
    assert "shows the cause" not in said


def test_a_reply_keeps_within_a_limit_and_keeps_the_cause() -> None:
    said = reply(OLD_DRIVER, limit=2500)
    assert len(said) <= 2500
    parts(said, "shows the cause", "Left out to stay within the limit")


def test_foreign_words_do_nothing_in_the_reply() -> None:
    said = reply(OLD_DRIVER.replace("NVIDIA L4", "NVIDIA L4 ` @all <script>alert(1)</script> | #1"))
    assert "<script>" not in said.replace("`` ", "").split("What shows it")[0]
    assert "line 6: ``" in said
