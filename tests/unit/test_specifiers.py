"""Plain specifiers and markers are decided without packaging, and as it decides them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from auditor.model.specifiers import satisfied
from auditor.target.markers import holds

_number = st.integers(0, 12).map(str)
_release = st.lists(_number, min_size=1, max_size=4).map(".".join)
_version = st.tuples(
    _release, st.sampled_from(["", "", "", "+cpu", "+cu128.git1", "rc1", ".post1", ".dev3"])
).map("".join)
_clause = st.tuples(
    st.sampled_from([">=", "<=", "==", "!=", "<", ">", ">= ", "~="]),
    _release,
    st.sampled_from(["", "", "", "", ".*", "rc1"]),
).map("".join)
_specifier = st.lists(_clause, min_size=0, max_size=3).map(",".join)

WHERE = {
    "python_version": "3.11",
    "python_full_version": "3.11.7",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "implementation_version": "3.11.7",
    "platform_release": "",
    "platform_version": "",
}
_comparison = st.one_of(
    st.tuples(
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["==", "!=", ">=", "<=", "<", ">"]),
        st.sampled_from(["3", "3.8", "3.11", "3.11.7", "3.11.9", "3.12", "4.0", "3.14.0rc1"]),
    ),
    st.tuples(
        st.sampled_from(["sys_platform", "platform_system", "platform_machine", "os_name", "extra"]),
        st.sampled_from(["==", "!="]),
        st.sampled_from(["linux", "Linux", "win32", "x86_64", "aarch64", "posix", "more", "3"]),
    ),
).map(lambda parts: f"{parts[0]} {parts[1]} '{parts[2]}'")
_marker = st.tuples(_comparison, st.sampled_from(["and", "or"]), _comparison).map(" ".join) | _comparison


@given(_version, _specifier)
def test_specifiers_are_decided_as_packaging_does(version: str, specifier: str) -> None:
    try:
        expected = SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            satisfied(version, specifier)
        return
    assert satisfied(version, specifier) is expected


@given(_marker, st.sampled_from(["", "more"]))
def test_markers_are_decided_as_packaging_does(text: str, extra: str) -> None:
    assert holds(text, WHERE, extra) is Marker(text).evaluate({**WHERE, "extra": extra})


@pytest.mark.parametrize("text", ["python_version >>> '3'", "nonsense", "python_version >= 3.8"])
def test_an_unreadable_marker_is_none(text: str) -> None:
    assert holds(text, WHERE, "") is None


def test_plain_ones_leave_packaging_alone() -> None:
    program = (
        "import sys; from auditor.model.specifiers import satisfied; "
        "from auditor.target.markers import holds; "
        "print(satisfied('2.13.0+cpu', '>=2.1,<3,!=2.5'), holds('python_version < \"3\"', "
        "{'python_version': '3.11'}, ''), 'packaging.specifiers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]
