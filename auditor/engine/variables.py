"""Which variables that are set do harm: `env.variables` held against `rules/tables/harmful_variables`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from auditor.knowledge.tables import table
from auditor.model.fact import Evidence, Fact, Facts, absent, computed, env, known, unknown

TABLE = "harmful_variables"
_TRUE, _FALSE = ("1", "true", "yes", "on", "y", "t"), ("0", "false", "no", "off", "n", "f")


def derive(facts: Facts) -> dict[str, Fact]:
    """Return `env.harmful`: objects {name, value, effect, why}; absent where no such variable is set."""
    variables = facts["env.variables"]
    if not variables.is_known:
        return {
            "env.harmful": unknown(
                variables.reason or "the environment is not known", computed("env.variables")
            )
        }
    found = harmful(variables.value)
    if not found:
        return {
            "env.harmful": absent(
                "none of the variables that are known to do harm is set", computed("env.variables")
            )
        }
    evidence: list[Evidence] = [env(each["name"], each["value"]) for each in found]
    return {"env.harmful": known(found, *evidence)}


def harmful(variables: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the table that apply, in its order."""
    return [
        {
            "name": row["variable"],
            "value": variables[row["variable"]],
            "effect": row["effect"],
            "why": row["why"],
        }
        for row in table(TABLE).all()
        if row["variable"] in variables
        and MATCHES[row["match"]](variables[row["variable"]].strip(), row["values"])
    ]


def _at_least(value: str, values: Sequence[str]) -> bool:
    return value.isdigit() and int(value) >= int(values[0])


# how a row's `match` is held against a value
MATCHES: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "set": lambda value, _: bool(value),
    "true": lambda value, _: value.lower() in _TRUE,
    "false": lambda value, _: value.lower() in _FALSE,
    "equals": lambda value, values: value.lower() in [each.lower() for each in values],
    "contains": lambda value, values: any(each in value for each in values),
    "at_least": _at_least,
}
