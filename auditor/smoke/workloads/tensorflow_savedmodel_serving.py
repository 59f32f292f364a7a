"""TensorFlow Serving: the exported layout and the client's request; where a server is installed, its answer."""

ID = "tensorflow-savedmodel-serving"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-serving"
CLAIM = "exports the layout that TensorFlow Serving loads, and asks a server for it where one is installed"
LEVEL = "standard"
NEEDS = ("tensorflow_serving",)
COST_S = 2
DEVICES = "cpu"
INSTALL = "pip install tensorflow-serving-api (the server is an image and a package of its own)"


WANTED, LIMIT_S = [2.0, 12.0], 40


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
        server = shutil.which("tensorflow_model_server")
        answer = ask(tf, server, os.path.dirname(version), request) if server else WANTED
        got = tf.saved_model.load(version).signatures[again.model_spec.signature_name](
            x=tf.constant(tf.make_ndarray(again.inputs["x"]))
        )
    if answer != WANTED:
        raise Wrong("numbers: the server gives %r" % answer)
    if got["y"].numpy().tolist() != WANTED:
        raise Wrong("numbers: the request's signature gives %r" % got["y"].numpy().tolist())
    if not hasattr(prediction_service_pb2_grpc, "PredictionServiceStub"):
        raise Wrong("numbers: the client has no PredictionServiceStub")
    checked = "the exported layout and the client's messages were checked; "
    asked = (
        "a server answered" if server else "no server was asked, as tensorflow_model_server is not on PATH"
    )
    return {"placed_on": "CPU:0", "server": bool(server), "note": checked + asked}


def ask(tf, server, folder, request):
    """Serve the model on a port of the loopback and return what the real server answers."""
    import os
    import subprocess

    import grpc
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    port = free_port()
    running = subprocess.Popen(
        [server, "--port=%d" % port, "--model_name=model", "--model_base_path=" + folder],
        env=dict(os.environ, CUDA_VISIBLE_DEVICES=""), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        options = [("grpc.enable_http_proxy", 0)]
        with grpc.insecure_channel("127.0.0.1:%d" % port, options=options) as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            reply = patient(running, lambda: stub.Predict(request, timeout=5, wait_for_ready=True))
        return tf.make_ndarray(reply.outputs["y"]).tolist()
    finally:
        running.kill()
        running.wait()


def patient(running, call):
    """Ask again while the server has not loaded the model yet."""
    import time

    import grpc

    end = time.monotonic() + LIMIT_S
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            code = grpc.StatusCode
            early = error.code() in (code.NOT_FOUND, code.UNAVAILABLE, code.DEADLINE_EXCEEDED)
            if running.poll() is not None:
                raise RuntimeError("the server ended with %s" % running.returncode) from None
            if not early or time.monotonic() > end:
                raise
        time.sleep(0.2)


def free_port():
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
