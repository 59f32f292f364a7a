"""Children end at their deadline with all that they started, and cannot fill our memory."""

import os
import sys
import time

import psutil
import pytest

from auditor.host import processes


def run(code, timeout=10.0):
    return processes.run([sys.executable, "-c", code], timeout, os.environ)


def test_output_and_exit_code():
    answer = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (answer.stdout, answer.stderr, answer.rc, answer.timed_out) == ("out\n", "err\n", 3, False)


def test_a_hang_ends_at_the_deadline_with_what_was_printed():
    start = time.monotonic()
    answer = run("import time; print('before', flush=True); time.sleep(60)", timeout=0.5)
    assert answer.timed_out
    assert answer.rc is None
    assert answer.stdout == "before\n"
    assert time.monotonic() - start < 5


def test_a_child_that_ignores_term_is_killed():
    answer = run(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", timeout=0.5
    )
    assert answer.timed_out


def test_a_grandchild_is_ended_too():
    code = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(p.pid, flush=True)"
    answer = run(code + "; p.wait()", timeout=1.0)
    pid = int(answer.stdout)
    time.sleep(0.1)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_gigabytes_of_output_are_capped():
    answer = run("import sys; [sys.stdout.write('x' * 1048576) for _ in range(64)]")
    assert answer.rc == 0
    assert len(answer.stdout) <= processes.OUTPUT_LIMIT + (1 << 16)


def test_stdin_is_closed():
    assert run("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_death_by_a_signal_shows_as_a_negative_exit_code():
    assert run("import os; os.kill(os.getpid(), 11)").rc == -11


def test_a_command_that_is_not_there_raises():
    with pytest.raises(FileNotFoundError):
        processes.run(["/no/such/command"], 1.0, os.environ)
