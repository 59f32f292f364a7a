"""JAX: a float32 matrix product on the device, against NumPy's float64 on the CPU."""

ID = "jax-matmul"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "multiplies matrices on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.2

SIDE = 256
CPU_RATE_SIDE, RATE_SIDE = 512, 4096
# Unit roundoff of float32 products: 2^-24 on a CPU; GPUs may round the factors to TF32, 2^-11 (NVIDIA
# A100 white paper, 2020), TPUs to bfloat16, 2^-8 (JAX's default precision).
FLOAT32 = 2.0**-24
ROUNDOFF = {"cpu": FLOAT32, "tpu": 2.0**-8}
TF32 = 2.0**-11


class Wrong(Exception):
    pass


def run(device):
    import jax
    import numpy as np

    kind, _, number = device.partition(":")
    place = next(d for d in jax.devices(kind) if d.id == int(number))
    random = np.random.RandomState(1)
    a, b = (random.standard_normal((SIDE, SIDE)).astype(np.float32) for _ in range(2))
    got = jax.device_put(a, place) @ jax.device_put(b, place)
    placed = ", ".join("%s:%d" % (d.platform, d.id) for d in got.devices())
    if placed != device:
        raise Wrong("placement: the product is on %s, not on %s" % (placed, device))
    exact, size = a.astype(float) @ b, np.abs(a.astype(float)) @ np.abs(b)
    # |error| <= gamma_n |A||B| whatever the order of summation, gamma_n = n u / (1 - n u) (Higham,
    # Accuracy and Stability of Numerical Algorithms, 2nd ed., 3.5); 2 u more for rounding the factors
    limit = 2 * ROUNDOFF.get(kind, TF32) + 2 * SIDE * FLOAT32
    off = float((np.abs(np.asarray(got) - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    return {
        "placed_on": placed,
        "error": off,
        "tolerance": limit,
        "gflops": rate(jax, np, place),
        "precision": precision(jax, place),
    }


def precision(jax, place):
    """What a float32 product is computed in by default, or an empty string where that is not known."""
    if place.platform == "cpu":
        return "float32"
    capability = str(getattr(place, "compute_capability", ""))  # AMD's is a name such as gfx942
    if place.platform != "gpu" or jax.config.jax_default_matmul_precision or not capability[:1].isdigit():
        return ""
    return "tf32" if float(capability) >= 8 else "float32"


def rate(jax, np, place):
    """GFLOP/s of the best of three products, 2 n^3 operations each, after one that compiles."""
    import time

    side = CPU_RATE_SIDE if place.platform == "cpu" else RATE_SIDE
    a = jax.device_put(np.ones((side, side), np.float32), place)
    (a @ a).block_until_ready()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        (a @ a).block_until_ready()
        best = min(best, time.perf_counter() - start)
    return round(2 * side**3 / best / 1e9, 1)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
