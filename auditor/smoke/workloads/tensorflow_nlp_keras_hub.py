"""KerasHub, the successor of KerasCV and KerasNLP: models built from their settings, no download."""

ID = "tensorflow-nlp-keras-hub"
FRAMEWORK = "tensorflow"
SYSTEM = "keras-hub"
CLAIM = "builds and trains a language model of KerasHub (formerly KerasNLP) from its settings"
LEVEL = "standard"
NEEDS = ("keras_hub",)
COST_S = 12
DEVICES = "cpu"
INSTALL = "pip install keras-hub"


class Wrong(Exception):
    pass


def run(device):
    import keras
    import keras_hub
    import numpy as np

    keras.utils.set_random_seed(24)
    backbone = keras_hub.models.GPT2Backbone(
        vocabulary_size=32,
        num_layers=1,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        max_sequence_length=8,
    )
    tokens = np.random.RandomState(24).randint(0, 32, (4, 8))
    given = {"token_ids": tokens, "padding_mask": np.ones_like(tokens)}
    whole = np.array(backbone(given))
    cut = np.array(backbone({name: part[:, :5] for name, part in given.items()}))
    if whole.shape != (4, 8, 16):
        raise Wrong("numbers: its output has the shape %r" % (whole.shape,))
    off = float(np.abs(whole[:, :5] - cut).max())
    if not off <= 1e-4:  # each word sees those before it alone
        raise Wrong("numbers: later words change earlier ones by %.3g" % off)
    out = keras.layers.Dense(32)(backbone.output)
    model = keras.Model(backbone.input, out)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    losses = model.fit(given, tokens, epochs=4, verbose=0).history["loss"]
    if not losses[-1] < 0.98 * losses[0]:  # shuffled samples alone change the last digits
        raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
    return {"placed_on": "CPU:0", "error": off, "last_loss": losses[-1], "version": keras_hub.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
