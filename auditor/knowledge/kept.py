"""What must not change: code that is there, targets that models must reach, and how each framework copes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from auditor import _resources
from auditor.knowledge.criteria import FRAMEWORKS, Baseline
from auditor.knowledge.loading import KnowledgeError, nearest, read_toml


class Coping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one framework copes: `fit` (0 to 1) with what it says, or `cannot` with what would unblock it.

    `companions` are packages that it takes for it, `notes` what a user must know.
    """

    says: str = ""
    fit: Baseline = 0.0
    cannot: str = ""
    unblock: str = ""
    companions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that must not change."""

    id: str
    title: str
    why: str
    source: str
    date: str
    pytorch: Coping | None = None
    tensorflow: Coping | None = None
    jax: Coping | None = None

    def coping(self, framework: str) -> Coping:
        """Return how a framework copes; one of which nothing is said cannot."""
        found: Coping | None = getattr(self, framework)
        return found or Coping(cannot=f"nothing is known of how it would go with {framework}")

    def left_out(self) -> Iterator[tuple[str, str]]:
        """Yield each framework that cannot cope, and why with what would unblock it."""
        for framework in FRAMEWORKS:
            coping = self.coping(framework)
            if coping.cannot:
                help_ = f"; what would allow it: {coping.unblock}" if coping.unblock else ""
                yield framework, f"{coping.cannot} ({self.id}){help_}"


def load_kept(folder: Path | None = None) -> dict[str, Kept]:
    """Return what can be kept, by id, sorted; `folder` defaults to rules/kept.

    Raises:
        KnowledgeError: a file is malformed, its id is not its name, or a framework both copes and cannot.

    """
    found = {}
    for path in sorted((folder or _resources.tree("rules") / "kept").glob("*.toml")):
        kept = read_toml(path, Kept)
        if kept.id != path.stem:
            raise KnowledgeError(path.name, "id", f'is "{kept.id}", must be the file\'s name "{path.stem}"')
        for framework in FRAMEWORKS:
            coping = kept.coping(framework)
            if bool(coping.cannot) == bool(coping.says):
                raise KnowledgeError(path.name, framework, "must either say how it goes or why it cannot")
        found[kept.id] = kept
    return found


def kept_of(words: Iterable[str], *, by_several: bool = False) -> tuple[Kept, ...]:
    """Return what must not change, each once; `by_several` where frameworks may share it among them.

    Raises:
        KnowledgeError: a word that is none, with the nearest; or things that no one framework can keep.

    """
    wanted = list(dict.fromkeys(word.strip().lower() for word in words))
    if not wanted:
        return ()
    there = load_kept()
    for word in wanted:
        if word not in there:
            raise KnowledgeError(
                "--keep", "", f'nothing to keep is called "{word}"{nearest(word, list(there))}'
            )
    found = tuple(there[word] for word in wanted)
    out = left_out(found)
    if len(out) == len(FRAMEWORKS) and not by_several:
        said = "; ".join(f"{framework}: {why}" for framework, why in out.items())
        problem = (
            f"no one framework can keep all of it (`fwaudit plan --framework both` plans for two): {said}"
        )
        raise KnowledgeError("--keep", ", ".join(wanted), problem)
    return found


def left_out(kept: Iterable[Kept]) -> Mapping[str, str]:
    """Return the frameworks that cannot cope with all of it, each with the reasons."""
    found: dict[str, str] = {}
    for one in kept:
        for framework, why in one.left_out():
            found[framework] = f"{found[framework]}; {why}" if framework in found else why
    return found
