"""TensorFlow: a float32 matrix product on the device, against NumPy's float64 on the CPU."""

ID = "tensorflow-matmul"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "multiplies matrices on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.08

SIDE = 256
CPU_RATE_SIDE, RATE_SIDE = 512, 4096
# Unit roundoff of float32 products: 2^-24 on a CPU; GPUs round the factors to TF32, 2^-11 (NVIDIA A100
# white paper, 2020; TensorFlow's default), TPUs to bfloat16, 2^-8.
FLOAT32 = 2.0**-24
ROUNDOFF = {"CPU": FLOAT32, "GPU": 2.0**-11, "XPU": 2.0**-11, "TPU": 2.0**-8}


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    random = np.random.RandomState(1)
    a, b = (random.standard_normal((SIDE, SIDE)).astype(np.float32) for _ in range(2))
    with tf.device(device):
        got = tf.linalg.matmul(tf.constant(a), tf.constant(b))
    placed = got.backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the product is on %s, not on %s" % (placed, device))
    exact, size = a.astype(float) @ b, np.abs(a.astype(float)) @ np.abs(b)
    # |error| <= gamma_n |A||B| whatever the order of summation, gamma_n = n u / (1 - n u) (Higham,
    # Accuracy and Stability of Numerical Algorithms, 2nd ed., 3.5); 2 u more for rounding the factors
    limit = 2 * ROUNDOFF[device.split(":")[0]] + 2 * SIDE * FLOAT32
    off = float((np.abs(got.numpy() - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    return {
        "placed_on": placed,
        "error": off,
        "tolerance": limit,
        "gflops": rate(tf, device),
        "precision": precision(tf, device),
    }


def precision(tf, device):
    """What a float32 product is computed in: on GPUs, TF32 where it is allowed, as it is by default."""
    if device.startswith("CPU") or not tf.config.experimental.tensor_float_32_execution_enabled():
        return "float32"
    gpu = tf.config.list_physical_devices("GPU")[int(device.split(":")[1])]
    capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
    return "tf32" if tuple(capability) >= (8, 0) else "float32"


def rate(tf, device):
    """GFLOP/s of the best of three products, 2 n^3 operations each; float32 as the user's settings have it."""
    import time

    side = CPU_RATE_SIDE if device.startswith("CPU") else RATE_SIDE
    best = float("inf")
    with tf.device(device):
        a = tf.ones((side, side))
        for _ in range(3):
            start = time.perf_counter()
            tf.linalg.matmul(a, a)[0, 0].numpy()  # reading a value waits for the device
            best = min(best, time.perf_counter() - start)
    return round(2 * side**3 / best / 1e9, 1)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
