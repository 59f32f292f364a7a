"""JAX on a TPU: its device computes what the CPU does."""

ID = "jax-tpu"
FRAMEWORK = "jax"
SYSTEM = "tpu"
CLAIM = "computes on a TPU"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.01
DEVICES = "cpu"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import jax
    import numpy as np

    found = [d for d in jax.devices() if d.platform == "tpu"]
    if not found:
        raise Skip("there is no TPU here that JAX sees; nothing can be said of one")
    a = np.arange(64.0, dtype="float32").reshape(8, 8)
    got = jax.device_put(a, found[0]) @ jax.device_put(np.ones((8, 8), "float32"), found[0])
    if np.asarray(got).tolist() != (a @ np.ones((8, 8))).tolist():
        raise Wrong("numbers: the TPU gives %r" % np.asarray(got)[0].tolist())
    return {"placed_on": "tpu:%d" % found[0].id}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
