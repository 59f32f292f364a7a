"""Children end at their deadline with all that they started, and cannot fill our memory."""

import os
import sys
import threading
import time

import psutil
import pytest

from auditor.host import processes


def run(code, timeout=120.0):
    return processes.run([sys.executable, "-c", code], timeout, os.environ)


def patient(code):
    """Return the answer of what never ends, after a deadline in which it came to say something."""
    return next(answer for timeout in (0.5, 4.0, 60.0) if (answer := run(code, timeout)).stdout)


def test_output_and_exit_code():
    answer = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (answer.stdout, answer.stderr, answer.rc, answer.timed_out) == ("out\n", "err\n", 3, False)


def test_a_hang_ends_at_the_deadline_with_what_was_printed():
    start = time.monotonic()
    answer = patient("import time; print('before', flush=True); time.sleep(600)")
    assert answer.timed_out
    assert answer.rc is None
    assert answer.stdout == "before\n"
    assert time.monotonic() - start < 300


def test_a_child_that_ignores_term_is_killed():
    ignores = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(600)"
    answer = patient(ignores)
    assert answer.timed_out
    assert over(int(answer.stdout))


def over(pid):
    """Whether a process is gone, or will not run again."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_grandchild_is_ended_too(until):
    code = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print(p.pid, flush=True)"
    pid = int(patient(code + "; p.wait()").stdout)
    assert until(lambda: over(pid))


def test_gigabytes_of_output_are_capped():
    answer = run("import sys; [sys.stdout.write('x' * 1048576) for _ in range(64)]")
    assert answer.rc == 0
    assert len(answer.stdout) <= processes.OUTPUT_LIMIT + (1 << 16)


def test_stdin_is_closed():
    assert run("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_death_by_a_signal_shows_as_a_negative_exit_code():
    assert run("import os; os.kill(os.getpid(), 11)").rc == -11


def test_a_thread_whose_run_has_ended_starts_nothing_more(until):
    """As a probe does whose tool was ended: it would ask the next one, which nobody would end."""
    pids, refused = [], threading.Event()

    def work():
        try:
            while True:
                pids.append(processes.spawn(["sleep", "600"], os.environ, -3, -3).pid)
        except OSError:
            refused.set()

    threading.Thread(target=work, daemon=True).start()
    assert until(lambda: len(pids) > 2)
    processes.terminate_all()
    assert refused.wait(120)
    assert until(lambda: all(over(pid) for pid in pids))
    assert run("print(1)").stdout == "1\n"


def test_a_command_that_is_not_there_raises():
    with pytest.raises(FileNotFoundError):
        processes.run(["/no/such/command"], 1.0, os.environ)
