"""TensorFlow: a tf.function gives the numbers and gradient of eager execution, traced once a signature."""

ID = "tensorflow-function"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-graph"
CLAIM = "runs a tf.function as a graph, with eager execution's values and gradients"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    traces = []

    def step(x, w):
        traces.append(tf.executing_eagerly())
        with tf.GradientTape() as tape:
            tape.watch(w)
            value = tf.reduce_mean(tf.tanh(x @ w) ** 2)
        return value, tape.gradient(value, w)

    random = np.random.RandomState(18)
    with tf.device(device):
        x, w = (tf.constant(random.standard_normal(s).astype("float32")) for s in ((16, 8), (8, 4)))
        eager = step(x, w)
        graph = tf.function(step)
        del traces[:]
        got = [graph(x, w) for _ in range(3)][-1]
    if traces != [False]:
        raise Wrong("training: three calls traced %r, not one graph" % traces)
    for name, a, b in zip(("value", "gradient"), eager, got):
        off = float(np.abs(a.numpy() - b.numpy()).max())
        if not off <= 1e-5:
            raise Wrong("numbers: the graph's %s is off by %.3g" % (name, off))
    placed = got[0].backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the graph ran on %s, not on %s" % (placed, device))
    return {
        "placed_on": placed,
        "error": off,
        "graph_ops": len(graph.get_concrete_function(x, w).graph.get_operations()),
    }


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
