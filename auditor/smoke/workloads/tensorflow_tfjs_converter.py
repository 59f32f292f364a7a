"""TensorFlow.js's converter: what it makes of a SavedModel gives the same numbers in JavaScript, in Node."""

ID = "tensorflow-tfjs-converter"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-js"
CLAIM = "converts a SavedModel by TensorFlow.js's converter; Node gives the same numbers"
LEVEL = "standard"
NEEDS = ("tensorflowjs",)
COST_S = 25
DEVICES = "cpu"
INSTALL = "pip install tensorflowjs, in an environment of its own: 4.22.0 (2024-10) goes with TensorFlow 2.19"

PACKAGE = "@tensorflow/tfjs"
SCRIPT = """
const fs = require('fs'), tf = require(process.argv[2]), folder = process.argv[3] + '/';
const data = JSON.parse(fs.readFileSync(0)), stored = JSON.parse(fs.readFileSync(folder + 'model.json'));
const groups = stored.weightsManifest;
const bytes = Buffer.concat(groups.flatMap(g => g.paths.map(p => fs.readFileSync(folder + p))));
(async () => {
  await tf.setBackend('cpu');
  const model = await tf.loadGraphModel(tf.io.fromMemory({
      modelTopology: stored.modelTopology, signature: stored.signature, format: stored.format,
      weightSpecs: groups.flatMap(g => g.weights), weightData: new Uint8Array(bytes).buffer}));
  const out = model.execute(tf.tensor2d(data));
  console.log(JSON.stringify({version: tf.version_core, y: await out.array()}));
})().catch(e => { console.error(String(e)); process.exit(1); });
"""


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import json
    import os
    import subprocess
    import sys
    import tempfile

    import numpy as np
    import tensorflow as tf

    place = package()
    random = np.random.RandomState(29)
    first, second, x = (random.standard_normal(s).astype("float32") for s in ((4, 8), (8, 2), (3, 4)))
    module = tf.Module()
    module.first, module.second = tf.Variable(first), tf.Variable(second)
    serve = tf.function(
        lambda x: {"y": tf.nn.relu(x @ module.first) @ module.second},
        input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")],
    )
    module.serve = serve
    with tempfile.TemporaryDirectory() as folder:
        stored, made = os.path.join(folder, "stored"), os.path.join(folder, "made")
        tf.saved_model.save(module, stored, signatures={"serving_default": serve})
        argv = [sys.executable, "-m", "tensorflowjs.converters.converter", "--input_format=tf_saved_model"]
        done = subprocess.run(
            [*argv, stored, made], env=dict(os.environ, CUDA_VISIBLE_DEVICES=""),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(
                "the converter ended with %d: %s" % (done.returncode, done.stderr.strip()[-800:])
            )
        told = json.loads(
            node(["-e", SCRIPT, "script", place, made], json.dumps(x.tolist())).splitlines()[-1]
        )
    wanted = np.maximum(x.astype(float) @ first, 0) @ second
    off = float(np.abs(np.array(told["y"]) - wanted).max())
    if not off <= 1e-4:
        raise Wrong("numbers: JavaScript is off by %.3g" % off)
    return {"placed_on": "CPU:0", "error": off, "tfjs": told["version"]}


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
