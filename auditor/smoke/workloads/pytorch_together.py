"""torch, TensorFlow and JAX in one process: every order of every pair and of the three, each in a process."""

ID = "pytorch-together"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "shares one process with the other frameworks that are installed, in every order of importing them"
LEVEL = "standard"
NEEDS = ()
COST_S = 45
DEVICES = "cpu"
ALSO = ("tensorflow",)

MODULES = ("torch", "tensorflow", "jax")
# what two copies of in one process is worth knowing: each file's beginning
ROLES = ("libcudnn", "libnccl", "libcublas", "libcudart", "libgomp", "libiomp5", "libomp", "libmkl_rt",
         "libopenblas", "libscipy_openblas", "libprotobuf", "libdnnl", "libstdc++")  # fmt: skip
# No CPU time for so long is a hang; less than the 75 s after which whoever runs this calls it one.
STILL_S, AT_ONCE = 45.0, 4

# After each import it computes with all that are there, and says which libraries are mapped: so one
# process tells of its first framework alone, of a pair, and of the three in this order.
CODE = """
import faulthandler, json, sys
faulthandler.enable()
def value(name, module):
    if name == "torch":
        return float((module.arange(64.0).reshape(8, 8) @ module.ones(8, 8)).sum())
    if name == "tensorflow":
        tensor = module.reshape(module.range(64.0), (8, 8))
        return float(module.reduce_sum(module.matmul(tensor, module.ones((8, 8)))))
    import jax.numpy as jnp
    return float((jnp.arange(64.0).reshape(8, 8) @ jnp.ones((8, 8))).sum())
def mapped():
    try:
        with open("/proc/self/maps", errors="replace") as maps:
            return sorted({line.split(None, 5)[5].strip() for line in maps if ".so" in line})
    except (OSError, IndexError):
        return []
here = {}
for name in sys.argv[1].split(","):
    here[name] = __import__(name)
    values = [value(each, module) for each, module in here.items()]
    print(json.dumps({"values": values, "paths": mapped()}), flush=True)
"""


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


class Crashed(Exception):
    """A process was killed in one order."""


class Hung(Exception):
    """A process stood still in one order."""


def run(device):
    import importlib.util
    import itertools

    here = [name for name in MODULES if importlib.util.find_spec(name)]
    if len(here) < 2:
        raise Skip("fewer than two of torch, TensorFlow and JAX are installed")
    orders = list(itertools.permutations(here))
    told = dict(zip(orders, all_of(orders)))
    metrics = {"placed_on": "cpu"}
    metrics.update(table(told))
    for kind, word in ((Crashed, "crash"), (Hung, "hang"), (Wrong, "numbers"), (RuntimeError, "fail")):
        bad = [said for said in metrics["orders"].values() if said.startswith(word)]
        if bad:
            raise with_table(kind, metrics, word)
    if metrics["borrowed"]:
        metrics["note"] = "; ".join(metrics["borrowed"])
    return metrics


def with_table(kind, metrics, word):
    """The error for the first order that went wrong; what the others did goes with it."""
    order, said = next(pair for pair in metrics["orders"].items() if pair[1].startswith(word))
    right = [name for name, said in metrics["orders"].items() if said == "works" and " then " in name]
    others = "; in order: " + ", ".join(right) if right else ""
    error = kind(("numbers: " if kind is Wrong else "") + "imported as %s: %s%s" % (order, said, others))
    error.metrics = metrics
    return error


def table(told):
    """What each order did, what is mapped by each framework alone and by all, and who uses another's library."""
    reached = {}
    for order, (stages, _ending) in told.items():
        for count, stage in enumerate(stages, 1):
            reached[order[:count]] = stage
    alone = {order[0]: stage["paths"] for order, stage in reached.items() if len(order) == 1}
    said = {order: judged(stage) for order, stage in reached.items()}
    for order, (stages, ending) in told.items():
        if not ending:
            continue
        done, last = order[: len(stages) + 1], order[: len(stages) + 1][-1]
        if last not in alone and not ending.startswith("crash"):
            said[done] = "not told: %s cannot be imported alone either" % last
        elif stages:  # what kills a framework alone is its own fault, not that of an order
            said[done] = ending
    whole = [order for order in told if order in reached]
    return {
        "orders": {" then ".join(order): said[order] for order in sorted(said, key=lambda o: (len(o), o))},
        "alone": {name: libraries(paths) for name, paths in sorted(alone.items())},
        "together": {" then ".join(order): libraries(reached[order]["paths"]) for order in whole},
        "borrowed": sorted({line for order in reached for line in borrowed(order, reached[order], alone)}),
    }


def judged(stage):
    right = stage["values"] == [16128.0] * len(stage["values"])  # 8 (0 + 1 + ... + 63)
    return "works" if right else "numbers are wrong: %r" % stage["values"]


def borrowed(order, stage, alone):
    """Lines on each library that a framework maps alone and that stands back here for another of its kind."""
    there = set(stage["paths"])
    for name in order:
        for role in ROLES:
            own = {path for path in alone.get(name, ()) if of(path) == role}
            others = {path for path in there if of(path) == role} - own
            if len(order) > 1 and own and not own & there and others:
                yield "as %s, %s uses %s instead of its own %s" % (
                    " then ".join(order), name, short(min(others)), short(min(own)))  # fmt: skip


def all_of(orders):
    """(stages, "" or how it ended) of each order, each in a process of its own, some side by side."""
    import concurrent.futures
    import os

    at_once = max(1, min(AT_ONCE, os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, orders))


def one(order):
    import json
    import subprocess
    import sys
    import tempfile

    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        argv = [sys.executable, "-c", CODE, ",".join(order)]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True)
        try:
            still = wait(child)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        err.seek(0)
        stages = [json.loads(line) for line in out.read().splitlines() if line.startswith('{"values"')]
        return stages, ended(child.returncode, still, err.read())


def wait(child):
    """Wait for a process; True where it used no CPU time for STILL_S."""
    import subprocess
    import time

    moved, used = time.monotonic(), -1.0
    while time.monotonic() - moved < STILL_S:
        try:
            child.wait(0.2)
            return False
        except subprocess.TimeoutExpired:
            now = cpu_s(child.pid)
            if now != used:
                moved, used = time.monotonic(), now
    return True


def cpu_s(pid):
    """Clock ticks of CPU time; the clock itself where there is no /proc, so that nothing counts as still."""
    import time

    try:
        with open("/proc/%d/stat" % pid) as stream:
            fields = stream.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except (OSError, IndexError):
        return time.monotonic()


def ended(code, still, err):
    """How a process ended, an empty text where it ended well."""
    import signal

    if still:
        return "hangs: no CPU time for %d s" % STILL_S
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else "signal %d" % -code
        return "crash: killed by %s: %s" % (name, where(err))
    return "fails: %s" % (err.strip().splitlines() or ["exit code %d" % code])[-1] if code else ""


def where(err):
    """The place of the thread that died, as faulthandler says it, else the last words without its list of modules."""
    _, current, mine = err.partition("Current thread")
    err = mine.split("\n\n", 1)[0] if current else err  # other threads' stacks may come before and after
    lines = [line.strip() for line in err.splitlines() if line.strip() and not line.startswith("Extension")]
    frames = [line for line in lines if line.startswith("File ")]
    return " < ".join(frames[:3]) or " ".join(lines)[-300:]


def of(path):
    """What a library is for, or an empty text."""
    name = path.rpartition("/")[2]
    return next((role for role in ROLES if name.startswith(role)), "")


def short(path):
    return "/".join(path.split("/")[-3:])


def libraries(paths):
    """role -> the files mapped, by their last folders; two of a role are two copies in one process."""
    found = {}
    for path in paths:
        if of(path):
            found.setdefault(of(path), []).append(short(path))
    return found


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"), indent=1))
