"""Every card's fix and every question, for each system and installer: only commands that exist there."""

from __future__ import annotations

import re

import pytest

from auditor.engine.asking import _COMMANDS, _ELSEWHERE, commands_for
from auditor.engine.look import Look
from auditor.engine.predicates import PREDICATES
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.remedy.windows import for_windows
from auditor.engine.template import Words
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, known

SYSTEMS = ("linux", "wsl2", "darwin", "windows")
# what made the environment -> its installer, and where it lies
MAKERS = {
    "pip": ("pip", "/home/u/env"),
    "uv": ("uv", "/home/u/env"),
    "conda": ("conda", "/opt/conda/envs/x"),
    "pipx": ("pip", "/home/u/.local/share/pipx/venvs/whisper"),
    "poetry": ("pip", "/home/u/.cache/pypoetry/virtualenvs/app-Ab12-py3.11"),
}
# what the shell of Windows does not know, at the beginning of a command or after a pipe
POSIX = re.compile(
    r"(?:^|[|&] ?)(?:sudo|grep|export|unset|rm|ls|cat|ldconfig|head|tail|printf|env|modprobe|dmesg|ps|df|du|ulimit|free)\b"
    r"|\$\(|\$[A-Z]"
)
MACS = re.compile(r"^(?:sudo )?(?:nvidia-smi|ldconfig|lsmod|modprobe|lspci|dmesg)\b")
# pip that uv lends for what it has not itself is uv's
PIP = re.compile(r"^(?!uv run ).*\S+ -m pip \w+")


def facts(system: str, maker: str) -> Facts:
    installer, prefix = MAKERS[maker]
    python = f"{prefix}/bin/python"
    if system == "windows":
        prefix = "C:" + prefix.replace("/", "\\")
        python = f"{prefix}\\Scripts\\python.exe"
    told = {
        "os.platform": system,
        "python.kind": "conda" if maker == "conda" else "venv",
        "python.installer": installer,
        "python.prefix": prefix,
        "python.executable": python,
        "python.version": "3.11.9",
        "python.pip_version": "25.0",
        "accelerators.vendors": ["nvidia"],
    }
    return Facts({key: known(value) for key, value in told.items()})


def commands(system: str, maker: str) -> list[tuple[str, str]]:
    """Return (card, command) for every remedy and variant; remarks are left out."""
    world = facts(system, maker)
    words = Words(Look(world), {}, Environment(world))
    found = []
    for card in load_cards(predicates=PREDICATES):
        for name in ("", *card.variants):
            if remedy := remedy_of(card, name, words):
                found += [(card.id, line.partition("  # ")[0]) for line in (*remedy.commands, remedy.check)]
    elsewhere = (
        "#",
        "conda run -n ",
        "~/venvs/{",
        r"C:\venvs\{",
    )  # remarks, and what is for another environment
    return [(card, line) for card, line in found if line and not line.startswith(elsewhere)]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_fix_is_a_command_of_this_system_and_installer(system: str, maker: str) -> None:
    wrong = {"windows": re.compile(rf"'[^\"]*$|^[^\"]*'|{POSIX.pattern}|~/"), "darwin": MACS}.get(system)
    found = commands(system, maker)
    assert len(found) > 100
    assert [(card, line) for card, line in found if wrong and wrong.search(line)] == []
    if maker in ("uv", "pipx"):
        assert [(card, line) for card, line in found if PIP.search(line)] == []
    if maker == "poetry":
        assert [line for _, line in found if PIP.search(line) and "poetry run" not in line] == []


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_question_is_a_command_of_this_system_and_installer(system: str, maker: str) -> None:
    world = facts(system, maker)
    asked = {line for start, _ in _COMMANDS for line in commands_for([f"{start}x: not told"], world)}
    wrong = {"windows": POSIX, "darwin": MACS}.get(system)
    assert [line for line in asked if wrong and wrong.search(line)] == []
    assert ("python -m pip list" in asked) == (system != "windows" and maker not in ("uv", "conda"))


@pytest.mark.parametrize(
    ("posix", "windows"),
    [
        ("py -c 'import torch; print(torch.ones(1, device=\"cuda\"))'", "py -c \"import torch; print(torch.ones(1, device='cuda'))\""),
        ("py -m pip install 'numpy<2' 'h5py>=3'", 'py -m pip install "numpy<2" "h5py>=3"'),
        ("env | grep VISIBLE_DEVICES", 'cmd /c set | findstr "VISIBLE_DEVICES"'),
        ("nvidia-smi -q | grep -iE 'xid|ecc' | head", 'nvidia-smi -q | findstr /i "xid ecc"'),
        ("uv venv --python 3.11 ~/venvs/dl", r"uv venv --python 3.11 C:\venvs\dl"),
        ("~/venvs/dl/bin/python --version", r"C:\venvs\dl\Scripts\python --version"),
        ("unset PYTHONPATH", "set PYTHONPATH=\n# in PowerShell: $env:PYTHONPATH = ''"),
        ("export A=1", "set A=1\n# in PowerShell: $env:A = '1'"),
        ("uv venv x && py -m pip install a  # why", "uv venv x\npy -m pip install a\n# why"),
        ("rm -rf C:\\x\\torch", "cmd /c rmdir /s /q C:\\x\\torch"),
        ("sudo modprobe nvidia && nvidia-smi", "nvidia-smi"),
        ("py -m pip check; sudo reboot", "py -m pip check"),
        ("ldconfig -p | grep libcuda", ""),
        ("# see https://example.org/it's", "# see https://example.org/it's"),
    ],
)  # fmt: skip
def test_a_command_is_said_as_windows_takes_it(posix: str, windows: str) -> None:
    assert for_windows(posix) == windows


def test_the_mac_is_never_asked_for_what_it_cannot_have() -> None:
    assert not [line for _, line in _ELSEWHERE["darwin"] if "nvidia-smi" in line]


@pytest.mark.parametrize(("installer", "line"), [("conda", "conda install -p "), ("uv", "uv pip install --python "), ("", "conda install 'mkl")])  # fmt: skip
def test_what_is_condas_story_gets_condas_command(installer: str, line: str) -> None:
    world = facts("linux", installer or "pip")
    if not installer:
        world = Facts({key: fact for key, fact in world.items() if key != "python.installer"})
    card = next(card for card in load_cards(predicates=PREDICATES) if card.cause == "mkl_symbol_mismatch")
    made = remedy_of(card, "", Words(Look(world), {}, Environment(world)))
    assert made is not None
    assert made.commands[0].startswith(line)


def test_a_file_is_moved_by_what_both_shells_of_windows_run() -> None:
    assert (
        for_windows("mv 'C:\\a b\\torch' 'C:\\a b\\torch.aside'")
        == 'cmd /c move "C:\\a b\\torch" "C:\\a b\\torch.aside"'
    )
