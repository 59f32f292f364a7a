"""TensorFlow: asking for more memory than there is raises, and the device computes on."""

ID = "tensorflow-oom"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "survives running out of the device's memory"
LEVEL = "deep"
NEEDS = ()
COST_S = 1

FAR_TOO_MUCH = 1 << 45  # floats: more than any machine's address space has (47 bits), so refused at once


class Wrong(Exception):
    pass


def run(device):
    import tensorflow as tf

    with tf.device(device):
        try:
            tf.zeros((FAR_TOO_MUCH,), tf.float32)
        except tf.errors.ResourceExhaustedError as error:
            said = str(error)
        else:
            raise Wrong("placement: it gave more memory than the device has")
        got = tf.reduce_sum(tf.range(8.0) * 2)
    if float(got) != 56.0:
        raise Wrong("numbers: afterwards it gives %r" % float(got))
    return {"placed_on": got.backing_device.rsplit("device:", 1)[-1], "said": said.splitlines()[0][-200:]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
