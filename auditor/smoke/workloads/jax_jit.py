"""JAX: a jitted function and its gradient give the numbers of Python's own arithmetic; control flow too."""

ID = "jax-jit"
FRAMEWORK = "jax"
SYSTEM = "jax"
CLAIM = "compiles functions by jax.jit, with loops on data, gradients and vmap"
LEVEL = "standard"
NEEDS = ()
COST_S = 1


class Wrong(Exception):
    pass


def run(device):
    import jax
    import jax.numpy as jnp

    place = next(d for d in jax.devices(device.split(":")[0]) if d.id == int(device.split(":")[1]))
    traced = []

    @jax.jit
    def collatz(n):
        traced.append(1)

        def turn(state):
            n, count = state
            return jnp.where(n % 2 == 0, n // 2, 3 * n + 1), count + 1

        return jax.lax.while_loop(lambda state: state[0] != 1, turn, (n, 0))[1]

    with jax.default_device(place):
        got = [int(collatz(jnp.int32(n))) for n in (1, 6, 27)]
        if got != [0, 8, 111]:  # OEIS A006577
            raise Wrong("numbers: Collatz steps of 1, 6 and 27 come out as %r, not [0, 8, 111]" % got)
        if len(traced) != 1:
            raise Wrong("training: three calls traced it %d times" % len(traced))
        cubes = jax.jit(jax.vmap(jax.grad(lambda x: x**3)))(jnp.arange(4.0))
    if cubes.tolist() != [0.0, 3.0, 12.0, 27.0]:
        raise Wrong("numbers: slopes of x^3 come out as %r" % cubes.tolist())
    where = next(iter(cubes.devices()))
    if where != place:
        raise Wrong("placement: the slopes are on %s, not on %s" % (where, place))
    return {"placed_on": device, "steps": got}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu:0"))
