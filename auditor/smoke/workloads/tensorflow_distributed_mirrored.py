"""tf.distribute: a step mirrored on two logical devices equals the step of one device."""

ID = "tensorflow-distributed-mirrored"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-distribute"
CLAIM = "takes the same training step mirrored on two logical devices as on one"
LEVEL = "standard"
NEEDS = ()
COST_S = 6
DEVICES = "cpu"

# In a process of its own: logical devices must be made before TensorFlow has begun.
CODE = """
import json
import numpy as np
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_visible_devices([cpu])
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
random = np.random.RandomState(23)
x, y = random.standard_normal((8, 3)).astype("float32"), random.standard_normal((8, 1)).astype("float32")
with strategy.scope():
    w = tf.Variable(tf.ones((3, 1)))
@tf.function
def step(x, y):
    def each(x, y):
        slope = 2 * tf.matmul(x, x @ w - y, transpose_a=True) / 8
        total = tf.distribute.get_replica_context().all_reduce("sum", slope)
        w.assign_sub(0.1 * total)
        return slope
    return strategy.run(each, args=(x, y))
halves = [strategy.experimental_distribute_values_from_function(
    lambda context, part=part: tf.constant(part[context.replica_id_in_sync_group::2])) for part in (x, y)]
slopes = step(*halves)
exact = np.ones((3, 1)) - 0.1 * 2 * x.T.astype(float) @ (x @ np.ones((3, 1)) - y) / 8
parts = strategy.experimental_local_results(w)
print(json.dumps({
    "replicas": strategy.num_replicas_in_sync,
    "devices": [p.device.rsplit("device:", 1)[-1] for p in parts],
    "off": max(float(np.abs(p.numpy() - exact).max()) for p in parts),
}))
"""


class Wrong(Exception):
    pass


def run(device):
    import json
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", CODE], env=dict(os.environ, CUDA_VISIBLE_DEVICES=""),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError("its process ended with %d: %s" % (done.returncode, done.stderr.strip()[-800:]))
    told = json.loads(done.stdout.splitlines()[-1])
    if told["replicas"] != 2 or told["devices"] != ["CPU:0", "CPU:1"]:
        raise Wrong("placement: %d replicas on %r" % (told["replicas"], told["devices"]))
    if not told["off"] <= 1e-5:
        raise Wrong("numbers: the mirrored step is off by %.3g" % told["off"])
    return {"placed_on": "CPU:0", "replicas": told["replicas"], "error": told["off"]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
