"""TensorFlow Lite, now LiteRT: a converted model and a quantised one give close numbers."""

ID = "tensorflow-litert"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-lite"
CLAIM = "converts a model for phones, plain and quantised to 8 bits; LiteRT's interpreter gives close numbers"
LEVEL = "standard"
NEEDS = ()
COST_S = 4
DEVICES = "cpu"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf

    if not hasattr(tf, "lite") or not hasattr(tf.lite, "TFLiteConverter"):
        raise Skip("this TensorFlow has no converter of its own")
    random = np.random.RandomState(21)
    w = random.uniform(-1, 1, (32, 16)).astype("float32")
    x = random.uniform(-1, 1, (8, 32)).astype("float32")
    module = tf.Module()
    module.w = tf.Variable(w)
    serve = tf.function(lambda x: tf.tanh(x @ module.w), input_signature=[tf.TensorSpec((8, 32), tf.float32)])
    wanted = np.tanh(x.astype(float) @ w)
    runtime, interpreter_of = interpreter()
    off, sizes = {}, {}
    for way in ("plain", "quantised"):
        converter = tf.lite.TFLiteConverter.from_concrete_functions([serve.get_concrete_function()], module)
        if way == "quantised":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([x] for _ in range(4))
        content = converter.convert()
        sizes[way] = len(content)
        off[way] = float(np.abs(call(interpreter_of(model_content=content), x) - wanted).max())
    # 8 bits over the range of 32 products of at most 1, here about +-8: steps of 16/256 before tanh
    for way, limit in (("plain", 1e-5), ("quantised", 0.15)):
        if not off[way] <= limit:
            raise Wrong("numbers: the %s model is off by %.3g, more than %.3g" % (way, off[way], limit))
    if not off["quantised"] > off["plain"]:
        raise Wrong("numbers: the quantised model was not quantised: its error is %.3g" % off["quantised"])
    return {"placed_on": "CPU:0", "error": off["plain"], "quantised_error": off["quantised"], "runtime": runtime,
            "plain_bytes": sizes["plain"], "quantised_bytes": sizes["quantised"]}  # fmt: skip


def interpreter():
    """LiteRT's own interpreter where it is installed, else the one in TensorFlow."""
    import tensorflow as tf

    try:
        import ai_edge_litert
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        if not hasattr(tf, "lite"):
            raise Skip("this TensorFlow has no tf.lite; install ai-edge-litert") from None
        return "tf.lite (ai-edge-litert follows it)", tf.lite.Interpreter
    return "ai-edge-litert %s" % getattr(ai_edge_litert, "__version__", ""), Interpreter


def call(model, x):
    model.allocate_tensors()
    model.set_tensor(model.get_input_details()[0]["index"], x)
    model.invoke()
    return model.get_tensor(model.get_output_details()[0]["index"])


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
