"""Runs `fwaudit plan` and reads its answer."""

import json

from click import ClickException
from click.testing import CliRunner

from auditor.cli.app import app


def run(*args):
    """Return the exit code and what was printed, as the installed command gives them."""
    result = CliRunner().invoke(app, ["plan", *args], standalone_mode=False)
    if isinstance(result.exception, ClickException):
        return result.exception.exit_code, result.exception.format_message()
    assert result.exception is None, result.exc_info
    return result.return_value, result.stdout


def planned(*args, **assumed):
    texts = [text for key, value in assumed.items() for text in ("--assume", f"{key}={value}")]
    code, printed = run(*texts, *args, "--format", "json")
    assert code in (0, 1), printed
    plan = json.loads(printed)["plan"]
    assert plan["possible"] == (code == 0)
    return plan


def words(plan):
    return [f"{choice['name']} {choice['version']} {choice['build']}" for choice in plan["choices"]]
