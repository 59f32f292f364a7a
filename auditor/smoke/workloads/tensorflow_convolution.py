"""TensorFlow: a float32 convolution on the device, against NumPy's float64 on the CPU."""

ID = "tensorflow-convolution"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "convolves images on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.08

IMAGES, CHANNELS, FILTERS, SIDE, KERNEL = 2, 8, 16, 24, 3
CPU_RATE_SHAPE, RATE_SHAPE = (1, 64, 56), (8, 128, 56)  # images, channels = filters, side
# Rounding as in tensorflow_matmul.py. Winograd and FFT algorithms lose some bits more than a direct
# sum, for which Higham's bound holds; 16 is our allowance.
FLOAT32 = 2.0**-24
ROUNDOFF = {"CPU": FLOAT32, "GPU": 2.0**-11, "XPU": 2.0**-11, "TPU": 2.0**-8}
ALGORITHM = 16


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    random = np.random.RandomState(2)
    x = random.standard_normal((IMAGES, SIDE, SIDE, CHANNELS)).astype(np.float32)
    w = random.standard_normal((KERNEL, KERNEL, CHANNELS, FILTERS)).astype(np.float32)
    with tf.device(device):
        got = tf.nn.conv2d(tf.constant(x), tf.constant(w), strides=1, padding="SAME")
    placed = got.backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the result is on %s, not on %s" % (placed, device))
    exact, size = convolve(np, x.astype(float), w), convolve(np, np.abs(x.astype(float)), np.abs(w))
    limit = 2 * ROUNDOFF[device.split(":")[0]] + ALGORITHM * CHANNELS * KERNEL**2 * FLOAT32
    off = float((np.abs(got.numpy() - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a value is off by %.3g of its terms, more than %.3g" % (off, limit))
    return {"placed_on": placed, "error": off, "tolerance": limit, "gflops": rate(tf, device)}


def convolve(np, x, w):
    """The direct sum over the kernel's places, zeros around the image."""
    around = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    places = ((i, j) for i in range(KERNEL) for j in range(KERNEL))
    return sum(around[:, i : i + SIDE, j : j + SIDE] @ w[i, j].astype(float) for i, j in places)


def rate(tf, device):
    """GFLOP/s of the best of three; 2 x images x filters x side^2 x channels x kernel^2 operations each."""
    import time

    images, channels, side = CPU_RATE_SHAPE if device.startswith("CPU") else RATE_SHAPE
    best = float("inf")
    with tf.device(device):
        x, w = tf.ones((images, side, side, channels)), tf.ones((KERNEL, KERNEL, channels, channels))
        for _ in range(3):
            start = time.perf_counter()
            tf.nn.conv2d(x, w, strides=1, padding="SAME")[0, 0, 0, 0].numpy()
            best = min(best, time.perf_counter() - start)
    return round(2 * images * channels**2 * side**2 * KERNEL**2 / best / 1e9, 1)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
