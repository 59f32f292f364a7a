"""JAX: arrays sharded over four host devices, summed between them, and a sharded step equal to a plain one."""

ID = "jax-distributed-sharded"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "computes on arrays sharded over several devices, with collectives between them"
LEVEL = "standard"
NEEDS = ()
COST_S = 4
DEVICES = "cpu"

# In a process of its own: host devices are counted once, when JAX begins.
CODE = """
import json
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
devices = jax.devices("cpu")
mesh = Mesh(np.array(devices), ("d",))
x = np.random.RandomState(26).standard_normal((8, 4)).astype("float32")
w = np.random.RandomState(27).standard_normal((4, 2)).astype("float32")
sharded = jax.device_put(x, NamedSharding(mesh, P("d")))
step = jax.jit(jax.grad(lambda w, x: jnp.mean(jnp.tanh(x @ w) ** 2)))
off = float(jnp.abs(step(w, sharded) - np.array(step(w, x))).max())
total = jax.pmap(lambda v: jax.lax.psum(v, "i"), axis_name="i")(jnp.arange(float(len(devices))))
shift = jax.pmap(lambda v: jax.lax.ppermute(v, "i", [(i, (i + 1) % 4) for i in range(4)]), axis_name="i")(jnp.arange(4.0))
print(json.dumps({"devices": len(devices), "shards": len(sharded.addressable_shards),
                  "off": off, "psum": total.tolist(), "ring": shift.tolist()}))
"""


class Wrong(Exception):
    pass


def run(device):
    import json
    import os
    import subprocess
    import sys

    flags = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=4"
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=dict(os.environ, XLA_FLAGS=flags, JAX_PLATFORMS="cpu"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError("its process ended with %d: %s" % (done.returncode, done.stderr.strip()[-800:]))
    told = json.loads(done.stdout.splitlines()[-1])
    if told["devices"] != 4 or told["shards"] != 4:
        raise Wrong("placement: %d shards on %d devices, not four" % (told["shards"], told["devices"]))
    if not told["off"] <= 1e-6:
        raise Wrong("numbers: the sharded gradient is off by %.3g" % told["off"])
    if told["psum"] != [6.0] * 4 or told["ring"] != [3.0, 0.0, 1.0, 2.0]:
        raise Wrong("numbers: between devices come %r and %r" % (told["psum"], told["ring"]))
    return {"placed_on": "cpu:0", "devices": 4, "error": told["off"]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
