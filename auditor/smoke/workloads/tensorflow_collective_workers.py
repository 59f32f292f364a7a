"""tf.distribute: two real processes reduce and gather by MultiWorkerMirroredStrategy."""

ID = "tensorflow-collective-workers"
FRAMEWORK = "tensorflow"
SYSTEM = "tf-distribute"
CLAIM = "runs collectives between two processes by MultiWorkerMirroredStrategy"
LEVEL = "standard"
NEEDS = ()
COST_S = 8
DEVICES = "cpu"

WORLD, TRIES = 2, 3
KILLED = -9  # by us, because another had failed: what that one said is the cause
LIMIT_S, GRACE_S = 90, 3  # seconds for a group, and for the others once one has failed
# what gRPC says of a port that another holds: newer and older releases
TAKEN = ("No address added out of total", "Could not start gRPC server", "ddress already in use")
CODE = """
import json, os
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy()
rank = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
@tf.function
def step():
    def each():
        mine = tf.constant([1.0, 2.0]) * (rank + 1)
        context = tf.distribute.get_replica_context()
        return context.all_reduce("sum", mine), context.all_gather(mine, axis=0)
    return strategy.run(each)
total, parts = step()
print(json.dumps({"replicas": strategy.num_replicas_in_sync, "sum": total.numpy().tolist(),
                  "all": parts.numpy().tolist()}), flush=True)
"""


class Wrong(Exception):
    pass


def run(device):
    ports = []
    for _ in range(TRIES):
        ports = free_ports()
        ends = workers(ports)
        if not any(code and any(words in err for words in TAKEN) for code, _, err in ends):
            return check(ends)
    raise RuntimeError("ports %r were taken by others each of %d times" % (ports, TRIES))


def check(ends):
    import json

    own_end = {rank: end for rank, end in enumerate(ends) if end[0] != KILLED} or dict(enumerate(ends))
    for rank, (code, out, err) in [*own_end.items(), *enumerate(ends)]:
        lines = out.splitlines()
        if code or not lines:
            raise RuntimeError("process %d ended with %d: %s" % (rank, code, err.strip()[-800:]))
        told = json.loads(lines[-1])
        if told["replicas"] != WORLD:
            raise Wrong("placement: %d replicas for %d processes" % (told["replicas"], WORLD))
        if told["sum"] != [3.0, 6.0] or told["all"] != [1.0, 2.0, 2.0, 4.0]:
            raise Wrong("numbers: process %d has %r" % (rank, told))
    return {"placed_on": "CPU:0", "processes": WORLD}


def free_ports():
    import socket

    held = [socket.socket() for _ in range(WORLD)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def workers(ports):
    """Run the group; returns (exit code, stdout, stderr) of each. Where one fails the others wait in vain."""
    import concurrent.futures
    import json
    import os
    import subprocess
    import sys

    cluster = {"worker": ["127.0.0.1:%d" % port for port in ports]}
    started = []
    for rank in range(WORLD):
        config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": rank}})
        env = dict(
            os.environ, TF_CONFIG=config, CUDA_VISIBLE_DEVICES="", no_proxy="127.0.0.1", NO_PROXY="127.0.0.1"
        )
        started.append(
            subprocess.Popen([sys.executable, "-c", CODE], env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )  # fmt: skip
    try:
        with concurrent.futures.ThreadPoolExecutor(WORLD) as pool:
            told = [pool.submit(follow, worker) for worker in started]
            finish(started)
            return [one.result() for one in told]
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


def follow(worker):
    out, err = worker.communicate()
    return worker.returncode, out, err


def finish(started):
    """Wait for all; end the rest soon after one has failed, and all when it lasts too long."""
    import time

    end = time.monotonic() + LIMIT_S
    while any(worker.poll() is None for worker in started) and time.monotonic() < end:
        if any(worker.poll() for worker in started):
            end = min(end, time.monotonic() + GRACE_S)
        time.sleep(0.1)
    for worker in started:
        if worker.poll() is None:
            worker.kill()


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
