"""A captured tree answers as the machine would, and never with our own machine's files."""

import json

import pytest

from auditor.host.protocol import NotRecorded
from auditor.host.root import RootHost


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "version").write_text("Linux version 6.1\n")
    (tmp_path / "etc").mkdir()
    (tmp_path / "sys" / "real").mkdir(parents=True)
    (tmp_path / "sys" / "real" / "id").write_text("0x10de\n")
    return tmp_path


def test_reads_inside_the_tree(tree):
    assert RootHost(str(tree)).read("/proc/version") == "Linux version 6.1\n"


def test_absolute_links_stay_inside(tree):
    (tree / "sys" / "card").symlink_to("/sys/real")
    assert RootHost(str(tree)).read("/sys/card/id") == "0x10de\n"


def test_relative_links_stay_inside(tree):
    (tree / "sys" / "deep").mkdir()
    (tree / "sys" / "deep" / "card").symlink_to("../real")
    (tree / "etc" / "up").symlink_to("../../../../sys/real/id")
    host = RootHost(str(tree))
    assert host.read("/sys/deep/card/id") == "0x10de\n"
    assert host.read("/etc/up") == "0x10de\n"


def test_a_link_to_our_own_etc_is_not_followed(tree):
    (tree / "etc" / "passwd").symlink_to("/etc/shadow")
    with pytest.raises(FileNotFoundError):
        RootHost(str(tree)).read("/etc/passwd")


def test_a_loop_of_links_is_an_error_not_a_hang(tree):
    (tree / "etc" / "a").symlink_to("b")
    (tree / "etc" / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        RootHost(str(tree)).read("/etc/a")


def test_a_top_folder_that_was_not_captured_is_unknown_not_absent(tree):
    with pytest.raises(NotRecorded):
        RootHost(str(tree)).read("/usr/lib/os-release")
    with pytest.raises(FileNotFoundError):
        RootHost(str(tree)).read("/etc/os-release")


def test_environment_and_calls_are_not_part_of_a_tree(tree):
    host = RootHost(str(tree))
    for question in (lambda: host.env("PATH"), host.environ, lambda: host.call("affinity", list)):
        with pytest.raises(NotRecorded):
            question()


@pytest.fixture
def commands(tree):
    folder = tree / ".commands"
    folder.mkdir()
    (folder / "0").write_text("full query")
    (folder / "1").write_text("table")
    index = [
        {"argv": ["nvidia-smi", "-q", "-x", "--all"], "stdout": "0", "rc": 0},
        {"argv": ["nvidia-smi"], "stdout": "1", "rc": 9},
        {"argv": ["evil"], "stdout": "../../etc/passwd", "rc": 0},
    ]
    (folder / "index.json").write_text(json.dumps(index))
    return RootHost(str(tree))


def test_commands_answer_by_the_longest_common_beginning(commands):
    assert commands.run("k", ["nvidia-smi", "-q", "-x"]).stdout == "full query"


def test_one_common_word_is_not_enough(commands):
    with pytest.raises(NotRecorded):
        commands.run("k", ["nvidia-smi", "-L"])


def test_the_same_command_answers_with_its_exit_code(commands):
    assert commands.run("k", ["nvidia-smi"]).rc == 9


def test_an_index_cannot_name_a_file_outside(commands):
    with pytest.raises(PermissionError):
        commands.run("k", ["evil"])


def test_an_endless_index_of_answers_is_none(tree):
    (tree / ".commands").mkdir()
    (tree / ".commands" / "index.json").symlink_to("/dev/zero")
    with pytest.raises(NotRecorded, match="index"):
        RootHost(str(tree)).run("nvidia-smi", ["nvidia-smi"])
