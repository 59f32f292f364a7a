"""What the tests of accelerators share: the probes, and the files of a PCI device."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Facts, absent, known
from auditor.probes import load
from auditor.probes.base import run_probe

# in the order of their needs
NAMES = ("pci", "ib", "nvidia", "amd", "intel", "gaudi", "tpu", "accelerators")
SEED = Facts(
    {
        "loader.libraries": known([]),
        "request.cloud_metadata": known(False),
        "apple.chip": absent("this is no Mac"),
    }
)


def look(host: Host, seed: Facts = SEED, names: tuple[str, ...] = NAMES) -> Facts:
    """Return what the probes of accelerators find, every one of which must work."""
    facts = seed
    for name in names:
        found, run = run_probe(load(name), host, facts)
        assert run.status == "ok", run
        facts = facts.merged(found)
    return facts


def pci(address: str, vendor: str, device: str, code: str, **more: str) -> dict[str, str]:
    """Return the files of one PCI device; `code` as in uevent, such as 30200."""
    folder = f"/sys/bus/pci/devices/{address}"
    uevent = f"PCI_CLASS={code}\nPCI_ID={vendor}:{device}\nPCI_SLOT_NAME={address}\n"
    return {f"{folder}/uevent": uevent} | {f"{folder}/{name}": text for name, text in more.items()}
