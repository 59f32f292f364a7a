"""What a processor is called, on each architecture."""

import pytest
import trees

from auditor.model.fact import Facts, known
from auditor.probes.cpu import PROBE


def look(host, facts=None):
    return PROBE.collect(host, facts or Facts())


@pytest.mark.parametrize(
    ("cpuinfo", "model", "vendor"),
    [
        (trees.x86_block(0), "A Made-Up CPU @ 2.00GHz", "GenuineIntel"),
        (trees.arm64("0xd4f"), "Neoverse-V2", "ARM"),
        (trees.arm64("0xd05", "0xd05", "0xd0b"), "Cortex-A55 + Cortex-A76", "ARM"),
        (trees.OLD_ARM, "Cortex-A15", "ARM"),
        (trees.POWER, "POWER9 (architected), altivec supported", None),
        (trees.S390X, None, "IBM/S390"),
        (trees.RISCV, "sifive,u74-mc", "0x489"),
        (trees.SPARC, "UltraSparc T9", None),
        (trees.LOONGARCH, "Loongson-9X", None),
    ],
)
def test_model_and_vendor_are_the_kernels(machine, cpuinfo, model, vendor):
    facts = look(machine({"/proc/cpuinfo": cpuinfo}))
    assert (facts["cpu.model_name"].value, facts["cpu.vendor_id"].value) == (model, vendor)


def test_a_name_that_the_kernel_does_not_give_is_absent_and_not_unknown(machine):
    assert look(machine({"/proc/cpuinfo": trees.S390X}))["cpu.model_name"].state == "absent"


def test_a_core_that_is_not_in_the_table_is_not_named(machine):
    assert look(machine({"/proc/cpuinfo": trees.arm64("0xfff")}))["cpu.model_name"].value is None


@pytest.mark.parametrize(
    ("cpuinfo", "flags"),
    [
        (trees.x86_block(0, flags="lm sse4_2 avx avx2 fma f16c amx_tile hypervisor pku"),
         ["amx_tile", "avx", "avx2", "f16c", "fma", "hypervisor", "sse4_2"]),
        (trees.arm64("0xd4f"), ["asimd", "asimddp", "asimdhp", "bf16", "sve"]),
        (trees.S390X, []),
        (trees.OLD_ARM, []),
    ],
)  # fmt: skip
def test_the_flags_that_matter_are_picked(machine, cpuinfo, flags):
    assert look(machine({"/proc/cpuinfo": cpuinfo}))["cpu.ml_flags"].value == flags


V2 = "lm mmx sse sse2 cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3"
V3 = V2 + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"
V4 = V3 + " avx512f avx512bw avx512cd avx512dq avx512vl"
ZEN4 = V4 + (
    " aes clflushopt clwb clzero fsgsbase pclmulqdq rdseed sse4a vaes vpclmulqdq xsavec xsaveopt gfni avx512_bf16"
    " avx512_bitalg avx512_vbmi2 avx512_vnni avx512_vpopcntdq avx512ifma avx512vbmi"
)


@pytest.mark.parametrize(
    ("flags", "level"),
    [("lm sse2", "x86_64_v1"), (V2, "x86_64_v2"), (V3, "x86_64_v3"), (V4, "x86_64_v4"),
     (V4.replace("movbe ", ""), "x86_64_v2")],
)  # fmt: skip
def test_a_level_needs_all_features_of_those_below(machine, flags, level):
    assert (
        look(machine({"/proc/cpuinfo": trees.x86_block(0, flags=flags)}))["cpu.x86_64_level"].value == level
    )


def test_other_architectures_have_no_x86_level(machine):
    assert look(machine({"/proc/cpuinfo": trees.arm64("0xd4f")}))["cpu.x86_64_level"].state == "absent"


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        (trees.x86_block(0, flags=V3), "x86_64_v3"),
        (trees.x86_block(0, flags=ZEN4).replace("GenuineIntel", "AuthenticAMD"), "zen4"),
        (trees.arm64("0xd08"), "aarch64"),
        (trees.POWER, "power9le"),
        (trees.POWER.replace("POWER9", "POWER7"), "power7"),
        (trees.RISCV, "u74mc"),
        (trees.SPARC, "sparc64"),
        (trees.S390X, "s390x"),
    ],
)
def test_microarchitecture_is_told_from_the_captured_fields_alone(machine, cpuinfo, name):
    assert look(machine({"/proc/cpuinfo": cpuinfo}))["cpu.microarchitecture"].value == name


def test_the_kernels_own_byte_order_decides_for_power(machine):
    big = machine({"/proc/cpuinfo": trees.POWER, "/sys/kernel/cpu_byteorder": "big\n"})
    assert look(big)["cpu.microarchitecture"].value == "power9"
    little = Facts({"os.arch": known("ppc64le")})
    assert look(big, little)["cpu.microarchitecture"].value == "power9le"


LSCPU = """Architecture:        aarch64
CPU(s):              4
Thread(s) per core:  1
Core(s) per socket:  2
Socket(s):           2
NUMA node(s):        2
Vendor ID:           ARM
Model name:          Neoverse-N1
NUMA node0 CPU(s):   0,1
NUMA node1 CPU(s):   2,3
Flags:               fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
"""


def test_lscpus_text_stands_in_for_missing_files(machine):
    facts = look(machine(commands={"lscpu": LSCPU}))
    assert facts["cpu.model_name"].value == "Neoverse-N1"
    assert facts["cpu.microarchitecture"].value == "neoverse_n1"
    assert [
        facts[f"cpu.{key}"].value for key in ("logical_online", "sockets", "cores", "threads_per_core")
    ] == [4, 2, 4, 1]
    assert facts["cpu.model_name"].evidence[0].kind == "command"


def test_what_may_not_be_read_is_unknown_with_the_reason(machine):
    facts = look(machine({"/proc/cpuinfo": trees.x86_block(0)}, refused=["/proc/cpuinfo", trees.CPU]))
    for key in (
        "cpu.model_name",
        "cpu.flags",
        "cpu.ml_flags",
        "cpu.microarchitecture",
        "cpu.logical_online",
        "cpu.cores",
    ):
        assert facts[key].state == "unknown"
        assert "permission denied" in facts[key].reason, key
