"""TensorFlow: whether eager execution is its default, with a loop on data and its gradient."""

ID = "tensorflow-training-eager"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-eager"
CLAIM = "executes eagerly by default: loops and branches on data, with the right gradient"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.1


class Wrong(Exception):
    pass


def run(device):
    import tensorflow as tf

    if not tf.executing_eagerly():
        raise Wrong("training: it does not execute eagerly by default")
    with tf.device(device):
        for start, turns in ((0.5, 8), (3.0, 3)):
            w = tf.Variable(1.5)
            x, count = tf.constant(start), 0
            with tf.GradientTape() as tape:
                while x < 10:  # Python's own loop, which only eager execution can decide
                    x, count = x * w, count + 1
            slope = float(tape.gradient(x, w))
            value, exact = start * 1.5**turns, turns * start * 1.5 ** (turns - 1)
            if count != turns or abs(float(x) - value) > 1e-4 or abs(slope - exact) > 1e-3:
                raise Wrong("numbers: %r with gradient %r, not %r with %r" % (float(x), slope, value, exact))
    placed = x.backing_device.rsplit("device:", 1)[-1]
    return {"placed_on": placed, "eager_by_default": True}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
