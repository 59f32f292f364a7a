"""TensorFlow.js: weights of this TensorFlow give the same numbers in JavaScript, in Node."""

ID = "tensorflow-tfjs"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-js"
CLAIM = "gives the same numbers as TensorFlow.js in Node, for a layers model with the same weights"
LEVEL = "standard"
NEEDS = ()
COST_S = 3
DEVICES = "cpu"

PACKAGE = "@tensorflow/tfjs"
# A layers model as the converter writes it: topology and weights. The converter itself (tensorflowjs
# 4.22 for Python) cannot be installed beside TensorFlow 2.20 and later.
SCRIPT = """
const tf = require(process.argv[2]);
const data = JSON.parse(require('fs').readFileSync(0));
(async () => {
  await tf.setBackend('cpu');
  const bytes = new Float32Array(data.weights.flat()).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({
      modelTopology: data.topology, weightSpecs: data.specs, weightData: bytes}));
  const out = model.predict(tf.tensor2d(data.x));
  console.log(JSON.stringify({version: tf.version_core, y: await out.array()}));
})().catch(e => { console.error(String(e)); process.exit(1); });
"""


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import json

    import numpy as np
    import tensorflow as tf

    place = package()
    random = np.random.RandomState(22)
    weights = [random.standard_normal(s).astype("float32") for s in ((4, 8), (8,), (8, 2), (2,))]
    x = random.standard_normal((3, 4)).astype("float32")
    wanted = tf.tanh(x @ weights[0] + weights[1]) @ weights[2] + weights[3]
    names = ["first/kernel", "first/bias", "second/kernel", "second/bias"]
    given = {
        "topology": topology(),
        "specs": [{"name": n, "shape": list(w.shape), "dtype": "float32"} for n, w in zip(names, weights)],
        "weights": [w.ravel().tolist() for w in weights],
        "x": x.tolist(),
    }
    told = json.loads(node(["-e", SCRIPT, "script", place], json.dumps(given)).splitlines()[-1])
    off = float(np.abs(np.array(told["y"]) - wanted.numpy()).max())
    if not off <= 1e-4:
        raise Wrong("numbers: JavaScript is off by %.3g" % off)
    return {"placed_on": "CPU:0", "error": off, "tfjs": told["version"]}


def topology():
    """Two dense layers in the form of Keras 2, which TensorFlow.js reads."""

    def dense(name, units, activation, **more):
        config = dict(name=name, units=units, activation=activation, use_bias=True, trainable=True, **more)
        return {"class_name": "Dense", "config": config}

    layers = [dense("first", 8, "tanh", batch_input_shape=[None, 4]), dense("second", 2, "linear")]
    return {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}


def package():
    """Where Node finds the package: from the user's folder, NODE_PATH, or among the global ones."""
    import os
    import shutil

    if not shutil.which("node"):
        raise Skip("node is not installed; install it from your distribution or nodejs.org")
    roots = [os.environ.get("PWD", "."), os.getcwd()]
    if shutil.which("npm"):
        roots.append(os.path.dirname(node(["root", "-g"], "", "npm").strip()))
    find = "try{console.log(require.resolve(process.argv[2],{paths:process.argv.slice(3)}))}catch{}"
    found = node(["-e", find, "script", PACKAGE, *roots], "").strip()
    if not found:
        raise Skip("%s is not installed; install it with: npm install %s" % (PACKAGE, PACKAGE))
    return found


def node(arguments, given, program="node"):
    import subprocess

    done = subprocess.run(
        [program, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise RuntimeError("%s: %s" % (program, done.stderr.strip()[-500:]))
    return done.stdout


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
