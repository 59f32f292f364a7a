"""TensorFlow: copies between host and device are whole; their rates."""

ID = "tensorflow-copies"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow"
CLAIM = "copies between host and device, both ways"
LEVEL = "standard"
NEEDS = ()
COST_S = 1
DEVICES = "accelerator"

MIB, TURNS = 128, 5


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    if device.startswith("CPU"):
        raise Skip("this is of accelerators; %s is none" % device)
    import time

    import numpy as np
    import tensorflow as tf

    words = MIB * (1 << 20) // 4
    host = np.arange(words, dtype=np.float32)
    up = down = float("inf")
    with tf.device("CPU:0"):
        source = tf.constant(host)
    for _ in range(TURNS):
        start = time.perf_counter()
        with tf.device(device):
            there = tf.identity(source)
            float(there[0])  # reading a value waits for the device
        up = min(up, time.perf_counter() - start)
        start = time.perf_counter()
        back = there.numpy()
        down = min(down, time.perf_counter() - start)
    if not np.array_equal(back, host):
        raise Wrong("numbers: %d of %d words came back changed" % (int((back != host).sum()), words))
    placed = there.backing_device.rsplit("device:", 1)[-1]
    if placed != device:
        raise Wrong("placement: the copy is on %s, not on %s" % (placed, device))
    return {"placed_on": placed, "host_to_device_gib_s": round(MIB / 1024 / up, 2),
            "device_to_host_gib_s": round(MIB / 1024 / down, 2)}  # fmt: skip


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "GPU:0"))
