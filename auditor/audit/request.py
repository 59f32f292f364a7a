"""What the user asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from auditor.model.smoke import Level


def no_progress(message: str, left_s: float | None = None) -> None:
    """Say nothing."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One audit. `goals` are names with optional weights ("research=2"); `assume` are KEY=VALUE texts.

    `criteria` says whether the comparison's claims count as published or as they hold today, `team` which
    frameworks the people know, `keep` what must not change.

    `python`, `venv` and `conda_env` choose the audited interpreter (at most one of them); `cwd` is
    the folder from which the user works. `progress` is told what is going on. `workloads` names those to run whatever
    their level, `skip` those to leave out, `duration_s` for how long sustained load lasts. `config` is the file that a
    project's own goals stand in (None: the one in `cwd`, "": none), `settings` what the report tells of the options
    that came from it.
    """

    cwd: str
    level: Level = "quick"
    goals: tuple[str, ...] = ()
    criteria: Literal["published", "today"] = "today"
    team: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    python: str | None = None
    venv: str | None = None
    conda_env: str | None = None
    assume: tuple[str, ...] = ()
    ignore: dict[str, str] = {}
    rules_dirs: tuple[str, ...] = ()
    busy: bool = False
    workloads: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    duration_s: float | None = None
    cloud_metadata: bool = False
    all_envs: bool = False
    config: str | None = None
    settings: dict[str, Any] = {}
    progress: Callable[..., None] = no_progress

    @property
    def names_target(self) -> bool:
        """Whether the user named the interpreter to audit."""
        return bool(self.python or self.venv or self.conda_env)
