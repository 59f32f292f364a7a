"""TensorFlow: AutoGraph turns Python's loop and branch on data into a graph's."""

ID = "tensorflow-function-autograph"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-graph"
CLAIM = "turns Python's loops and branches into a graph by AutoGraph"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.4


class Wrong(Exception):
    pass


def run(device):
    import tensorflow as tf

    @tf.function
    def collatz(n):
        count = tf.constant(0)
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            count += 1
        return count

    with tf.device(device):
        got = [int(collatz(tf.constant(n))) for n in (1, 6, 27)]
    # OEIS A006577
    if got != [0, 8, 111]:
        raise Wrong("numbers: Collatz steps of 1, 6 and 27 come out as %r, not [0, 8, 111]" % got)
    kinds = {op.type for op in collatz.get_concrete_function(tf.constant(1)).graph.get_operations()}
    if not kinds & {"While", "StatelessWhile"}:
        raise Wrong("training: the graph holds no loop: %s" % ", ".join(sorted(kinds)))
    if collatz.experimental_get_tracing_count() != 1:
        raise Wrong("training: three calls made %d graphs" % collatz.experimental_get_tracing_count())
    return {"placed_on": device, "steps": got}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
