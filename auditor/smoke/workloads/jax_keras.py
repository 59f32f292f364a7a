"""Keras on JAX: fit, save and load give the same numbers."""

ID = "jax-keras"
FRAMEWORK = "jax"
SYSTEM = "keras"
CLAIM = "runs Keras with JAX as its backend: fit, save and load"
LEVEL = "standard"
NEEDS = ("keras",)
COST_S = 5
DEVICES = "cpu"
INSTALL = "pip install keras"

BACKEND = "jax"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import os
    import tempfile

    os.environ["KERAS_BACKEND"] = BACKEND
    import keras
    import numpy as np

    if not hasattr(keras, "backend") or keras.__version__.startswith("2."):
        raise Skip(
            "Keras %s runs on TensorFlow alone; several backends came with Keras 3" % keras.__version__
        )
    if keras.backend.backend() != BACKEND:
        raise Skip("Keras runs on %s in this process" % keras.backend.backend())
    keras.utils.set_random_seed(13)
    random = np.random.RandomState(13)
    x = random.standard_normal((64, 4)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5], [3.0]], "float32")
    with keras.device("cpu"):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
        losses = model.fit(x, y, epochs=6, batch_size=16, verbose=0).history["loss"]
        if not losses[-1] < losses[0] / 2:
            raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
        wanted = by_hand(np, model.get_weights(), x)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            model.save(path)
            got = keras.models.load_model(path).predict(x, verbose=0)
    off = float(np.abs(got - wanted).max())
    if not off <= 1e-4:
        raise Wrong("numbers: the loaded model is off by %.3g from its weights" % off)
    return {"placed_on": "cpu:0", "error": off, "last_loss": losses[-1], "version": keras.__version__}


def by_hand(np, weights, x):
    first, shift, second, end = (w.astype(float) for w in weights)
    return np.maximum(x @ first + shift, 0) @ second + end


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
