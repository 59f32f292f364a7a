"""Systems by the names that people write: the platform, and the C library of the release that is meant."""

import pytest

from auditor.audit.systems import named_system

# as written -> platform, distribution, release, glibc
NAMES = [
    ("rhel 7.9", "linux rhel 7.9 2.17"),
    ("rocky 8.10", "linux rocky 8.10 2.28"),
    ("Rocky Linux 8.10 (Green Obsidian)", "linux rocky 8.10 2.28"),
    ("Red Hat Enterprise Linux 9.4 (Plow)", "linux rhel 9.4 2.34"),
    ("CentOS Linux 7 (Core)", "linux centos 7 2.17"),
    ("Oracle Linux Server 8.9", "linux ol 8.9 2.28"),
    ("centos7", "linux centos 7 2.17"),
    ("Ubuntu 22.04.4 LTS", "linux ubuntu 22.04.4 2.35"),
    ("Ubuntu 20.04.6 LTS (Focal Fossa)", "linux ubuntu 20.04.6 2.31"),
    ("ubuntu-18.04", "linux ubuntu 18.04 2.27"),
    ("Debian GNU/Linux 12 (bookworm)", "linux debian 12 2.36"),
    ("debian 11.9", "linux debian 11.9 2.31"),
    ("debian bullseye", "linux debian 11 2.31"),
    ("Amazon Linux 2023.4", "linux amzn 2023.4 2.34"),
    ("Pop!_OS 22.04 LTS", "linux pop 22.04 2.35"),
    ("Alpine Linux v3.20", "linux alpine 3.20 musl"),
    ("dgx os 6.1", "linux ubuntu 22.04 2.35"),
    ("nixos 24.05", "linux nixos 24.05"),
    ("ubuntu 22.04 wsl2", "wsl2 ubuntu 22.04 2.35"),
    ("wsl debian 10", "wsl2 debian 10 2.28"),
    ("WSL 2", "wsl2"),
    ("wsl1", "wsl1"),
    ("windows 11 23H2", "windows 11"),
    ("Windows Server 2022", "windows 2022"),
    ("macOS Sonoma 14.5", "darwin 14.5"),
    ("macos 26.1", "darwin 26.1"),
]


@pytest.mark.parametrize(("written", "meant"), NAMES, ids=lambda value: value)
def test_a_system_is_known_by_the_names_that_people_write(written, meant):
    stated = named_system(written)
    keys = ("os.platform", "os.id", "os.version_id", "os.glibc_version")
    libc = "musl" if stated.get("os.libc") == "musl" else ""
    assert " ".join(filter(None, [*(stated.get(key, "") for key in keys), libc])) == meant


@pytest.mark.parametrize(
    "written", ["server", "ubuntu core 22", "wsl2 windows", "linx", "", "12", "8.10", "(x)"]
)
def test_what_no_row_means_is_not_guessed(written):
    assert named_system(written) is None
