"""Which libraries the loader would find, in which order, and what version they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_ldcache import I386, X86_64, new_format

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, known
from auditor.probes.loader import PROBE

Machine = Callable[..., Host]
ARCH = Facts({"os.arch": known("x86_64"), "request.cwd": known("/home/u")})

CUDNN_H = "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 10\n#define CUDNN_PATCHLEVEL 2\n#define CUDNN_VERSION (CUDNN_MAJOR)\n"
NCCL_H = '#define NCCL_MAJOR 2\n#define NCCL_MINOR 27\n#define NCCL_PATCH 3\n#define NCCL_SUFFIX ""\n'


def look(host: Host) -> dict[str, Fact]:
    return dict(PROBE.collect(host, ARCH))


def found(host: Host) -> list[tuple[Any, ...]]:
    return [(x["soname"], x["path"], x["source"], x["version"]) for x in look(host)["loader.libraries"].value]


def test_the_order_is_ld_library_path_then_the_cache_then_the_default_folders(machine: Machine) -> None:
    host = machine(
        {
            "/opt/a/libcudnn.so.8": "-> libcudnn.so.8.9.7",
            "/opt/a/libcudnn.so.8.9.7": b"\x7fELF",
            "/opt/b/libcudnn.so.9": "-> libcudnn.so.9.10.2",
            "/opt/b/libcudnn.so.9.10.2": b"\x7fELF",
            "/usr/lib/x86_64-linux-gnu/libnccl.so.2": "-> libnccl.so.2.27.3",
            "/usr/lib/x86_64-linux-gnu/libnccl.so.2.27.3": b"\x7fELF",
            "/etc/ld.so.cache": new_format([("libcudnn.so.9", "/opt/b/libcudnn.so.9", X86_64)]),
        },
        env={"LD_LIBRARY_PATH": "/opt/a:/opt/none"},
    )
    assert found(host) == [
        ("libcudnn.so.8", "/opt/a/libcudnn.so.8", "LD_LIBRARY_PATH", "8.9.7"),
        ("libcudnn.so.9", "/opt/b/libcudnn.so.9", "/etc/ld.so.cache", "9.10.2"),
        ("libnccl.so.2", "/usr/lib/x86_64-linux-gnu/libnccl.so.2", "default folders", "2.27.3"),
    ]
    assert look(host)["loader.cudnn_version"].value == "8.9.7"
    assert look(host)["loader.nccl_version"].value == "2.27.3"


def test_a_chain_of_links_is_one_library_under_the_name_that_programs_ask_for(machine: Machine) -> None:
    host = machine(
        {
            "/usr/local/cuda-12.4/lib64/libcudart.so": "-> libcudart.so.12",
            "/usr/local/cuda-12.4/lib64/libcudart.so.12": "-> libcudart.so.12.4.127",
            "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127": b"",
            "/usr/local/cuda": "-> cuda-12.4",
        },
        env={"LD_LIBRARY_PATH": "/usr/local/cuda/lib64:/usr/local/cuda-12.4/lib64"},
    )
    assert found(host) == [
        ("libcudart.so.12", "/usr/local/cuda/lib64/libcudart.so.12", "LD_LIBRARY_PATH", "12.4.127")
    ]


def test_merged_usr_folders_are_looked_at_once(machine: Machine, tmp_path: Any) -> None:
    host = machine({"/usr/lib/libgomp.so.1.0.0": b"", "/usr/lib/libgomp.so.1": "-> libgomp.so.1.0.0"}, env={})
    (tmp_path / "lib").rmdir()
    (tmp_path / "lib").symlink_to("usr/lib")
    assert found(host) == [("libgomp.so.1", "/usr/lib/libgomp.so.1", "default folders", "1.0.0")]


def test_a_soname_alone_is_no_version_and_the_header_beside_the_library_tells(machine: Machine) -> None:
    host = machine(
        {
            "/opt/w/cudnn/lib/libcudnn.so.9": b"",
            "/opt/w/cudnn/include/cudnn_version.h": CUDNN_H,
            "/opt/w/nccl/lib/libnccl.so.2": b"",
            "/opt/w/nccl/include/nccl.h": NCCL_H,
            "/opt/w/cublas/lib/libcublas.so.12": b"",
        },
        env={"LD_LIBRARY_PATH": "/opt/w/cudnn/lib:/opt/w/nccl/lib:/opt/w/cublas/lib"},
    )
    assert [(name, version) for name, _, _, version in found(host)] == [
        ("libcudnn.so.9", "9.10.2"),
        ("libnccl.so.2", "2.27.3"),
        ("libcublas.so.12", None),
    ]


def test_a_library_whose_version_nothing_tells_is_unknown_not_absent(machine: Machine) -> None:
    facts = look(machine({"/usr/lib/libcudnn.so.9": b""}, env={}))
    assert facts["loader.cudnn_version"].state == "unknown"
    assert facts["loader.nccl_version"].state == "absent"


def test_libraries_of_another_architecture_are_not_found(machine: Machine) -> None:
    cache = new_format([("libcuda.so.1", "/usr/lib32/libcuda.so.1", I386)])
    assert found(machine({"/etc/ld.so.cache": cache}, env={})) == []


def test_an_empty_entry_of_ld_library_path_is_the_working_directory(machine: Machine) -> None:
    facts = look(
        machine({}, env={"LD_LIBRARY_PATH": "/opt/a::/opt/b", "LD_PRELOAD": "/x/liba.so libb.so:c.so"})
    )
    assert facts["loader.ld_library_path"].value == ["/opt/a", "/home/u", "/opt/b"]
    assert facts["loader.ld_preload"].value == ["/x/liba.so", "libb.so", "c.so"]


def test_musl_has_no_cache_and_its_own_list_of_folders(machine: Machine) -> None:
    host = machine(
        {
            "/lib/ld-musl-x86_64.so.1": b"",
            "/etc/ld-musl-x86_64.path": "/lib\n/opt/libs\n",
            "/opt/libs/libgomp.so.1": b"",
            "/usr/lib/libgomp.so.1": b"",
            "/etc/ld.so.cache": b"never read",
        },
        env={},
    )
    assert [path for _, path, _, _ in found(host)] == ["/opt/libs/libgomp.so.1"]


@pytest.mark.parametrize(
    ("files", "env", "reason"),
    [
        ({}, None, "environment"),
        ({"/etc/ld.so.cache": b"not a cache"}, {}, "could not be understood"),
    ],
)
def test_what_cannot_be_looked_at_is_unknown(machine: Machine, files: Any, env: Any, reason: str) -> None:
    facts = look(machine(files, env=env))
    assert facts["loader.libraries"].state == "unknown"
    assert reason in facts["loader.libraries"].reason
    assert facts["loader.cudnn_version"].state == "unknown"


@pytest.mark.parametrize("on_path", [True, False])
def test_wsl_libraries_say_whether_the_loader_reaches_them(machine: Machine, on_path: bool) -> None:
    entry = [("libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1", X86_64)] if on_path else []
    host = machine({"/usr/lib/wsl/lib/libcuda.so.1": b"", "/etc/ld.so.cache": new_format(entry)}, env={})
    assert look(host)["loader.wsl_libraries"].value["on_loader_path"] is on_path
