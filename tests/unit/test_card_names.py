"""What a user's words for an accelerator mean."""

import json

import pytest

from auditor._resources import tree
from auditor.engine.card_names import card_named, nearest_card
from auditor.engine.gpu_names import capabilities_of

NVIDIA = {
    "12.1": ["GB10", "DGX Spark", "NVIDIA DGX Spark", "NVIDIA RTX Spark"],
    "12.0": ["RTX 5090", "RTX 5070 Ti", "GeForce RTX 5090 Laptop GPU", "RTX PRO 6000 Blackwell Server Edition", "rtx5080", "5060 Ti", "5090D", "RTX 6000 Pro", "RTX PRO 4500 Blackwell Server Edition"],
    "11.0": ["Jetson AGX Thor", "NVIDIA Thor", "Jetson T5000"],
    "10.3": ["B300", "GB300"],
    "10.0": ["B200", "GB200 NVL72", "B100"],
    "9.0": ["H100 PCIe", "NVIDIA H100 80GB HBM3", "H200 NVL", "GH200 480GB", "H20", "Grace Hopper", "H100 MIG 1g.10gb"],
    "8.9": ["L4", "RTX 2000E Ada Generation", "L40S", "RTX 4090", "AD102", "RTX4090", "rtx-4090", "4070 Ti SUPER", "RTX 6000 Ada Generation", "RTX 5880 Ada"],
    "8.7": ["Jetson AGX Orin", "Orin Nano", "Jetson Orin NX"],
    "8.6": ["RTX 3060 Laptop GPU", "RTX A6000", "A10G", "A40-48Q", "RTX 3050 6GB", "A2", "3090"],
    "8.0": ["NVIDIA A100-SXM4-80GB", "A30", "A800", "GRID A100-20C", "A100 80GB PCIe MIG 1g.10gb"],
    "7.5": ["Tesla T4", "GeForce GTX 1650", "RTX 2080 SUPER", "Quadro RTX 6000", "T1000", "TITAN RTX", "MX450"],
    "7.2": ["Jetson Xavier NX", "Jetson AGX Xavier"],
    "7.0": ["Tesla V100-SXM2-16GB", "V100S", "Titan V", "TitanV", "Quadro GV100"],
    "6.1": ["GTX 1080 Ti", "gtx1080ti", "GeForce GTX1060 6GB", "Quadro P2000", "Tesla P4", "Titan Xp", "GT 1030", "1050 Ti"],
    "6.0": ["Tesla P100-PCIE-16GB", "Quadro GP100"],
    "5.2": ["GTX 980 Ti", "Tesla M60", "GTX Titan X", "Quadro M4000", "M6000 24GB", "GTX TITAN X (Maxwell)"],
    "5.0": ["GTX 750 Ti", "940MX", "MX130"],
    "3.7": ["Tesla K80"],
    "3.5": ["Titan Black", "GTX TITAN Z", "TITAN", "Tesla K40m", "GTX 780 Ti", "Quadro K6000"],
    "1.3": ["GTX 285", "Tesla C1060"],
}  # fmt: skip
OTHERS = [
    ("MI300X", "amd", "gfx942"), ("AMD Instinct MI250X", "amd", "gfx90a"), ("MI355X", "amd", "gfx950"),
    ("Radeon RX 7900 XTX", "amd", "gfx1100"), ("RX7900XTX", "amd", "gfx1100"), ("RX 7800 XT", "amd", "gfx1101"),
    ("rx 9070 xt", "amd", "gfx1201"), ("RX 580", "amd", "gfx803"), ("gfx1030", "amd", "gfx1030"),
    ("Radeon Pro W7900", "amd", "gfx1100"), ("RX 6800M", "amd", "gfx1031"), ("RX 6700S", "amd", "gfx1032"), ("Radeon 820M", "amd", "gfx1153"), ("Steam Deck", "amd", "gfx1033"), ("Radeon 8060S", "amd", "gfx1151"), ("Radeon VII", "amd", "gfx906"), ("W6800", "amd", "gfx1030"), ("AI PRO R9700", "amd", "gfx1201"),
    ("Intel Arc A770", "intel", ""), ("B580", "intel", ""), ("Intel Data Center GPU Max 1550", "intel", ""),
    ("Intel UHD Graphics 630", "intel", ""), ("TPU v5e", "tpu", ""), ("v5litepod-8", "tpu", ""), ("Trillium", "tpu", ""),
    ("Apple M3 Max", "apple", ""), ("M2", "apple", ""), ("Gaudi 2", "gaudi", ""), ("HL-225", "gaudi", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "capability"), [(name, capability) for capability, names in NVIDIA.items() for name in names]
)
def test_ordinary_spellings_of_nvidia_cards(name, capability):
    card = card_named(name)
    assert (card.vendor, card.capabilities) == ("nvidia", (capability,))


@pytest.mark.parametrize(("name", "vendor", "gfx"), OTHERS)
def test_other_vendors(name, vendor, gfx):
    card = card_named(name)
    assert (card.vendor, card.gfx) == (vendor, gfx)


def test_every_product_of_the_table_has_one_of_its_own_capabilities():
    table = json.loads((tree("rules") / "tables" / "nvidia_pci.json").read_text())
    own: dict[str, set[str]] = {}
    for rows in table["sets"]:
        for _, _, product, capability in rows["rows"]:
            own.setdefault(product, set()).add(capability)
    wrong = {product: found for product in own if not set(found := capabilities_of(product)) & own[product]}
    assert set(wrong) <= {"DGX Station / PH402 SKU 200"}


@pytest.mark.parametrize(
    ("name", "capabilities"),
    [("GT 710", ("2.1", "3.5")), ("RTX 6000", ("7.5", "8.9")), ("Titan X", ("5.2", "6.1"))],
)
def test_a_name_of_several_chips_says_all(name, capabilities):
    assert card_named(name).capabilities == capabilities


@pytest.mark.parametrize(
    ("text", "count"),
    [("2x RTX 4090", 2), ("8xH100", 8), ("A100 x4", 4), ("H100*8", 8), ("H100 * 8", 8), ("L4", 1)],
)
def test_several_cards_in_one_word(text, count):
    assert card_named(text).count == count


@pytest.mark.parametrize("name", ["Jetson Orin Nano", "GH200", "GB200", "DGX Spark"])
def test_modules_bring_their_processor(name):
    assert card_named(name).arch == "aarch64"


def test_an_unknown_card_gets_the_nearest_word():
    assert not card_named("GTX 1808").is_known
    assert nearest_card("GTX 1808") == "GTX 1080"
