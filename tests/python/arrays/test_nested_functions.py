"""Functions of functions in one kernel: drivers see more to simplify there than in either alone."""

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp

pytestmark = pytest.mark.gpu

NAMES = ["exp", "expm1", "log1p", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh"]
NUMPY = {"atan": "arctan", "asinh": "arcsinh"}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_of_a_sum_with_itself(name):
    random = np.random.default_rng(0)
    table = random.uniform(0, 1, (3000, 6)).astype(np.float32)  # rows with gaps: read element by element
    on_device = vf.asarray(table)
    a, b = on_device[:, :3], on_device[:, 3:]
    ours, theirs = getattr(vnp, name), getattr(np, NUMPY.get(name, name))
    got = np.asarray(ours(b + ours(a)))
    a, b = table[:, :3].astype(np.float64), table[:, 3:].astype(np.float64)
    np.testing.assert_allclose(got, theirs(b + theirs(a)), rtol=3e-6, atol=1e-6)


def test_a_value_used_twice_in_each_step_of_a_long_function():
    """2^60 ways lead from the end to the beginning: each step is looked at once."""

    @vf.compile
    def steps(x):
        for _ in range(60):
            x = x + x * 0.125
        return x

    start = np.full(4, 0.25, np.float32)
    expected = start.copy()
    for _ in range(60):
        expected = expected + expected * np.float32(0.125)
    np.testing.assert_allclose(steps(vf.asarray(start)), expected, rtol=1e-5)


def test_the_same_in_a_recording_that_writes_what_it_reads():
    x = vf.asarray(np.full(4, 0.25, np.float32))
    with vf.record() as graph:
        y = x
        for _ in range(60):
            y = y + y * 0.125
        x[...] = y
    graph.run()
    expected = np.full(4, 0.25, np.float32)
    for _ in range(60):
        expected = expected + expected * np.float32(0.125)
    np.testing.assert_allclose(x, expected, rtol=1e-5)
