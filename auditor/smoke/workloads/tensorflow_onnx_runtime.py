"""TensorFlow: a function converted to ONNX by tf2onnx gives the same numbers in ONNX Runtime."""

ID = "tensorflow-onnx-runtime"
FRAMEWORK = "tensorflow"
SYSTEM = "tf2onnx"
CLAIM = "converts a TensorFlow function to ONNX; ONNX Runtime gives the same numbers"
LEVEL = "standard"
NEEDS = ("tf2onnx", "onnx", "onnxruntime")
COST_S = 4
DEVICES = "cpu"
INSTALL = "pip install tf2onnx onnx onnxruntime"
OPSET = 17


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import onnx
    import onnxruntime
    import tensorflow as tf
    import tf2onnx

    rng = np.random.RandomState(31)
    kernel = tf.Variable(rng.standard_normal((3, 3, 3, 4)), dtype=tf.float32)
    weight = tf.Variable(rng.standard_normal((256, 5)), dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32, name="x")])
    def model(x):
        seen = tf.nn.relu(tf.nn.conv2d(x, kernel, strides=1, padding="SAME"))
        return tf.nn.softmax(tf.reshape(seen, (-1, 256)) @ weight / 16.0)

    converted, _ = tf2onnx.convert.from_function(model, input_signature=model.input_signature, opset=OPSET)
    onnx.checker.check_model(converted)
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    off = 0.0
    for batch in (2, 5):
        given = rng.standard_normal((batch, 8, 8, 3)).astype("float32")
        got, wanted = session.run(None, {session.get_inputs()[0].name: given})[0], model(given).numpy()
        if got.shape != wanted.shape:
            raise Wrong("numbers: ONNX Runtime answers %r, the function %r" % (got.shape, wanted.shape))
        off = max(off, float(np.abs(got - wanted).max()))
    # 256 float32 products a score, each of 27 of its own, summed in another order
    if not off <= 256 * 2.0**-24 * 8:
        raise Wrong("numbers: ONNX Runtime is off by %.3g" % off)
    versions = {
        "runtime": onnxruntime.__version__,
        "onnx": onnx.__version__,
        "converter": tf2onnx.__version__,
    }
    return {"placed_on": "CPU:0", "error": off, **versions}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
