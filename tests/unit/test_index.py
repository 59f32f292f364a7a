"""--index-check against an index of our own: pip itself asks it, and what it holds decides."""

import hashlib
import zipfile

import pytest

from auditor.audit import index_resolve
from auditor.audit.advise import advise
from auditor.audit.request import Request
from auditor.engine.planning.wish import Wish
from auditor.host.live import LiveHost

pytestmark = pytest.mark.slow

# name, version, what it requires
SHELF = [
    ("torch", "2.15.0", []), ("torch", "2.14.1", []), ("torch", "2.13.0", []),
    ("needy", "2.0", ["torch==2.13.0", "helper>=1"]), ("needy", "1.0", ["torch<2.10"]),
    ("helper", "1.5", []), ("easy", "3.1", ["torch>=2"]), ("stubborn", "1.0", ["torch<1"]),
]  # fmt: skip


def wheel(folder, name, version, requires):
    path = folder / f"{name}-{version}-py3-none-any.whl"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    about = f"{name}-{version}.dist-info"
    files = {
        f"{about}/METADATA": head + "".join(f"Requires-Dist: {text}\n" for text in requires),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as made:
        for inside, text in files.items():
            made.writestr(inside, text)
        made.writestr(f"{about}/RECORD", "".join(f"{inside},,\n" for inside in [*files, f"{about}/RECORD"]))
    return path


@pytest.fixture
def index(tmp_path, monkeypatch):
    simple = tmp_path / "simple"
    for name, version, requires in SHELF:
        folder = simple / name
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(wheel(folder, name, version, requires).read_bytes()).hexdigest()
        with (folder / "index.html").open("a") as page:
            page.write(
                f'<a href="{name}-{version}-py3-none-any.whl#sha256={digest}">{name}-{version}-py3-none-any.whl</a>\n'
            )
    monkeypatch.setenv("PIP_INDEX_URL", simple.as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setattr(index_resolve, "find_uv", lambda: "")  # pip, whether uv is here or not


def planned(*requirements):
    request = Request(cwd="/", assume=("gpu=H100", "driver=590.48.01"))
    return advise(
        request, LiveHost(), None, "pytorch", Wish(requirements=requirements), index_check=True
    ).plan


def chosen(plan):
    return [f"{choice['name']} {choice['version']} {choice['build']}".rstrip() for choice in plan.choices]


@pytest.mark.usefixtures("index")
def test_what_goes_with_the_newest_release_leaves_it_alone():
    plan = planned("easy")
    assert chosen(plan) == ["torch 2.15.0 cu132", "easy 3.1"]
    assert "easy 3.1 goes with torch 2.15.0: all resolve together by the index's metadata" in plan.because


@pytest.mark.usefixtures("index")
def test_what_wants_another_release_gets_it_where_that_fits_the_machine():
    plan = planned("needy", "easy")
    assert chosen(plan) == ["torch 2.13.0 cu130", "needy 2.0", "easy 3.1"]
    assert any("needy==2.0" in step for step in plan.steps)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("asked", ["stubborn", "nowhere"])
def test_what_the_index_cannot_give_is_blocked_with_its_words(asked):
    plan = planned(asked)
    assert not plan.possible
    assert asked in plan.blocked_by[0]
    assert "by the index's metadata" in plan.blocked_by[0]


def test_an_index_that_is_not_reached_decides_nothing(index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    plan = planned("easy")
    assert plan.possible
    assert any("undecided by the index: the index was not reached" in said for said in plan.because)
