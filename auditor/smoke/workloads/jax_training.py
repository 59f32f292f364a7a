"""JAX: a few steps of gradient descent on the device; the loss falls and the gradient is right."""

ID = "jax-training"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "trains on the device: automatic gradients, and a loss that falls"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.3

STEPS, RATE = 5, 0.1
# The gradient against a central difference of the float64 loss by NumPy: rounding of the factors to
# TF32 (2^-11), on TPUs to bfloat16 (2^-8), in each of three products, times 10 for cancellation.
TOLERANCE = {"tpu": 0.12}
GRADIENT_TOLERANCE = 0.02


class Wrong(Exception):
    pass


def loss(np, weights, x, target):
    """Mean squared error of a network with one hidden layer, by NumPy or jax.numpy."""
    return ((np.tanh(x @ weights[0]) @ weights[1] - target) ** 2).mean()


def run(device):
    import jax
    import numpy as np

    kind, _, number = device.partition(":")
    place = next(d for d in jax.devices(kind) if d.id == int(number))
    random = np.random.RandomState(3)
    x, target, first, second = (
        random.standard_normal(s).astype(np.float32) for s in ((64, 16), (64, 1), (16, 32), (32, 1))
    )
    start = (first / 4, second / 6)
    step = jax.jit(jax.value_and_grad(lambda w, x, y: loss(jax.numpy, w, x, y)))
    weights, inputs, wanted = (jax.device_put(item, place) for item in (start, x, target))
    losses = []
    for count in range(STEPS):
        value, gradients = step(weights, inputs, wanted)
        losses.append(float(value))
        if count == 0:
            check_gradient(np, kind, x, target, start, [np.asarray(g, float) for g in gradients])
        weights = tuple(w - RATE * g for w, g in zip(weights, gradients))
    placed = ", ".join("%s:%d" % (d.platform, d.id) for d in weights[0].devices())
    if placed != device:
        raise Wrong("placement: trained on %s, not on %s" % (placed, device))
    if not losses[-1] < losses[0]:
        raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
    return {"placed_on": placed, "first_loss": losses[0], "last_loss": losses[-1], "steps": STEPS}


def check_gradient(np, kind, x, target, start, gradients):
    """Compare the slope along the gradient with a central difference in float64 on the CPU."""
    norm = sum(float((g**2).sum()) for g in gradients) ** 0.5
    ends = []
    for sign in (1, -1):
        moved = [w.astype(float) + sign * 1e-4 * g / norm for w, g in zip(start, gradients)]
        ends.append(float(loss(np, moved, x, target)))
    slope = (ends[0] - ends[1]) / 2e-4
    if not abs(slope - norm) <= TOLERANCE.get(kind, GRADIENT_TOLERANCE) * abs(slope):
        raise Wrong("numbers: the gradient's length is %.6g, the loss's slope %.6g" % (norm, slope))


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
