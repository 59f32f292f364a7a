"""TensorFlow: matrix products without a pause give the same numbers all the time; how much the rate falls."""

ID = "tensorflow-sustained"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "computes under sustained load without an error; tells how far its rate falls"
LEVEL = "deep"
NEEDS = ()
COST_S = 20
DURATION_S = 20  # what is asked for by --duration takes its place

CPU_SIDE, SIDE, SLICE_S = 1024, 4096, 1.0
FLOAT32, TF32 = 2.0**-24, 2.0**-11


class Wrong(Exception):
    pass


def run(device):
    import time

    import numpy as np
    import tensorflow as tf

    on_cpu = device.startswith("CPU")
    side = CPU_SIDE if on_cpu else SIDE
    host = np.random.RandomState(7).standard_normal((side, side)).astype(np.float32)
    rates, end = [], time.perf_counter() + DURATION_S
    with tf.device(device):
        a = tf.constant(host)
        first = tf.linalg.matmul(a, a)
        check_first(np, host, first[0].numpy(), 2 * (FLOAT32 if on_cpu else TF32) + 2 * side * FLOAT32)
        while not rates or time.perf_counter() < end:
            count, start = 0, time.perf_counter()
            while not count or time.perf_counter() < min(end, start + SLICE_S):
                for _ in range(4):
                    out = tf.linalg.matmul(a, a)
                float(out[0, 0])  # reading a value waits for the device
                count += 4
            rates.append(2 * side**3 * count / (time.perf_counter() - start) / 1e9)
            off = float(tf.reduce_max(tf.abs(out - first)))
            # the same product again: what may differ is the order of summation, two rounding errors of a sum
            if not off <= 4 * side * FLOAT32 * float(tf.reduce_max(tf.abs(first))):
                raise Wrong("numbers: after %d s a product is off by %.3g" % (len(rates), off))
    placed = out.backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the product is on %s, not on %s" % (placed, device))
    return {"placed_on": placed, "seconds": round(DURATION_S, 1), "checked": len(rates),
            "sustained_gflops": round(sorted(rates)[len(rates) // 2], 1),
            "slowest_percent_of_fastest": round(100 * min(rates) / max(rates), 1)}  # fmt: skip


def check_first(np, host, row, limit):
    """Hold a row of the product against float64."""
    exact, size = host[0].astype(float) @ host, np.abs(host[0].astype(float)) @ np.abs(host)
    off = float((np.abs(row - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))


if __name__ == "__main__":
    import sys

    DURATION_S = float(sys.argv[2]) if len(sys.argv) > 2 else DURATION_S
    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
