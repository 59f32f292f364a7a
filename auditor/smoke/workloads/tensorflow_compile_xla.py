"""TensorFlow: XLA compiles a function that gives eager execution's numbers."""

ID = "tensorflow-compile-xla"
FRAMEWORK = "tensorflow"
SYSTEM = "xla"
CLAIM = "compiles a function by XLA, with eager execution's numbers"
LEVEL = "standard"
NEEDS = ()
COST_S = 1


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    def function(x, w):
        return tf.nn.softmax(tf.nn.relu(x @ w) @ tf.transpose(w))

    random = np.random.RandomState(19)
    with tf.device(device):
        x, w = (tf.constant(random.standard_normal(s).astype("float32")) for s in ((16, 8), (8, 32)))
        eager = function(x, w)
        compiled = tf.function(function, jit_compile=True)
        got = compiled(x, w)
        text = compiled.experimental_get_compiler_ir(x, w)(stage="hlo")
    off = float(np.abs(got.numpy() - eager.numpy()).max())
    tolerance = 1e-4 if device.startswith("CPU") else 3e-2  # TF32 and bfloat16 round the factors
    if not off <= tolerance:
        raise Wrong("numbers: compiled by XLA the result is off by %.3g" % off)
    if "HloModule" not in text:
        raise Wrong("training: XLA shows no program of its own")
    return {
        "placed_on": got.backing_device.rsplit("device:", 1)[-1],
        "error": off,
        "hlo_lines": text.count("\n"),
    }


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
