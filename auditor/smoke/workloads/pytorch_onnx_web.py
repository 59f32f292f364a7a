"""PyTorch: a model exported to ONNX runs in JavaScript, by onnxruntime-web in Node."""

ID = "pytorch-onnx-web"
FRAMEWORK = "pytorch"
SYSTEM = "onnx-js"
CLAIM = "exports a model that onnxruntime-web, the successor of ONNX.js, runs with the same numbers"
LEVEL = "standard"
NEEDS = ("onnx", "onnxscript")
COST_S = 5
DEVICES = "cpu"
INSTALL = "pip install onnx onnxscript"

PACKAGE = "onnxruntime-web"
SCRIPT = """
const ort = require(process.argv[2]);
const data = JSON.parse(require('fs').readFileSync(0));
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
(async () => {
  const session = await ort.InferenceSession.create(
      Buffer.from(data.model, 'base64'), {executionProviders: ['wasm']});
  const x = new ort.Tensor('float32', Float32Array.from(data.x), data.shape);
  const out = await session.run({[session.inputNames[0]]: x});
  console.log(JSON.stringify(Array.from(out[session.outputNames[0]].data)));
})().catch(e => { console.error(String(e)); process.exit(1); });
"""


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import base64
    import inspect
    import json

    import torch

    place = package()
    if "dynamo" not in inspect.signature(torch.onnx.export).parameters:
        raise Skip("torch.onnx exports by torch.export since torch 2.5; this is %s" % torch.__version__)
    torch.manual_seed(8)
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)).eval()
    x = torch.randn(3, 6)
    program = torch.onnx.export(model, (x,), dynamo=True, verbose=False)
    given = {
        "model": base64.b64encode(program.model_proto.SerializeToString()).decode("ascii"),
        "x": x.flatten().tolist(),
        "shape": list(x.shape),
    }
    got = json.loads(node(["-e", SCRIPT, "script", place], json.dumps(given)))
    wanted = model(x).flatten().tolist()
    off = max(abs(a - b) for a, b in zip(got, wanted)) if len(got) == len(wanted) else float("inf")
    if not off <= 1e-5:
        raise Wrong("numbers: JavaScript answers %r, PyTorch %r" % (got, wanted))
    return {"placed_on": "cpu", "error": off, "package": place.split("node_modules/")[-1]}


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
    if not found:  # its makers ended ONNX.js (npm onnxjs 0.1.8); this is what follows it
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

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
