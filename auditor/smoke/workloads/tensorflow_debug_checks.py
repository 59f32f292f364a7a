"""TensorFlow: tf.debugging catches a NaN and a wrong shape, eagerly and in a graph."""

ID = "tensorflow-debug-checks"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-debugging"
CLAIM = "catches a NaN and a wrong shape by tf.debugging"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3


class Wrong(Exception):
    pass


def run(device):
    import tensorflow as tf

    @tf.function
    def graph(x):
        return tf.debugging.check_numerics(tf.math.log(x), "log of something negative")

    with tf.device(device):
        bad, good = tf.constant([1.0, -1.0]), tf.constant([1.0, 1.0])
        for way in (
            lambda x: tf.debugging.check_numerics(tf.math.log(x), "log of something negative"),
            graph,
        ):
            if way(good).numpy().tolist() != [0.0, 0.0]:
                raise Wrong("numbers: the logarithm of 1 is %r" % way(good).numpy().tolist())
            expect(lambda way=way: way(bad), tf.errors.InvalidArgumentError, "a NaN")
        tf.debugging.assert_shapes([(good, ("n",)), (bad, ("n",))])
        three = tf.constant([1.0, 2.0, 3.0])
        expect(lambda: tf.debugging.assert_shapes([(good, ("n",)), (three, ("n",))]), ValueError, "a shape")
    return {
        "placed_on": good.backing_device.rsplit("device:", 1)[-1],
        "caught": ["nan", "nan in a graph", "shape"],
    }


def expect(work, kind, what):
    try:
        work()
    except kind:
        return
    raise Wrong("numbers: %s was not caught" % what)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
