"""gather and scatter against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

INDEX_DTYPES = ["int32", "uint32", "int64", "uint64"]


@settings(deadline=None, max_examples=40)
@given(data=st.data(), dtype=st.sampled_from(INDEX_DTYPES), mode=st.sampled_from(["raise", "clip", "wrap"]))
def test_gather_is_take(data, dtype, mode):
    shape = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    n = shape[axis]
    far = 1 if mode == "raise" else 5
    low = 0 if dtype.startswith("u") else -n * far
    indices = data.draw(st.lists(st.integers(low, n * far - 1), max_size=20))
    at = np.array(indices, dtype).reshape(-1, 1)
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    got = np.asarray(compute.gather(vf.asarray(x), vf.asarray(at), axis=axis, mode=mode))
    np.testing.assert_array_equal(got, np.take(x, at.astype(np.int64), axis=axis, mode=mode))


@pytest.mark.parametrize("dtype", ["bool", "int16", "float64", "complex64", "complex128"])
def test_gather_moves_any_dtype(dtype):
    x = np.arange(50).astype(dtype)
    at = np.array([3, 3, 49, 0], np.int32)
    try:
        got = compute.gather(x, at)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(np.asarray(got), x[at])


@pytest.mark.parametrize("value", [2**62 + 5, -(2**62) - 7, 2**32, -(2**33)])
def test_indices_far_outside(value):
    x = np.arange(10, dtype=np.int32)
    at = np.array([1, value], np.int64)
    with pytest.raises(vf.RangeError, match=f"{value} at position 1"):
        compute.gather(x, at)
    np.testing.assert_array_equal(np.asarray(compute.gather(x, at, mode="clip")), np.take(x, at, mode="clip"))
    # np.take would count round the axis step by step, for minutes.
    np.testing.assert_array_equal(np.asarray(compute.gather(x, at, mode="wrap")), x[at % 10])


def test_a_wrong_index_writes_nothing():
    target = vf.asarray(np.zeros(4, np.float32))
    with pytest.raises(vf.RangeError, match="4 at position 2"):
        compute.scatter(target, np.array([0, 1, 4], np.int32), np.ones(3, np.float32))
    assert target.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("op", ["add", "mul", "min", "max"])
@pytest.mark.parametrize("dtype", ["int32", "uint32", "float32", "int64", "uint64", "float64"])
def test_scatter_counts_every_value(dtype, op):
    rng = np.random.default_rng(3)
    x = rng.integers(50, 60, (3, 7)).astype(dtype)
    at = rng.integers(0, 7, 500).astype(np.int64)
    values = rng.integers(*((1, 3) if op == "mul" else (0, 100)), (3, 500)).astype(dtype)  # products stay exact
    try:
        got = compute.scatter(vf.asarray(x), at, values, axis=1, op=op)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    ufunc = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}[op]
    ufunc.at(x, (slice(None), at), values)
    np.testing.assert_array_equal(np.asarray(got), x)


def test_scatter_sets():
    x = np.zeros((4, 5), np.complex64)
    at = np.array([2, -4], np.int32)
    target = vf.asarray(x)
    assert compute.scatter(target, at, np.full((2, 5), 1j, np.complex64)) is target
    x[[2, 0]] = 1j
    np.testing.assert_array_equal(np.asarray(target), x)
    compute.scatter(target, np.array([1]), vf.asarray(np.array(7, np.complex64)), axis=1)
    x[:, 1] = 7
    np.testing.assert_array_equal(np.asarray(target), x)


def test_nan_wins_in_min_and_max():
    for op in ("min", "max"):
        target = vf.asarray(np.zeros(2, np.float32))
        compute.scatter(target, np.array([0, 0, 0]), np.array([1, np.nan, -1], np.float32), op=op)
        np.testing.assert_array_equal(np.asarray(target), [np.nan, 0])


def test_empty_and_bad_input():
    x = vf.asarray(np.zeros((3, 4), np.float32))
    assert np.asarray(compute.gather(x, np.zeros(0, np.int32), axis=1)).shape == (3, 0)
    with pytest.raises(vf.DtypeError, match="indices"):
        compute.gather(x, np.zeros(2, np.float32))
    with pytest.raises(vf.InputError, match="clip"):
        compute.gather(x, np.zeros(2, np.int32), mode="fold")
    with pytest.raises(vf.RangeError):
        compute.gather(np.zeros((0, 2), np.float32), np.zeros(1, np.int32))
    with pytest.raises(vf.ShapeError):
        compute.scatter(x, np.zeros(2, np.int32), np.zeros((2, 3), np.float32))
    with pytest.raises(vf.DtypeError):
        compute.scatter(x, np.zeros(1, np.int32), np.zeros((1, 4), np.int32))
    with pytest.raises(TypeError, match="asarray"):
        compute.scatter(np.zeros(3, np.float32), np.zeros(1, np.int32), np.zeros(1, np.float32))


# ---------------------------------------------------------------- one memory


def test_values_may_lie_in_the_target():
    x = np.arange(1000, dtype=np.float32)
    order = np.random.default_rng(0).permutation(1000)
    target = vf.asarray(x)
    compute.scatter(target, order, target)
    expected = x.copy()
    expected[order] = x
    np.testing.assert_array_equal(target, expected)

    target = vf.asarray(x)
    some = order[:500]
    compute.scatter(target, some, target[500:])
    expected = x.copy()
    expected[some] = x[500:]
    np.testing.assert_array_equal(target, expected)


def test_indices_may_be_the_target():
    x = np.random.default_rng(1).permutation(500).astype(np.int32)
    target = vf.asarray(x)
    compute.scatter(target, target, vf.asarray(np.arange(500, dtype=np.int32)))
    np.testing.assert_array_equal(target, np.argsort(x))


def test_adding_its_own_values():
    x = np.arange(1, 101, dtype=np.float32)
    at = np.random.default_rng(2).integers(0, 100, 100)
    target = vf.asarray(x)
    compute.scatter(target, at, target, op="add")
    expected = x.copy()
    np.add.at(expected, at, x)
    np.testing.assert_array_equal(target, expected)
