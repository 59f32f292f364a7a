"""A machine of which only a stored report is left: its facts are the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal, NoReturn

from auditor.host.protocol import READ_LIMIT, Answer, FileStat, NotRecorded
from auditor.model.fact import Fact
from auditor.model.report import Report

_INSTANCE = re.compile(r"\[\d+\]")


class ReportHost:
    """Answers whole probes from a report; every other question was never asked."""

    live = False
    kind: Literal["snapshot"] = "snapshot"

    def __init__(self, report: Report) -> None:
        self.report = report

    def told(self, keys: Iterable[str]) -> dict[str, Fact]:
        """Return the report's facts under some keys; `gpu[i].*` stands for any instance."""
        wanted = frozenset(keys)
        return {key: fact for key, fact in self.report.facts.items() if _INSTANCE.sub("[i]", key) in wanted}

    def call(self, key: str, how: Callable[[], Any]) -> Any:  # noqa: ARG002
        """Return the interpreter that the report is about, or the folder from which it was asked for."""
        if (
            key == "working directory"
            and (folder := self.report.facts.get("request.cwd"))
            and folder.is_known
        ):
            return folder.value
        if key != "target choice":
            self._refuse()
        target = self.report.target
        return {
            "python": target.python or None,
            "because": target.chosen_because,
            "usable": target.usable,
            "reason": target.reason,
        }

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes:  # noqa: ARG002
        """Refuse, as every method below."""
        self._refuse()

    def read(self, path: str, limit: int = READ_LIMIT) -> str:  # noqa: ARG002
        self._refuse()

    def listdir(self, path: str) -> list[str]:  # noqa: ARG002
        self._refuse()

    def readlink(self, path: str) -> str:  # noqa: ARG002
        self._refuse()

    def stat(self, path: str) -> FileStat:  # noqa: ARG002
        self._refuse()

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:  # noqa: ARG002
        self._refuse()

    def env(self, name: str) -> str | None:  # noqa: ARG002
        self._refuse()

    def environ(self) -> dict[str, str]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        msg = "a report holds facts, not the machine's files"
        raise NotRecorded(msg)
