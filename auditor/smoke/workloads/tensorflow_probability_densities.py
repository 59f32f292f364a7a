"""TensorFlow Probability: densities, divergences and the gradient through a sample agree with their formulas."""

ID = "tensorflow-probability-densities"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-probability"
CLAIM = "gives a distribution's density, its divergence and the gradient through its samples"
LEVEL = "standard"
NEEDS = ("tensorflow_probability",)
COST_S = 4
DEVICES = "cpu"
INSTALL = "pip install tensorflow-probability tf-keras, tf-keras of the same minor release as TensorFlow"
DRAWN = 64


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def near(what, got, wanted):
    """Hold one float32 value against its formula; a dozen roundings of its own size are left to it."""
    off = abs(float(got) - wanted)
    if not off <= 16 * 2.0**-24 * max(1.0, abs(wanted)):
        raise Wrong("numbers: %s is %r, by its formula %r" % (what, float(got), wanted))
    return off


def run(device):
    import importlib.util
    import math

    import tensorflow as tf

    release = tuple(int(part) for part in tf.__version__.split(".")[:2])
    # since TensorFlow 2.16 tf.keras is Keras 3, which it does not take; its metadata names tf-keras in an extra only
    if release >= (2, 16) and importlib.util.find_spec("tf_keras") is None:
        raise Skip('tf_keras is not installed; install it with: pip install "tf-keras==%d.%d.*"' % release)
    import tensorflow_probability as tfp

    tfd = tfp.distributions
    x, mean, width = 0.75, -0.5, 1.25
    normal = -((x - mean) ** 2) / (2 * width**2) - math.log(width) - math.log(2 * math.pi) / 2
    gamma = 3 * math.log(2) + 2 * math.log(x) - 2 * x - math.lgamma(3)
    # between N(mean, width) and N(0, 2)
    apart = math.log(2 / width) + (width**2 + mean**2) / 8 - 0.5
    # exp of a normal: the density of its logarithm, less the logarithm of the slope
    moved = (
        -((math.log(x) - mean) ** 2) / (2 * width**2)
        - math.log(width)
        - math.log(2 * math.pi) / 2
        - math.log(x)
    )
    one = tfd.Normal(mean, width)
    lognormal = tfd.TransformedDistribution(one, tfp.bijectors.Exp())
    off = max(
        near("the log density of a normal", one.log_prob(x), normal),
        near("the log density of a gamma", tfd.Gamma(3.0, 2.0).log_prob(x), gamma),
        near("the divergence of two normals", tfd.kl_divergence(one, tfd.Normal(0.0, 2.0)), apart),
        near("the log density of exp of a normal", lognormal.log_prob(x), moved),
    )
    place, spread = tf.Variable(mean), tf.Variable(width)
    with tf.GradientTape() as tape:
        drawn = tfd.Normal(place, spread).sample(DRAWN, seed=(3, 5))
        total = tf.reduce_sum(drawn)
    slopes = tape.gradient(total, [place, spread])
    if None in slopes:
        raise Wrong("numbers: no gradient goes through a sample")
    # each is place + spread * e, so the slopes of their sum are their number and the sum of e
    near("a sum's slope by the mean", slopes[0], float(DRAWN))
    noise = (drawn.numpy().astype("float64") - mean) / width
    off_noise = abs(float(slopes[1]) - float(noise.sum()))
    if float(noise.std()) < 0.5 or not off_noise <= DRAWN * 8 * 2.0**-24:
        raise Wrong(
            "numbers: a sum's slope by the width is %r, not %r" % (float(slopes[1]), float(noise.sum()))
        )
    return {"placed_on": "CPU:0", "error": max(off, off_noise), "version": tfp.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
