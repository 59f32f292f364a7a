"""The click application: commands are imported only when they are run."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from auditor import __version__

# name -> (module, one line for --help): a command's module is not imported for the overview
COMMANDS = {
    "scan": ("auditor.cli.commands.scan", "Audit this machine: what works, what is broken, what to use."),
    "plan": ("auditor.cli.commands.plan", "Plan an installation: the build that this machine truly runs."),
    "preflight": (
        "auditor.cli.commands.preflight",
        "Check whether a job may start on this node, in a second.",
    ),
    "profile": ("auditor.cli.commands.profile", "Learn, test or lint a pre-flight profile."),
    "smoke": ("auditor.cli.commands.smoke", "Run the workloads that prove what works, or show one."),
    "show": ("auditor.cli.commands.show", "Show a stored report in any format."),
    "compare": (
        "auditor.cli.commands.compare",
        "Compare reports: what differs, and which difference matters.",
    ),
    "diagnose": ("auditor.cli.commands.diagnose", "Name the root cause in pasted text, logs or reports."),
    "explain": ("auditor.cli.commands.explain", "Explain a rule, a cause or a fact, with its sources."),
    "list": ("auditor.cli.commands.list", "List probes, rules, facts, goals, criteria or workloads."),
    "capture": ("auditor.cli.commands.capture", "Record this machine for replay, redacted."),
    "redact": ("auditor.cli.commands.redact", "Clean any text of what may not be made public."),
    "schema": ("auditor.cli.commands.schema", "Print the JSON Schema of a report or a snapshot."),
    "validate": ("auditor.cli.commands.validate", "Check that a file is a valid report or recording."),
    "completion": ("auditor.cli.commands.completion", "Say how a shell completes commands and options."),
}


_FILES = ("fwaudit.toml", "pyproject.toml")
_NO_CONFIG = "auditor.no_config"
# these look for no file: a gate trusts no folder that it runs in, and the rest have nothing to be set
_UNSOUGHT = ("preflight", "validate", "schema", "completion")


def _wary(command: click.Command) -> click.Command:
    """Let a command refuse options with an empty value, which are those of a script's unset variable."""
    for option in command.params:
        if type(option.type) is click.Choice:
            option.type = _Words(option.type.choices, case_sensitive=option.type.case_sensitive)
        if isinstance(option, click.Option) and option.metavar and option.callback is None:
            option.callback = _given
    if "_FWAUDIT_COMPLETE" in os.environ:
        from auditor.cli.completions import install

        install(command)
    inner = getattr(command, "commands", {}).values()
    for each in inner:
        _wary(each)
    if not inner:
        _configurable(command)
    return command


def _configurable(command: click.Command) -> None:
    """Give a command --config and --no-config, and let it say what a file has set before it begins."""
    if any(option.name == "no_config" for option in command.params):
        return  # asked for a second time in this process
    command.params += [
        click.Option(["--config"], metavar="FILE", is_eager=True, expose_value=False, callback=_configure,
                     help="Take options from FILE instead of fwaudit.toml or pyproject.toml here."),
        click.Option(["--no-config"], is_flag=True, is_eager=True, expose_value=False, callback=_unconfigured,
                     help="Take no options from a file."),
    ]  # fmt: skip
    run = command.callback

    def announced(*args: Any, **options: Any) -> Any:
        context = click.get_current_context()
        if context.default_map:
            from auditor.cli.config import announce

            announce(context)
        try:
            return run(*args, **options) if run else None
        except click.UsageError as error:
            if not context.default_map:
                raise
            from auditor.cli.config_checks import placed

            raise placed(context, error) from error

    command.callback = announced


def _configure(context: click.Context, option: click.Parameter, named: str | None) -> None:  # noqa: ARG001
    """Take options from the file named, or from the one found."""
    refused = context.meta.get(_NO_CONFIG)
    if refused and named is not None:
        raise click.UsageError("--config and --no-config exclude each other.", context)
    if named is None and (refused or context.info_name in _UNSOUGHT or not any(map(os.path.exists, _FILES))):
        return
    if not context.resilient_parsing:
        from auditor.cli.config import apply

        apply(context, named)


def _unconfigured(context: click.Context, option: click.Parameter, value: bool) -> None:  # noqa: ARG001
    if value and context.default_map:
        raise click.UsageError("--config and --no-config exclude each other.", context)
    context.meta[_NO_CONFIG] = value


class _Words(click.Choice):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A closed set of words; a wrong one is answered with the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word, or say which was meant."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            from difflib import get_close_matches

            near = get_close_matches(str(value), [str(word) for word in self.choices], 1, 0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.BadParameter(error.message + hint, ctx, param) from None


def _given(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    """Return the value.

    Raises:
        click.UsageError: it is empty.

    """
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.UsageError(f"{option.opts[0]} is given an empty value: is a variable unset?", ctx)
    return value


class LazyGroup(click.Group):
    """A group whose commands are imported by name, with the nearest name offered for a typo."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return _wary(command)

    def _main_shell_completion(self, *args: Any, **named: Any) -> None:
        if "_FWAUDIT_COMPLETE" in os.environ:
            from auditor.cli.completions import teach

            teach()
        super()._main_shell_completion(*args, **named)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve as click does; an unknown name is answered with the nearest."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1, 0.5)
            hint = f" Did you mean {near[0]!r}?" if near else f" Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the overview from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fwaudit")
def app() -> None:
    """Audit a machine for deep learning: what is there, what works, what is broken, what to use.

    Start with `fwaudit scan`.
    """
