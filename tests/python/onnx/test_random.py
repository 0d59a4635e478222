"""Random values: their distribution, seeds, and that runs differ without one."""

import numpy as np
import pytest
from onnx.parser import parse_model

from vulkan_forge.onnx import InferenceSession

pytestmark = pytest.mark.gpu
HEAD = '<ir_version: 10, opset_import: ["": 22]> '
NODES = {
    "RandomUniform": "y = RandomUniform<shape = [100, 200], low = -1.0, high = 3.0{}>()",
    "RandomNormal": "y = RandomNormal<shape = [100, 200], mean = 1.0, scale = 2.0{}>()",
    "RandomUniformLike": "y = RandomUniformLike<low = -1.0, high = 3.0{}>(x)",
    "RandomNormalLike": "y = RandomNormalLike<mean = 1.0, scale = 2.0{}>(x)",
}
X = np.zeros((100, 200), np.float32)


def session_of(body):
    return InferenceSession(parse_model(HEAD + f"g (float[100, 200] x) => (y) {{ {body} }}"))


@pytest.mark.parametrize("name", NODES)
def test_values_are_spread_as_they_should_be(name):
    with session_of(NODES[name].format("")) as session:
        y, again = (session.run(None, {"x": X})[0] for _ in range(2))
    assert y.shape == X.shape
    assert (y != again).any()
    assert abs(y.mean() - 1) < 0.05
    if "Uniform" in name:
        assert y.min() >= -1
        assert y.max() < 3
        assert abs(y.std() - 4 / 12**0.5) < 0.05
    else:
        assert abs(y.std() - 2) < 0.05


@pytest.mark.parametrize("name", NODES)
def test_seeds_repeat(name):
    results = []
    for seed in (1.0, 1.0, 2.0):
        with session_of(NODES[name].format(f", seed = {seed}")) as session:
            results += [session.run(None, {"x": X})[0], session.run(None, {"x": X})[0]]
            assert session.report()["recorded"]
    assert all((value == results[0]).all() for value in results[:4])
    assert (results[4] != results[0]).any()


def test_classes_come_as_often_as_their_weights_say():
    weights = np.array([0.1, 0.2, 0.7], np.float32)
    with session_of("z = ReduceSum(x) l = Constant<value = float[1, 3] {-2.302585, -1.609438, -0.356675}>() "
                    "m = Add(l, z) y = Multinomial<sample_size = 20000>(m)") as session:  # fmt: skip
        (y,) = session.run(None, {"x": X})
    assert y.dtype == np.int32
    np.testing.assert_allclose(np.bincount(y[0], minlength=3) / 20000, weights, atol=0.02)


def test_bernoulli_draws_ones_as_often_as_it_is_told():
    with session_of("half = Constant<value = float {0.25}>() p = Add(x, half) y = Bernoulli(p)") as session:
        (y,) = session.run(None, {"x": X})
    assert set(np.unique(y)) == {0, 1}
    assert abs(y.mean() - 0.25) < 0.02
