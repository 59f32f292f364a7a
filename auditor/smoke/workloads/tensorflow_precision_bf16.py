"""TensorFlow: Keras's mixed precision rounds to bfloat16 within its bound and keeps weights in float32."""

ID = "tensorflow-precision-bf16"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "computes in mixed precision (bfloat16) within its rounding"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3

SIDE = 128
BF16 = 2.0**-8  # unit roundoff of 8 significant bits


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    random = np.random.RandomState(20)
    a, b = (random.standard_normal((SIDE, SIDE)).astype("float32") for _ in range(2))
    with tf.device(device):
        x, w = tf.constant(a), tf.Variable(b)
        with tf.GradientTape() as tape:
            got = tf.cast(x, tf.bfloat16) @ tf.cast(w, tf.bfloat16)
            loss = tf.reduce_mean(tf.cast(got, tf.float32) ** 2)
        slope = tape.gradient(loss, w)
    if got.dtype != tf.bfloat16 or slope.dtype != tf.float32:
        raise Wrong("numbers: it computed in %s with gradients in %s" % (got.dtype, slope.dtype))
    exact, size = a.astype(float) @ b, np.abs(a.astype(float)) @ np.abs(b)
    limit = 4 * BF16  # two factors and the result are rounded
    off = float((np.abs(got.numpy().astype(float) - exact) / size).max())
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    wanted = 2 * a.T.astype(float) @ exact / exact.size
    apart = float(np.linalg.norm(slope.numpy() - wanted) / np.linalg.norm(wanted))
    if not apart <= limit:
        raise Wrong("numbers: the gradient is off by %.3g of its length" % apart)
    placed = got.backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the product is on %s, not on %s" % (placed, device))
    return {"placed_on": placed, "error": off, "gradient_error": apart}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
