"""TensorFlow Serving: the exported layout a server loads, and the client's request with its messages."""

ID = "tensorflow-savedmodel-serving"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-serving"
CLAIM = "exports the layout that TensorFlow Serving loads, and builds its client's requests"
LEVEL = "standard"
NEEDS = ("tensorflow_serving",)
COST_S = 2
DEVICES = "cpu"
INSTALL = "pip install tensorflow-serving-api (the server is an image and a package of its own)"


class Wrong(Exception):
    pass


def run(device):
    import os
    import shutil
    import tempfile

    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    module = tf.Module()
    module.w = tf.Variable([2.0, 3.0])
    serve = tf.function(
        lambda x: {"y": x * module.w}, input_signature=[tf.TensorSpec((2,), tf.float32, name="x")]
    )
    module.serve = serve
    with tempfile.TemporaryDirectory() as folder:
        version = os.path.join(folder, "model", "1")  # servers watch for folders with whole numbers
        tf.saved_model.save(module, version, signatures={"serving_default": serve})
        files = {name for _, _, names in os.walk(version) for name in names}
        lacking = {"saved_model.pb", "variables.index"} - files
        if lacking:
            raise Wrong("numbers: the export lacks %s" % ", ".join(sorted(lacking)))
        given = tf.make_tensor_proto([1.0, 4.0])
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "model", "serving_default"
        request.inputs["x"].CopyFrom(given)
        again = predict_pb2.PredictRequest.FromString(request.SerializeToString())
        got = tf.saved_model.load(version).signatures[again.model_spec.signature_name](
            x=tf.constant(tf.make_ndarray(again.inputs["x"]))
        )
    if got["y"].numpy().tolist() != [2.0, 12.0]:
        raise Wrong("numbers: the request's signature gives %r" % got["y"].numpy().tolist())
    if not hasattr(prediction_service_pb2_grpc, "PredictionServiceStub"):
        raise Wrong("numbers: the client has no PredictionServiceStub")
    server = shutil.which("tensorflow_model_server")
    return {"placed_on": "CPU:0", "checked": "exported layout and client messages; no server was asked",
            "server_installed": bool(server)}  # fmt: skip


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
