"""Operating system, libraries, firmware and hypervisor."""

import pytest
import trees

from auditor.model.fact import Facts, absent, known
from auditor.probes.firmware import PROBE as FIRMWARE
from auditor.probes.system import PROBE as SYSTEM
from auditor.probes.virtualization import PROBE as VIRTUALIZATION


def look(host):
    return SYSTEM.collect(host, Facts())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n',
            ("ubuntu", "24.04", "Ubuntu 24.04 LTS"),
        ),
        ("# made by hand\nID='made up'\nPRETTY_NAME='It costs $1'\n", ("made up", None, "It costs $1")),
        ('ID=x\nVERSION_ID=""\nPRETTY_NAME="a \\"b\\" \\$c"\n', ("x", None, 'a "b" $c')),
    ],
)
def test_os_release_is_read_as_a_shell_would(machine, text, expected):
    facts = look(machine({"/etc/os-release": text}))
    assert tuple(facts[key].value for key in ("os.id", "os.version_id", "os.pretty_name")) == expected


def test_the_vendors_copy_serves_where_etc_has_none(machine):
    assert look(machine({"/usr/lib/os-release": "ID=fedora\n"}))["os.id"].value == "fedora"


def test_a_link_that_leads_out_of_etc_is_followed_inside_the_tree(machine):
    files = {"/etc/os-release": "-> ../usr/lib/os-release", "/usr/lib/os-release": "ID=arch\n"}
    assert look(machine(files))["os.id"].value == "arch"


def test_an_old_release_file_still_names_the_system(machine):
    facts = look(machine({"/etc/redhat-release": "Old Linux release 6.4 (Gold)\n"}))
    assert (facts["os.id"].state, facts["os.pretty_name"].value) == ("absent", "Old Linux release 6.4 (Gold)")


@pytest.mark.parametrize(
    ("release", "platform", "is_wsl"),
    [
        ("6.8.0-31-generic", "linux", False),
        ("5.15.90.1-microsoft-standard-WSL2", "wsl2", True),
        ("4.4.0-19041-Microsoft", "wsl1", True),
        ("6.6.1-azure", "linux", False),
    ],
)
def test_the_kernels_name_tells_wsl(machine, release, platform, is_wsl):
    facts = look(machine(calls={"uname": ["Linux", release, "#1", "x86_64"]}))
    assert (facts["os.platform"].value, facts["os.wsl"].value, facts["os.kernel"].value) == (
        platform,
        is_wsl,
        release,
    )


def test_a_captured_tree_tells_kernel_and_architecture(machine):
    facts = look(
        machine({"/proc/version": "Linux version 5.10.1-x (gcc) #1\n", "/proc/cpuinfo": trees.arm64("0xd0c")})
    )
    assert (facts["os.kernel"].value, facts["os.arch"].value, facts["os.platform"].value) == (
        "5.10.1-x",
        "aarch64",
        "linux",
    )


@pytest.mark.parametrize(
    ("files", "libc", "version"),
    [
        ({"/lib/x86_64-linux-gnu/libc.so.6": "-> libc-2.31.so"}, "glibc", "2.31"),
        (
            {"/lib64/libc.so.6": b"\x7fELF..GNU C Library (GNU libc) stable release version 2.35.\n.."},
            "glibc",
            "2.35",
        ),
        ({"/lib/ld-musl-x86_64.so.1": b"\x7fELF"}, "musl", None),
    ],
)
def test_the_c_library_is_told_by_its_files(machine, files, libc, version):
    facts = look(machine({"/proc/cpuinfo": trees.x86_block(0), **files}))
    assert (facts["os.libc"].value, facts["os.glibc_version"].value) == (libc, version)


def test_without_any_c_library_nothing_is_claimed(machine):
    assert look(machine())["os.libc"].state == "unknown"


@pytest.mark.parametrize(
    "files",
    [
        {"/usr/lib64/libstdc++.so.6": "-> libstdc++.so.6.0.33"},
        {
            "/usr/lib/libstdc++.so.6": b"..GLIBCXX_3.4\0GLIBCXX_3.4.9\0GLIBCXX_3.4.33\0GLIBCXX_3.4.4\0GLIBCXX_TUNABLES\0"
        },
    ],
)
def test_the_highest_glibcxx_is_found_by_name_or_by_symbols(machine, files):
    assert look(machine(files))["os.glibcxx_max"].value == "3.4.33"


EFI = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


@pytest.mark.parametrize(
    ("files", "state", "value"),
    [
        ({EFI: b"\x06\0\0\0\x01"}, "known", True),
        ({EFI: b"\x06\0\0\0\x00"}, "known", False),
        ({EFI: b"\x06\0"}, "unknown", None),
        ({"/sys/firmware/efi/runtime": "x"}, "unknown", None),
        ({"/sys/firmware/memmap/0/start": "x"}, "absent", None),
    ],
)
def test_secure_boot(machine, files, state, value):
    fact = FIRMWARE.collect(machine(files), Facts())["system.secure_boot"]
    assert (fact.state, fact.value) == (state, value)


def test_maker_and_product_by_dmi_device_tree_or_sysinfo(machine):
    dmi = machine(
        {"/sys/class/dmi/id/sys_vendor": "ACME Inc.\n", "/sys/class/dmi/id/product_name": "Rocket 9\n"}
    )
    facts = FIRMWARE.collect(dmi, Facts())
    assert (facts["system.vendor"].value, facts["system.product"].value) == ("ACME Inc.", "Rocket 9")


def test_the_device_tree_names_the_board(machine):
    facts = FIRMWARE.collect(machine({"/proc/device-tree/model": b"Some Board v2\0"}), Facts())
    assert (facts["system.product"].value, facts["system.vendor"].state) == ("Some Board v2", "absent")


GUEST = {"cpu.ml_flags": known(["hypervisor"]), "os.arch": known("x86_64")}
BARE = {"cpu.ml_flags": known(["avx"]), "os.arch": known("x86_64")}
CLOCK = "/sys/devices/system/clocksource/clocksource0/available_clocksource"


@pytest.mark.parametrize(
    ("files", "facts", "state", "name"),
    [
        ({CLOCK: "tsc kvm-clock \n"}, GUEST, "known", "KVM"),
        ({CLOCK: "tsc hpet\n"}, GUEST | {"system.product": known("VMware Virtual Platform")}, "known", "VMware"),
        ({CLOCK: "tsc hpet\n"}, GUEST, "unknown", None),
        ({CLOCK: "tsc hpet\n"}, BARE | {"system.vendor": known("Amazon EC2")}, "absent", None),
        ({"/sys/hypervisor/type": "xen\n"}, BARE, "known", "Xen"),
        ({"/proc/device-tree/hypervisor/compatible": b"linux,kvm\0"}, {"os.arch": known("ppc64le")}, "known", "KVM"),
        ({"/proc/sysinfo": "LPAR Number: 3\nVM00 Control Program: z/VM    6.1.0\n"}, {"os.arch": known("s390x")}, "known", "z/VM 6.1.0"),
    ],
)  # fmt: skip
def test_hypervisors(machine, files, facts, state, name):
    nobody = {"system.vendor": absent("none"), "system.product": absent("none")}
    fact = VIRTUALIZATION.collect(machine(files), Facts(nobody | facts))["system.hypervisor"]
    assert (fact.state, fact.value) == (state, name)
