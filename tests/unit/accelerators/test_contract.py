"""What holds of every reader and every field: nothing but ValueError, and no key outside the catalogue."""

import re
import tomllib
from pathlib import Path

import pytest
import texts
from devices import NAMES, look

from auditor._resources import tree
from auditor.host.formats import hl_smi, ib, kernel_log, nvidia_smi, nvidia_table, pci, rocm_smi
from auditor.host.recording import Recorder, SnapshotHost
from auditor.host.root import RootHost
from auditor.probes import gpu_facts, load
from auditor.probes.nvidia import nvml_child

READERS = (
    nvidia_smi.parse, nvidia_table.parse_table, nvidia_table.parse_list, nvidia_table.parse_csv, nvidia_table.parse_nvlink,
    rocm_smi.parse, rocm_smi.parse_rocminfo, ib.parse_ibstat, ib.parse_ibstatus, kernel_log.xids, pci.parse_lspci, hl_smi.parse,
)  # fmt: skip
TEXTS = (
    texts.xml(texts.NEW_GPU, texts.OLD_GPU),
    texts.QUERY,
    texts.TABLE,
    texts.OLD_TABLE,
    texts.LIST,
    texts.NVLINK,
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: f"{read.__module__}.{read.__name__}")
def test_a_damaged_text_raises_nothing_but_value_errors(read):
    for text in TEXTS:
        for place in range(0, len(text), 97):
            for damaged in (text[:place], text[place:], text[:place] + "\0|: [{" + text[place + 9 :]):
                try:
                    read(damaged)
                except ValueError:
                    pass


def test_every_key_is_in_the_catalogue():
    catalogue = set(tomllib.loads((tree("rules") / "facts.toml").read_text())["keys"])
    promised = {key for name in (*NAMES, "apple", "libtpu") for key in load(name).provides} - {"gpu[i].*"}
    fields = {f"gpu[i].{field}" for field in (*gpu_facts.NVIDIA, *gpu_facts.AMD)}
    assert promised | fields <= catalogue


def test_nvml_answers_no_field_that_is_not_reported():
    assert set(nvml_child.FIELDS) <= set(gpu_facts.NVIDIA)


def test_a_recording_replays_to_the_same_facts(machine, tmp_path):
    direct = machine(
        {"/proc/modules": "nvidia 1 0 - Live 0x0\n"}, {"nvidia-smi -q -x": texts.xml(texts.NEW_GPU)}
    )
    recorder = Recorder(RootHost(str(tmp_path)))
    look(recorder)
    replayed = look(SnapshotHost(recorder.snapshot))
    different = [
        key for key in direct if direct.value(key) != replayed.value(key) and key != "nvidia.source_why"
    ]
    assert different == []


def test_every_name_that_the_child_asks_of_nvml_exists():
    pynvml = pytest.importorskip("pynvml")
    source = Path(nvml_child.__file__).read_text()
    names = set(re.findall(r"\bn\.((?:nvml|NVML)\w+)", source)) | set(
        re.findall(r'"(NVML_\w+|c_nvml\w+)"', source)
    )
    assert len(names) > 50
    assert [name for name in sorted(names) if not hasattr(pynvml, name)] == []
