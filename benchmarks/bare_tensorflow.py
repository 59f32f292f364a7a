"""The least that proves TensorFlow: import, one training step."""

import tensorflow as tf

weights = tf.Variable(tf.random.normal((64, 8)))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.ones((32, 64)) @ weights))
weights.assign_sub(0.1 * tape.gradient(loss, weights))
assert float(loss) >= 0
