"""The command's entry: whatever goes wrong, even while importing, ends with exit code 3, never 1."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost its import
    from typing import Any

EXIT_USAGE, EXIT_INCOMPLETE = 2, 3
_UNWRITTEN = (errno.ENOSPC, errno.EPIPE, errno.EDQUOT)


def _leave(number: int, frame: object) -> None:  # noqa: ARG001
    """End at once: while only imports have been made there is nothing to clean up.

    Nothing is raised: an importer would swallow it (see auditor/cli/signals.py), or show a traceback.
    """
    code, told = EXIT_INCOMPLETE, False
    if sys.argv[1:2] == ["preflight"]:
        code, told = _gated(code), _said_in_dialect("interrupted")
    if not told:
        with contextlib.suppress(OSError):
            os.write(2, b"fwaudit: interrupted\n")
    os._exit(code)


def _signals() -> list[int]:
    """Return what ends a run. A gate heeds all that a scheduler or a limit may send: their default is not 0."""
    names = ["SIGTERM", "SIGINT"]
    if sys.argv[1:2] == ["preflight"]:
        names += ["SIGHUP", "SIGQUIT", "SIGXCPU", "SIGALRM", "SIGUSR1", "SIGUSR2"]
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _heed_signals(handler: Any = _leave) -> None:
    for number in _signals():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def entry() -> None:
    """Run the command line and exit."""
    _heed_signals()
    gc.disable()  # a short run makes no garbage worth collecting: 8 % of a scan's time
    try:
        from auditor.cli.app import app
        from auditor.cli.signals import interruptible

        with interruptible():
            code = app.main(standalone_mode=False)
    except BaseException as error:
        code = _gated(_explained(error))
    _heed_signals(signal.SIG_IGN)  # all is said and done: the exit code stands
    _end(code if isinstance(code, int) else 0)


def _end(code: int) -> None:
    """Exit without taking the interpreter apart, which costs 25 ms, a fifth of a pre-flight's time.

    Nothing holds that exit up either: no thread that waits for a dead file server.
    """
    import atexit

    with contextlib.suppress(OSError, ValueError):  # full or closed: the code stands
        atexit._run_exitfuncs()
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    os._exit(code)


def _gated(code: int) -> int:
    """Return what a failure of ours means to the caller of `fwaudit preflight`, such as a scheduler."""
    from auditor.cli.gatekeeper import told_to_caller

    return told_to_caller(code, sys.argv[1:])


def _said_in_dialect(message: str) -> bool:
    """Return whether the caller's dialect wants one line, which has then been said."""
    from auditor.cli.gatekeeper import say

    return say(message, sys.argv[1:])


def _explained(error: BaseException) -> int:
    """Say on stderr what ended the run and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else EXIT_INCOMPLETE
    if isinstance(error, KeyboardInterrupt):
        return _interrupted()
    if isinstance(error, OSError) and error.errno in _UNWRITTEN and error.filename is None:
        _forget_stdout()
        _say(f"fwaudit: stdout: {error.strerror}")
        return EXIT_INCOMPLETE
    told = _told_by_click(error)
    return _defect(error) if told is None else told


def _forget_stdout() -> None:
    """Point a full or broken stdout at nothing, so that the interpreter's last flush does not complain."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told_by_click(error: BaseException) -> int | None:
    """Return the exit code of what click raised, having shown its message; None for anything else."""
    try:
        from click.exceptions import Abort, ClickException, Exit
    except ImportError:
        return None
    if isinstance(error, Exit):
        return error.exit_code
    if isinstance(error, Abort):
        return _interrupted()
    if isinstance(error, ClickException):
        if not _said_in_dialect(error.format_message()):
            error.show()
        return EXIT_USAGE if error.exit_code == EXIT_USAGE else EXIT_INCOMPLETE
    return None


def _interrupted() -> int:
    if not _said_in_dialect("interrupted"):
        _say("fwaudit: interrupted")
    return EXIT_INCOMPLETE


def _defect(error: BaseException) -> int:
    if os.environ.get("FWAUDIT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    told = f"fwaudit: internal error: {type(error).__name__}: {error}"
    if _said_in_dialect(told):
        return EXIT_INCOMPLETE
    _say(told)
    _say("This is a defect of fwaudit, not of your machine. FWAUDIT_DEBUG=1 shows the traceback.")
    return EXIT_INCOMPLETE


def _say(line: str) -> None:
    try:
        print(line.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
    except (OSError, ValueError):
        pass  # stderr is closed too: the exit code still tells


if __name__ == "__main__":
    entry()
