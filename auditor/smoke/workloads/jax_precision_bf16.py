"""JAX: products in bfloat16 stay within its rounding."""

ID = "jax-precision-bf16"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "computes in bfloat16 within its rounding"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3

SIDE = 128
BF16 = 2.0**-8  # unit roundoff of 8 significant bits


class Wrong(Exception):
    pass


def run(device):
    import jax
    import jax.numpy as jnp
    import numpy as np

    place = next(d for d in jax.devices(device.split(":")[0]) if d.id == int(device.split(":")[1]))
    random = np.random.RandomState(28)
    a, b = (random.standard_normal((SIDE, SIDE)) for _ in range(2))
    x, w = (jax.device_put(jnp.asarray(m, jnp.bfloat16), place) for m in (a, b))
    got = x @ w
    if got.dtype != jnp.bfloat16:
        raise Wrong("numbers: it computed in %s" % got.dtype)
    off = float((np.abs(np.asarray(got, float) - a @ b) / (np.abs(a) @ np.abs(b))).max())
    limit = 4 * BF16  # two factors and the result are rounded
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    where = next(iter(got.devices()))
    if where != place:
        raise Wrong("placement: the product is on %s, not on %s" % (where, place))
    return {"placed_on": device, "error": off}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
