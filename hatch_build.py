"""Compiles rules/*.toml into one JSON file for the wheel: TOML parses fifty times more slowly."""

from __future__ import annotations

import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = "auditor/rules/compiled.json"


class CompileRules(BuildHookInterface):
    """Adds `rules/compiled.json`: the path of each TOML file below rules/ to what it holds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the file for a wheel; an editable install reads the TOML, which may change."""
        if version == "editable":
            return
        rules = Path(self.root) / "rules"
        files = sorted(rules.rglob("*.toml"))
        parsed = {
            path.relative_to(rules).as_posix(): tomllib.loads(path.read_text(encoding="utf-8"))
            for path in files
        }
        self._folder = tempfile.TemporaryDirectory(prefix="fwaudit-build-")
        compiled = Path(self._folder.name) / "compiled.json"
        compiled.write_text(json.dumps(parsed, separators=(",", ":"), sort_keys=True), encoding="utf-8")
        build_data["force_include"][str(compiled)] = COMPILED

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what was made for the build."""
        if version != "editable":
            self._folder.cleanup()
