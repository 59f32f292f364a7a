"""JAX: asking for more memory than there is raises, and the device computes on."""

ID = "jax-oom"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "survives running out of the device's memory"
LEVEL = "deep"
NEEDS = ()
COST_S = 1

FAR_TOO_MUCH = 1 << 45  # floats: more than any machine's address space has (47 bits), so refused at once


class Wrong(Exception):
    pass


def run(device):
    import jax
    import jax.numpy as jnp

    kind, _, number = device.partition(":")
    place = next(d for d in jax.devices(kind) if d.id == int(number))
    with jax.default_device(place):
        try:
            jax.jit(lambda: jnp.zeros((FAR_TOO_MUCH,), jnp.float32))().block_until_ready()
        except RuntimeError as error:  # jax.errors.JaxRuntimeError is one
            said = str(error)
            if "RESOURCE_EXHAUSTED" not in said:
                raise
        else:
            raise Wrong("placement: it gave more memory than the device has")
        got = (jnp.arange(8.0) * 2).sum()
    if float(got) != 56.0:
        raise Wrong("numbers: afterwards it gives %r" % float(got))
    placed = ", ".join("%s:%d" % (d.platform, d.id) for d in got.devices())
    return {"placed_on": placed, "said": said.splitlines()[0][:200]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
