"""TensorFlow: a SavedModel's signature, called in a fresh process, gives the same numbers."""

ID = "tensorflow-savedmodel"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "exports a SavedModel whose signature gives the same numbers in a fresh process"
LEVEL = "standard"
NEEDS = ()
COST_S = 6
DEVICES = "cpu"

CODE = """
import json, sys
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
signature = loaded.signatures["serving_default"]
out = signature(x=tf.constant(json.loads(sys.argv[2])))
print(json.dumps(out["y"].numpy().tolist()))
"""


class Wrong(Exception):
    pass


def run(device):
    import json
    import os
    import subprocess
    import sys
    import tempfile

    import numpy as np
    import tensorflow as tf

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable([[1.0, -2.0], [0.5, 3.0]])

        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32, name="x")])
        def serve(self, x):
            return {"y": tf.nn.relu(x @ self.w)}

    given = [[1.0, 2.0], [-1.0, 0.25], [3.0, -4.0]]
    wanted = np.maximum(np.array(given) @ [[1.0, -2.0], [0.5, 3.0]], 0).tolist()
    with tempfile.TemporaryDirectory() as folder:
        model = Model()
        tf.saved_model.save(model, folder, signatures={"serving_default": model.serve})
        done = subprocess.run(
            [sys.executable, "-c", CODE, folder, json.dumps(given)],
            env=dict(os.environ, CUDA_VISIBLE_DEVICES=""),  # this process holds the GPUs, perhaps for itself alone
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(
            "a fresh process ended with %d: %s" % (done.returncode, done.stderr.strip()[-800:])
        )
    got = json.loads(done.stdout.splitlines()[-1])
    if got != wanted:
        raise Wrong("numbers: the signature gives %r, not %r" % (got, wanted))
    return {"placed_on": "CPU:0", "signature": "serving_default"}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
