"""TensorBoard: summaries written by tf.summary are read back with their values."""

ID = "tensorflow-debug-tensorboard"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorboard"
CLAIM = "writes summaries that TensorBoard reads back with the same values"
LEVEL = "standard"
NEEDS = ("tensorboard",)
COST_S = 1.5
DEVICES = "cpu"
INSTALL = "pip install tensorboard"


class Wrong(Exception):
    pass


def run(device):
    import tempfile

    import tensorflow as tf
    from tensorboard import version
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    values = [0.5, 0.25, 0.125]
    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            for step, value in enumerate(values):
                tf.summary.scalar("loss", value, step=step)
        writer.close()
        events = event_accumulator.EventAccumulator(folder)
        events.Reload()
        read = [
            (event.step, float(tensor_util.make_ndarray(event.tensor_proto)))
            for event in events.Tensors("loss")
        ]
    if read != list(enumerate(values)):
        raise Wrong("numbers: written %r, read %r" % (values, read))
    return {"placed_on": "CPU:0", "events": len(read), "version": version.VERSION}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
