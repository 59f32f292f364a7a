"""torch, TensorFlow and JAX in one process: imported in orders that put each before each other."""

ID = "pytorch-together"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "shares one process with the other frameworks that are installed, whichever comes first"
LEVEL = "standard"
NEEDS = ()
COST_S = 20
DEVICES = "cpu"

MODULES = ("torch", "tensorflow", "jax")
# what two copies of in one process is worth knowing: each file's beginning
ROLES = ("libcudnn", "libnccl", "libcublas", "libcudart", "libgomp", "libiomp5", "libomp", "libmkl_rt",
         "libopenblas", "libscipy_openblas", "libprotobuf", "libdnnl", "libstdc++")  # fmt: skip

CODE = """
import faulthandler, json, sys
faulthandler.enable()
values = []
for name in sys.argv[1].split(","):
    module = __import__(name)
    if name == "torch":
        values.append(float((module.arange(64.0).reshape(8, 8) @ module.ones(8, 8)).sum()))
    elif name == "tensorflow":
        tensor = module.reshape(module.range(64.0), (8, 8))
        values.append(float(module.reduce_sum(module.matmul(tensor, module.ones((8, 8))))))
    else:
        import jax.numpy as jnp
        values.append(float((jnp.arange(64.0).reshape(8, 8) @ jnp.ones((8, 8))).sum()))
try:
    with open("/proc/self/maps", errors="replace") as maps:
        paths = sorted({line.split(None, 5)[5].strip() for line in maps if ".so" in line})
except (OSError, IndexError):
    paths = []
print(json.dumps({"values": values, "paths": paths}))
"""


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import importlib.util

    here = [name for name in MODULES if importlib.util.find_spec(name)]
    if len(here) < 2:
        raise Skip("no other framework is installed beside torch")
    metrics = {"placed_on": "cpu", "orders": {}}
    both = [here, here[::-1]]  # between them they put each before each other
    for order, told in zip(both, together(both)):
        if told["values"] != [16128.0] * len(order):  # 8 (0 + 1 + ... + 63)
            raise Wrong("numbers: imported as %s they give %r" % (" then ".join(order), told["values"]))
        metrics["orders"][" then ".join(order)] = libraries(told["paths"])
    return metrics


def together(orders):
    """Import each order in a process of its own; they run side by side."""
    import json
    import subprocess
    import sys

    children = [
        subprocess.Popen(
            [sys.executable, "-c", CODE, ",".join(order)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for order in orders
    ]  # fmt: skip
    try:
        ends = [child.communicate(timeout=100) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    for order, child, (_out, err) in zip(orders, children, ends):
        if child.returncode:
            raise RuntimeError(ended(order, child.returncode, err))
    return [json.loads(out.splitlines()[-1]) for out, _ in ends]


def ended(order, code, err):
    import signal

    how = "exit code %d" % code
    if code < 0:
        how = "killed by %s" % signal.Signals(-code).name
    return "imported as %s: %s: %s" % (" then ".join(order), how, err.strip()[-800:])


def libraries(paths):
    """role -> the files mapped, by their last folders; two of a role are two copies in one process."""
    found = {}
    for path in paths:
        name = path.rpartition("/")[2]
        role = next((role for role in ROLES if name.startswith(role)), "")
        if role:
            found.setdefault(role, []).append("/".join(path.split("/")[-3:]))
    return found


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
