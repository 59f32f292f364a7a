"""NVIDIA's tools that hang, crash or babble, for real: each is a state, and the rest is still there."""

import shutil
import subprocess

import pytest
import texts

from auditor.probes.nvidia import nvml, tool

NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."


def test_an_nvidia_smi_that_never_returns(live, monkeypatch):
    monkeypatch.setattr(tool, "DEADLINE", 0.3)
    facts = live("sleep 1000")
    assert facts.value("nvidia.tool_state") == "hang"
    assert "hang" in facts.value("nvidia.source_why")


@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        ("head -c 3000 /dev/urandom | base64", "garbage", "not nvidia-smi"),
        ("head -c 3000 /dev/zero | tr '\\0' '\\377'", "garbage", "not nvidia-smi"),
        ("echo '<report version=\"2\"/>'", "other-schema", "XML"),
        (f'echo "{NO_DRIVER}"; exit 9', "failed", "couldn't communicate"),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", "failed", "mismatch"),
        ("echo oops >&2; exit 127", "failed", "oops"),
        ("kill -SEGV $$", "failed", "ended by SIGSEGV without a word"),
    ],
)
def test_an_nvidia_smi_that_fails(live, script, state, says):
    facts = live(script)
    assert facts.value("nvidia.tool_state") == state
    assert says in facts.value("nvidia.tool_error")
    assert facts["nvidia.driver_version"].state == "unknown", (
        "something of NVIDIA is here and does not answer"
    )
    assert facts["nvidia.source"].state == "unknown"
    assert facts["nvidia.gpu_count"].state == "unknown"
    assert facts["nvidia.gpus"].state == "unknown"


HEADED = "<nvidia_smi_log><driver_version>580.10</driver_version>{}</nvidia_smi_log>"


@pytest.mark.parametrize(
    "log",
    [
        "<nvidia_smi_log/>",
        HEADED.format(""),
        HEADED.format("<attached_gpus>2</attached_gpus><device><product_name>H100</product_name></device>"),
        HEADED.format("<attached_gpus>1</attached_gpus><board><uuid>GPU-1</uuid></board>"),
        HEADED.format("<attached_gpus>N/A</attached_gpus>"),
        HEADED.format("<attached_gpus>1</attached_gpus><gpu><title>H100</title></gpu>"),
    ],
)
def test_a_log_whose_gpus_stand_elsewhere_is_another_schema_and_the_gpus_unknown(live, log):
    facts = live(f"echo '{log}'")
    assert facts.value("nvidia.tool_state") == "other-schema"
    assert facts["nvidia.gpu_count"].state == "unknown"
    assert facts["nvidia.gpus"].state == "unknown"


def test_a_log_that_says_that_no_gpu_is_attached_is_an_answer(live):
    facts = live(f"echo '{HEADED.format('<attached_gpus>0</attached_gpus>')}'")
    assert facts.value("nvidia.tool_state") == "ok"
    assert facts.value("nvidia.gpu_count") == 0


def test_a_tool_that_finds_no_devices_answers_that_there_are_none(live):
    assert live("echo 'No devices were found'; exit 6").value("nvidia.gpu_count") == 0


def test_an_nvidia_smi_that_works_where_nvml_is_missing(live, tmp_path):
    (tmp_path / "log.xml").write_text(texts.xml(texts.NEW_GPU))
    script = f'case "$1" in -q) cat "{tmp_path}/log.xml";; --query-gpu*) echo "H100, 1, 580.10, 9.0";; *) exit 2;; esac'
    facts = live(script)
    assert facts.value("nvidia.source") == "nvidia-smi"
    assert facts.value("gpu[0].compute_capability") == "9.0"
    assert facts["nvidia.tool_error"].state == "absent"


def test_a_reply_cut_short_still_counts_the_gpus_that_it_claims(live, tmp_path):
    text = texts.xml(texts.OLD_GPU, texts.NEW_GPU)
    (tmp_path / "log.xml").write_text(text[: text.index("H100")])
    facts = live(f'cat "{tmp_path}/log.xml"')
    assert facts.value("nvidia.tool_state") == "garbage"
    assert facts.value("nvidia.gpu_count") == 2
    assert facts.value("gpu[0].name") == "Tesla P100-PCIE-16GB"


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Return library(C code) -> path of a libnvidia-ml.so.1 that the child's loader finds first."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc to build a fake NVML with")

    def build(code):
        source, built = tmp_path / "nvml.c", tmp_path / "libnvidia-ml.so.1"
        source.write_text(code)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, source], check=True)
        monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
        return str(built)

    return build


def test_an_nvml_that_crashes(live, library):
    path = library("int nvmlInitWithFlags(unsigned f) { return *(volatile int *)0; }")
    facts = live(libraries=[path])
    assert facts.value("nvidia.nvml_state") == "crash"
    assert facts.value("nvidia.nvml_error") == "SIGSEGV in nvmlInitWithFlags"
    assert facts.value("nvidia.tool_state") == "missing", "nvidia-smi was asked in its place"


def test_an_nvml_that_hangs(live, library, monkeypatch):
    path = library("#include <unistd.h>\nint nvmlInitWithFlags(unsigned f) { sleep(1000); return 0; }")
    for deadline in (1.5, 10.0, 60.0):  # in which a loaded machine has come to the hang
        monkeypatch.setattr(nvml, "DEADLINE", deadline)
        monkeypatch.setattr(nvml, "PROOF", 1.0)
        facts = live(libraries=[path])
        if "nvmlInitWithFlags" in facts.value("nvidia.nvml_error"):
            break
    assert facts.value("nvidia.nvml_state") == "hang"
    assert "nvmlInitWithFlags" in facts.value("nvidia.nvml_error")


def test_an_nvml_that_refuses(live, library):
    code = """const char *nvmlErrorString(int e) { return "Driver/library version mismatch"; }
    int nvmlInitWithFlags(unsigned f) { return 18; }"""
    facts = live(libraries=[library(code)])
    assert facts.value("nvidia.nvml_state") == "error"
    assert "mismatch" in facts.value("nvidia.nvml_error")


WORKING = r"""
#include <string.h>
typedef void *dev;
const char *nvmlErrorString(int e) { return e == 3 ? "Not Supported" : "Unknown Error"; }
int nvmlInitWithFlags(unsigned f) { return 0; }
int nvmlSystemGetDriverVersion(char *s, unsigned n) { strcpy(s, "570.86.15"); return 0; }
int nvmlSystemGetCudaDriverVersion_v2(int *v) { *v = 12080; return 0; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, dev *d) { *d = (dev)1; return i == 1 ? 15 : 0; }
int nvmlDeviceGetName(dev d, char *s, unsigned n) { strcpy(s, "NVIDIA X1"); return 0; }
int nvmlDeviceGetCudaComputeCapability(dev d, int *a, int *b) { *a = 9; *b = 0; return 0; }
int nvmlDeviceGetMemoryInfo_v2(dev d, unsigned long long *m) { m[1] = 4ull << 30; m[2] = 0; m[3] = 3ull << 30; m[4] = 1ull << 30; return 0; }
int nvmlDeviceGetEccMode(dev d, unsigned *a, unsigned *b) { return 3; }
int nvmlDeviceGetPowerUsage(dev d, unsigned *mw) { return 999; }
int nvmlDeviceGetTemperature(dev d, unsigned s, unsigned *t) { *t = 41; return 0; }
"""


def test_an_nvml_that_answers_in_part(live, library):
    facts = live("echo never asked; exit 1", libraries=[library(WORKING)])
    assert facts.value("nvidia.source") == "nvml"
    assert facts.value("nvidia.driver_version") == "570.86.15"
    assert facts.value("nvidia.cuda_driver_version") == "12.8"
    assert facts.value("nvidia.gpu_count") == 2
    assert facts["nvidia.tool_state"].state == "absent"
    assert facts.value("gpu[0].name") == "NVIDIA X1"
    assert facts.value("gpu[0].compute_capability") == "9.0"
    assert facts.value("gpu[0].memory_total_mib") == 4096
    assert facts["gpu[0].ecc_mode"].state == "absent"
    assert facts["gpu[0].power_draw_w"].state == "unknown"
    assert facts["gpu[0].uuid"].reason == "this driver is older than the question"
    assert facts["gpu[1].name"].state == "unknown", "a GPU that was lost is still counted"


def test_without_any_sign_no_child_is_started(live, monkeypatch):
    monkeypatch.setattr(nvml, "ask", lambda: pytest.fail("NVML was asked"))
    facts = live()
    assert facts["nvidia.nvml_state"].state == "absent"
    assert facts.value("nvidia.gpu_count") == 0


def test_one_that_prints_without_end_is_no_driver_that_hangs(live, monkeypatch):
    for deadline in (0.8, 8.0, 60.0):  # in which a loaded machine has printed enough
        monkeypatch.setattr(tool, "DEADLINE", deadline)
        facts = live("exec cat /dev/zero")
        if facts.value("nvidia.tool_state") != "hang":
            break
    assert facts.value("nvidia.tool_state") == "garbage"
    assert "without end" in facts.value("nvidia.tool_error")
    assert facts["nvidia.gpu_count"].state == "unknown"
