"""KerasHub's vision models, formerly KerasCV: one built from its settings, no download."""

ID = "tensorflow-vision-keras-hub"
FRAMEWORK = "tensorflow"
SYSTEM = "keras-hub"
CLAIM = "builds a vision model of KerasHub (formerly KerasCV) from its settings"
LEVEL = "standard"
NEEDS = ("keras_hub",)
COST_S = 8
DEVICES = "cpu"
INSTALL = "pip install keras-hub"


class Wrong(Exception):
    pass


def run(device):
    import keras
    import keras_hub
    import numpy as np

    keras.utils.set_random_seed(25)
    backbone = keras_hub.models.ResNetBackbone(
        input_conv_filters=[64], input_conv_kernel_sizes=[3], stackwise_num_filters=[64, 128],
        stackwise_num_blocks=[1, 1], stackwise_num_strides=[1, 2], block_type="basic_block",
        image_shape=(32, 32, 3),
    )  # fmt: skip
    images = np.random.RandomState(25).standard_normal((2, 32, 32, 3)).astype("float32")
    both, first = np.array(backbone(images)), np.array(backbone(images[:1]))
    # the first convolution, its pooling and the second stage halve the side each
    if both.shape != (2, 4, 4, 128):
        raise Wrong("numbers: its output has the shape %r" % (both.shape,))
    off = float(np.abs(both[:1] - first).max())
    if not off <= 1e-4 * float(np.abs(both).max()):
        raise Wrong("numbers: an image's result depends on the others of its batch, by %.3g" % off)
    boxes = np.array([[[0, 0, 10, 10], [20, 20, 30, 30.0]]], "float32")
    other = np.array([[[1, 0, 11, 10.0]]], "float32")
    overlap = np.array(keras.utils.bounding_boxes.compute_iou(boxes, other, "xyxy"))
    if not np.allclose(overlap.ravel(), [90 / 110, 0], atol=1e-6):
        raise Wrong("numbers: boxes overlap by %r, not by 90/110 and 0" % overlap.ravel().tolist())
    return {"placed_on": "CPU:0", "error": off, "version": keras_hub.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
