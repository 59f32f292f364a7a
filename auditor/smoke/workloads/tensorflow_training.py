"""TensorFlow: a few steps of gradient descent on the device; the loss falls and the gradient is right."""

ID = "tensorflow-training"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "trains on the device: automatic gradients, and a loss that falls"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.08

STEPS, RATE = 5, 0.1
# The gradient against a central difference of the float64 loss by NumPy: rounding of the factors to
# TF32 (2^-11), on TPUs to bfloat16 (2^-8), in each of three products, times 10 for cancellation.
TOLERANCE = {"TPU": 0.12}
GRADIENT_TOLERANCE = 0.02


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    random = np.random.RandomState(3)
    x, target, first, second = (
        random.standard_normal(s).astype(np.float32) for s in ((64, 16), (64, 1), (16, 32), (32, 1))
    )
    start = (first / 4, second / 6)
    losses = []
    with tf.device(device):
        weights = [tf.Variable(w) for w in start]
        inputs, wanted = tf.constant(x), tf.constant(target)
        for step in range(STEPS):
            with tf.GradientTape() as tape:
                value = tf.reduce_mean((tf.tanh(inputs @ weights[0]) @ weights[1] - wanted) ** 2)
            gradients = tape.gradient(value, weights)
            losses.append(float(value.numpy()))
            if step == 0:
                check_gradient(np, device, x, target, start, [g.numpy() for g in gradients])
            for w, g in zip(weights, gradients):
                w.assign_sub(RATE * g)
    placed = value.backing_device.rsplit("device:", 1)[-1]
    if placed != device or not weights[0].device.endswith(device):
        raise Wrong("placement: trained on %s and %s, not on %s" % (placed, weights[0].device, device))
    if not losses[-1] < losses[0]:
        raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
    return {"placed_on": placed, "first_loss": losses[0], "last_loss": losses[-1], "steps": STEPS}


def check_gradient(np, device, x, target, start, gradients):
    """Compare the slope along the gradient with a central difference in float64 on the CPU."""
    norm = sum(float((g.astype(float) ** 2).sum()) for g in gradients) ** 0.5
    ends = []
    for sign in (1, -1):
        moved = [w.astype(float) + sign * 1e-4 * g.astype(float) / norm for w, g in zip(start, gradients)]
        ends.append(float(((np.tanh(x @ moved[0]) @ moved[1] - target) ** 2).mean()))
    slope = (ends[0] - ends[1]) / 2e-4
    if not abs(slope - norm) <= TOLERANCE.get(device.split(":")[0], GRADIENT_TOLERANCE) * abs(slope):
        raise Wrong("numbers: the gradient's length is %.6g, the loss's slope %.6g" % (norm, slope))


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
