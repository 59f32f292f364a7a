"""TensorFlow on a TPU: its device computes what the CPU does."""

ID = "tensorflow-tpu"
FRAMEWORK = "tensorflow"
SYSTEM = "tpu"
CLAIM = "computes on a TPU"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.01
DEVICES = "cpu"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import tensorflow as tf

    found = tf.config.list_logical_devices("TPU")
    if not found:
        raise Skip("there is no TPU here that TensorFlow sees; nothing can be said of one")
    a = tf.reshape(tf.range(64.0), (8, 8))
    with tf.device(found[0].name):
        got = tf.linalg.matmul(a, tf.ones((8, 8)))
    if got.numpy().tolist() != (a.numpy() @ tf.ones((8, 8)).numpy()).tolist():
        raise Wrong("numbers: the TPU gives %r" % got.numpy()[0].tolist())
    return {"placed_on": got.backing_device.rsplit("device:", 1)[-1]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
