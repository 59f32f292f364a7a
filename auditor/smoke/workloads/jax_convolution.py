"""JAX: a float32 convolution on the device, against NumPy's float64 on the CPU."""

ID = "jax-convolution"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "convolves images on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.2

IMAGES, CHANNELS, FILTERS, SIDE, KERNEL = 2, 8, 16, 24, 3
# Rounding as in jax_matmul.py. Winograd and FFT algorithms lose some bits more than a direct sum, for
# which Higham's bound holds; 16 is our allowance.
FLOAT32 = 2.0**-24
ROUNDOFF = {"cpu": FLOAT32, "tpu": 2.0**-8}
TF32 = 2.0**-11
ALGORITHM = 16


class Wrong(Exception):
    pass


def run(device):
    import time

    import jax
    import numpy as np

    kind, _, number = device.partition(":")
    place = next(d for d in jax.devices(kind) if d.id == int(number))
    random = np.random.RandomState(2)
    x = random.standard_normal((IMAGES, SIDE, SIDE, CHANNELS)).astype(np.float32)
    w = random.standard_normal((KERNEL, KERNEL, CHANNELS, FILTERS)).astype(np.float32)
    layout = ("NHWC", "HWIO", "NHWC")
    start = time.perf_counter()
    got = jax.lax.conv_general_dilated(
        jax.device_put(x, place), jax.device_put(w, place), (1, 1), "SAME", dimension_numbers=layout
    ).block_until_ready()
    seconds = time.perf_counter() - start
    placed = ", ".join("%s:%d" % (d.platform, d.id) for d in got.devices())
    if placed != device:
        raise Wrong("placement: the result is on %s, not on %s" % (placed, device))
    exact, size = convolve(np, x.astype(float), w), convolve(np, np.abs(x.astype(float)), np.abs(w))
    limit = 2 * ROUNDOFF.get(kind, TF32) + ALGORITHM * CHANNELS * KERNEL**2 * FLOAT32
    off = float((np.abs(np.asarray(got) - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a value is off by %.3g of its terms, more than %.3g" % (off, limit))
    return {"placed_on": placed, "error": off, "tolerance": limit, "compile_and_run_s": round(seconds, 4)}


def convolve(np, x, w):
    """The direct sum over the kernel's places, zeros around the image."""
    around = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    places = ((i, j) for i in range(KERNEL) for j in range(KERNEL))
    return sum(around[:, i : i + SIDE, j : j + SIDE] @ w[i, j].astype(float) for i, j in places)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
