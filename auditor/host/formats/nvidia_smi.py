"""What nvidia-smi prints, in any of its layouts, as one report."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from auditor.host.formats import nvidia_fields, nvidia_table
from auditor.host.formats.node import Node, from_indented, from_xml
from auditor.host.formats.readings import Device, count_or_none

Layout = Literal["xml", "query", "table", "list", "csv", "message"]


_XML_END = "</nvidia_smi_log>"
_DEEPEST = 32  # elements within one another: nvidia-smi nests six; a tree is walked by recursion


class Unreadable(ValueError):
    """The text is none of nvidia-smi's layouts."""


class OtherSchema(Unreadable):
    """It is XML, but not the log that nvidia-smi writes."""


class Report(msgspec.Struct):
    """What nvidia-smi said: one device a GPU, in its order; `message` where it gave a reason instead.

    `attached` is the number of GPUs that it claims; `truncated` says that the text ends early.
    """

    layout: Layout
    devices: list[Device] = []
    driver_version: str | None = None
    cuda_version: str | None = None
    nvml_version: str | None = None
    attached: int | None = None
    message: str = ""
    truncated: bool = False


def parse(text: str) -> Report:
    """Return the report of a text, whatever its layout.

    Raises:
        OtherSchema: XML of another root element or without any GPU's fields.
        Unreadable: not nvidia-smi's output at all.

    """
    start = text.find("<nvidia_smi_log")
    if start >= 0:
        return _xml(text[start:])
    if text.lstrip().startswith("<"):
        msg = f"XML, but not nvidia-smi's log: {_first(text)}"
        raise OtherSchema(msg)
    if "NVSMI LOG" in text or re.search(r"^GPU [0-9A-Fa-f:.]+$", text, re.MULTILINE):
        return _query(text)
    if re.search(r"^\| NVIDIA-SMI ", text, re.MULTILINE):
        return _table(text)
    if re.search(r"^GPU \d+: .*\(UUID: ", text, re.MULTILINE):
        return Report("list", nvidia_table.parse_list(text))
    return _message(text)


def _first(text: str) -> str:
    """Return how a text begins, or for what is none, how much of it there is: it could not be read or broken over lines."""
    begin = text.strip()[:80]
    odd = sum((not char.isprintable() and not char.isspace()) or char == "\ufffd" for char in begin)
    return repr(begin) if 4 * odd <= len(begin) else f"{len(text)} characters that are no text"


def _xml(text: str) -> Report:
    sections, truncated = _sections(text)
    devices = [nvidia_fields.device(node) for tag, node in sections if tag == "gpu"]
    if truncated and not devices:
        msg = f"XML that ends early or is damaged, after {len(text)} characters"
        raise Unreadable(msg)
    if devices and not any(device.values.get("name") or device.values.get("uuid") for device in devices):
        msg = "nvidia-smi's log, but none of its GPUs has a name or a UUID where they are known to stand"
        raise OtherSchema(msg)
    head = Node()
    head.children = sections
    report = _headed("xml", head, devices, truncated=truncated)
    if not devices and report.attached != 0:
        claims = head.text("attached_gpus") or "no number of them"
        msg = f"nvidia-smi's log without any GPU where they are known to stand, though it tells {claims!r} attached"
        raise OtherSchema(msg)
    return report


def _sections(text: str) -> tuple[list[tuple[str, Node]], bool]:
    """Return the elements below the root that are whole, and whether the text ends before its root does."""
    from io import StringIO
    from xml.etree.ElementTree import ParseError, iterparse

    end = text.rfind(_XML_END)
    stream = StringIO(text[: end + len(_XML_END)] if end >= 0 else text)
    sections: list[tuple[str, Node]] = []
    depth = 0
    try:
        for event, element in iterparse(stream, ("start", "end")):  # noqa: S314 (expat >= 2.4.1 limits expansion)
            depth += 1 if event == "start" else -1
            if depth > _DEEPEST:
                msg = f"XML nested more than {_DEEPEST} deep, which nvidia-smi's is not"
                raise Unreadable(msg)
            if event == "end" and depth == 1:
                sections.append((element.tag.lower(), from_xml(element)))
    except ParseError:
        return sections, True
    return sections, False


def _query(text: str) -> Report:
    root = from_indented(text)
    devices = []
    for label, node in root.children:
        if label.startswith("gpu_") and node.children:
            node.children.append(
                ("id", Node(label.removeprefix("gpu_").replace("_", ":", 2).replace("_", ".")))
            )
            devices.append(nvidia_fields.device(node))
    return _headed("query", root, devices)


def _headed(layout: Layout, head: Node, devices: list[Device], *, truncated: bool = False) -> Report:
    return Report(
        layout,
        devices,
        _version(head.text("driver_version", "kmd_version")),
        _version(head.text("cuda_version", "cuda_umd_version")),
        attached=count_or_none(head.text("attached_gpus")),
        truncated=truncated,
    )


def _table(text: str) -> Report:
    driver = re.search(r"(?:Driver|KMD) Version:\s*([\d.]+)", text)
    cuda = re.search(r"CUDA (?:UMD )?Version:\s*([\d.]+)", text)
    return Report(
        "table",
        nvidia_table.parse_table(text),
        driver[1] if driver else None,
        cuda[1] if cuda else None,
    )


# how nvidia-smi, or the shell for it, begins the reason why there is no report
_REASONS = (
    "nvidia-smi has failed", "failed to initialize nvml", "no devices were found", "unable to determine the device",
    "gpu access blocked", "failed to properly shut down", "nvidia-smi couldn't", "failed to query", "the nvidia kernel",
    "no devices found", "unknown error", "driver/library version mismatch",
)  # fmt: skip


def _message(text: str) -> Report:
    versions = dict(
        re.findall(
            r"^(NVIDIA-SMI|NVML|DRIVER|CUDA)\s+version\s*:\s*([\d.]+)", text, re.IGNORECASE | re.MULTILINE
        )
    )
    by_name = {name.upper(): version for name, version in versions.items()}
    if "DRIVER" in by_name:
        return Report(
            "message",
            driver_version=by_name["DRIVER"],
            cuda_version=by_name.get("CUDA"),
            nvml_version=by_name.get("NVML"),
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if line.lower().startswith(_REASONS)), None)
    if start is None:
        msg = f"not nvidia-smi's output: {_first(text)}"
        raise Unreadable(msg)
    library = re.search(r"NVML library version: ([\d.]+)", text)
    return Report(
        "message", message=" ".join(lines[start : start + 3]), nvml_version=library[1] if library else None
    )


def _version(text: str | None) -> str | None:
    return text if text and text[:1].isdigit() else None
