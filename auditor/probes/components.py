"""Parts of the comparison outside the Python environment: JavaScript packages and servers."""

from __future__ import annotations

import msgspec

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, env, file
from auditor.probes.base import Probe, ask
from auditor.probes.paths import which

_PACKAGES = (
    "onnxjs",
    "onnxruntime-web",
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-node",
    "@tensorflow/tfjs-core",
)
_PROGRAMS = ("tensorflow_model_server",)
_GLOBAL = ("/usr/lib/node_modules", "/usr/local/lib/node_modules")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return what node_modules of the working directory and of the system hold, and programs on PATH."""
    cwd = facts.value("request.cwd")
    folders = [*([f"{cwd.rstrip('/')}/node_modules"] if cwd else []), *_GLOBAL]
    evidence = (*(file(folder) for folder in folders), env("PATH"))
    return {"components.elsewhere": ask(lambda: [*_packages(host, folders), *_programs(host)], *evidence)}


def _packages(host: Host, folders: list[str]) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = []
    for folder in folders:
        for name in _PACKAGES:
            path = f"{folder}/{name}/package.json"
            try:
                told = msgspec.json.decode(host.read(path))
            except (OSError, NotRecorded, msgspec.DecodeError):
                continue
            version = told.get("version") if isinstance(told, dict) else None
            rows.append({"name": name, "kind": "npm", "version": version, "path": path})
    return rows


def _programs(host: Host) -> list[dict[str, str | None]]:
    found = ((name, which(host, name)) for name in _PROGRAMS)
    return [{"name": name, "kind": "program", "version": None, "path": path} for name, path in found if path]


PROBE = Probe(name="components", provides=("components.elsewhere",), collect=collect, cost=0.002)
