"""Threads that decode one new type at once: msgspec itself ends the process then."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = '''
import sys, threading, types
import msgspec
from auditor.model.shapes import described

SOURCE = """
from __future__ import annotations
import msgspec
class Inner(msgspec.Struct):
    number: int
    words: dict[str, list[str]] = {}
class Outer(msgspec.Struct):
    one: Inner
    more: tuple[Inner, ...] = ()
"""

def decode(kind, gate, found):
    gate.wait()
    found.append(msgspec.json.decode(b'{"one": {"number": 1}, "more": [{"number": 2}]}', type=described(kind)))

sys.setswitchinterval(1e-6)
found = []
for number in range(100):
    module = types.ModuleType(f"fresh{number}")
    sys.modules[module.__name__] = module
    exec(SOURCE, module.__dict__)
    gate = threading.Barrier(6)
    threads = [threading.Thread(target=decode, args=(module.Outer, gate, found)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(len(found), all(outer.more[0].number == 2 for outer in found))
'''


def test_threads_may_decode_a_new_type_at_once():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stdout.split()) == (0, ["600", "True"]), done.stderr
