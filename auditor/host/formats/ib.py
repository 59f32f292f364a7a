"""InfiniBand ports as `ibstat` and `ibstatus` list them, in the words of /sys/class/infiniband."""

from __future__ import annotations

import re
from typing import Any

Port = dict[str, Any]


def state(text: str) -> str:
    """Return a port state such as "4: ACTIVE" or "Active" as the kernel's word: ACTIVE."""
    return text.rpartition(":")[2].strip().upper()


def phys_state(text: str) -> str:
    """Return a physical state such as "5: LinkUp" as its word: LinkUp."""
    return text.rpartition(":")[2].strip()


def rate(text: str) -> float | None:
    """Return gigabits a second of "200 Gb/sec (4X HDR)" or "200"."""
    found = re.match(r"[\d.]+", text.strip())
    return float(found.group()) if found else None


def parse_ibstat(text: str) -> list[Port]:
    """Return the ports of `ibstat`; what it lists before it panics counts."""
    ports: list[Port] = []
    device = ""
    for line in text.splitlines():
        name = re.match(r"\s*CA '(.+)'", line)
        port = re.match(r"\s*Port (\d+):", line)
        if name:
            device = name[1]
        elif port and device:
            ports.append({"device": device, "port": int(port[1])})
        elif ports and ports[-1]["device"] == device:
            _field(ports[-1], line)
    return ports


def parse_ibstatus(text: str) -> list[Port]:
    """Return the ports of `ibstatus`."""
    ports: list[Port] = []
    for line in text.splitlines():
        head = re.match(r"Infiniband device '(.+)' port (\d+) status:", line, re.IGNORECASE)
        if head:
            ports.append({"device": head[1], "port": int(head[2])})
        elif ports:
            _field(ports[-1], line)
    return ports


def _field(port: Port, line: str) -> None:
    label, _, value = line.strip().partition(":")
    value = value.strip()
    match label.lower().replace("_", " "):
        case "state":
            port["state"] = state(value)
        case "physical state" | "phys state":
            port["phys_state"] = phys_state(value)
        case "rate":
            port["rate_gbps"] = rate(value)
        case "link layer":
            port["link_layer"] = value
