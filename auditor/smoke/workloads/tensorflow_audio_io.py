"""TensorFlow I/O: a sound written and decoded by its compiled operators."""

ID = "tensorflow-audio-io"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-io"
CLAIM = "decodes and resamples sound by TensorFlow I/O's operators"
LEVEL = "standard"
NEEDS = ("tensorflow_io",)
COST_S = 1
DEVICES = "cpu"
INSTALL = "pip install tensorflow-io (0.37.1, built for TensorFlow 2.16, is its last release)"


class Wrong(Exception):
    pass


def run(device):
    import numpy as np
    import tensorflow as tf
    import tensorflow_io

    tone = np.sin(2 * np.pi * 500 * np.arange(8000) / 8000).astype("float32").reshape(-1, 1)
    stored = tf.audio.encode_wav(tone, 8000)
    read = tensorflow_io.audio.decode_wav(stored, dtype=tf.int16).numpy().astype(float) / 32768
    off = float(np.abs(read - tone).max())
    if not off <= 2 / 32768:
        raise Wrong("numbers: a tone read back is off by %.3g" % off)
    half = tensorflow_io.audio.resample(tone, 8000, 4000).numpy()
    if half.shape[0] != 4000:
        raise Wrong("numbers: half the rate leaves %d of 8000 samples" % half.shape[0])
    return {"placed_on": "CPU:0", "error": off, "version": tensorflow_io.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
