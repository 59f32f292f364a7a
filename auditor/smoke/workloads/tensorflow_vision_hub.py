"""TensorFlow Hub: a module stored on this machine is loaded and gives its numbers. No download."""

ID = "tensorflow-vision-hub"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-hub"
CLAIM = "loads a module from this machine by TensorFlow Hub"
LEVEL = "standard"
NEEDS = ("tensorflow_hub",)
COST_S = 2
DEVICES = "cpu"
INSTALL = 'pip install tensorflow-hub "setuptools<82"; its modules moved to Kaggle Models (kagglehub)'


class Wrong(Exception):
    pass


def run(device):
    import tempfile

    import tensorflow as tf
    import tensorflow_hub

    class Scale(tf.Module):
        def __init__(self):
            super().__init__()
            self.by = tf.Variable([2.0, -3.0])

        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32)])
        def __call__(self, x):
            return x * self.by

    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(Scale(), folder)
        got = tensorflow_hub.load(folder)(tf.constant([[1.0, 1.0], [4.0, 0.5]])).numpy().tolist()
    if got != [[2.0, -3.0], [8.0, -1.5]]:
        raise Wrong("numbers: the module gives %r" % got)
    return {"placed_on": "CPU:0", "version": tensorflow_hub.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
