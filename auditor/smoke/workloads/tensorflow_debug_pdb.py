"""TensorFlow: Python's debugger stops inside an eager forward pass."""

ID = "tensorflow-debug-pdb"
FRAMEWORK = "tensorflow"
SYSTEM = "pdb"
CLAIM = "can be stopped by Python's own debugger in eager code, where values can be read"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.1
DEVICES = "cpu"


class Wrong(Exception):
    pass


def run(device):
    import io
    import pdb

    import tensorflow as tf

    said = io.StringIO()
    commands = io.StringIO("p 'seen', float(sum(hidden.numpy()))\nc\n")
    debugger = pdb.Pdb(stdin=commands, stdout=said, nosigint=True, readrc=False)

    class Model(tf.Module):
        def __call__(self, x):
            hidden = x * 2.0
            debugger.set_trace()
            return hidden + 1.0

    with tf.device(device):
        out = Model()(tf.constant([1.0, 2.0, 3.5]))
    if "('seen', 13.0)" not in said.getvalue():
        raise Wrong("numbers: the debugger did not show the tensor's sum: %r" % said.getvalue()[-300:])
    if out.numpy().tolist() != [3.0, 5.0, 8.0]:
        raise Wrong("numbers: going on from the stop gave %r" % out.numpy().tolist())
    return {"placed_on": out.backing_device.rsplit("device:", 1)[-1], "stopped_in": "eager code"}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
