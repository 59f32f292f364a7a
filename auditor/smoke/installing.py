"""The version that belongs to the frameworks here, put into a line that installs something."""

from __future__ import annotations

import re

from auditor.model.fact import Facts

MARK = "install it with: pip install "
_NAMES = re.compile(r"(?<=pip install )[\w.-]+(?: [\w.-]+)*")


def with_versions(reason: str, facts: Facts) -> str:
    """Return a reason whose `pip install NAME...` names the release that fits, where the tables know one.

    `rules/tables/companions.toml` says which release belongs to the torch that is installed, `same_minor` of
    `rules/components.toml` whose releases go with TensorFlow's. Every other name stays as it is.
    """
    if MARK not in reason:
        return reason
    return _NAMES.sub(lambda names: " ".join(_pinned(name, facts) for name in names[0].split()), reason)


def _pinned(name: str, facts: Facts) -> str:
    return _beside_torch(name, facts) or _beside_tensorflow(name, facts) or name


def _beside_torch(name: str, facts: Facts) -> str:
    from auditor.knowledge.tables import table

    torch = _release(facts, "torch")
    rows = (row for row in table("companions").named("newest") if row["package"] == name)
    found = next((row["version"] for row in rows if torch and _minor(row["torch"]) == _minor(torch)), "")
    return f"{name}=={found}" if found else ""


def _beside_tensorflow(name: str, facts: Facts) -> str:
    from auditor.knowledge.components import load_components

    tensorflow = _release(facts, "tensorflow")
    paired = any(c.same_minor == "tensorflow" and name in c.distributions for c in load_components())
    return f'"{name}=={_minor(tensorflow)}.*"' if tensorflow and paired else ""


def _release(facts: Facts, framework: str) -> str:
    """Return a framework's release without its local part, or nothing where it is not known."""
    return str(facts.value(f"{framework}.version") or "").partition("+")[0]


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
