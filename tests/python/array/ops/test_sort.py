"""sort, argsort and sort_pairs against NumPy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

ALL_DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
ALL_DTYPES += ["float16", "float32", "float64"]


def values(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        x = rng.standard_normal(shape).astype(dtype)
        x.flat[::7] = rng.choice([0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1.0], x.flat[::7].shape)
        return x
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def order_of(x, descending):
    if not descending:
        return np.argsort(x, axis=-1, kind="stable")
    # Python's sort is stable under reverse=True, too; NaN comes last.
    rows = x.reshape(-1, x.shape[-1])
    keys = [[(v == v, v if v == v else 0) for v in row.tolist()] for row in rows]
    orders = [sorted(range(len(row)), key=row.__getitem__, reverse=True) for row in keys]
    return np.array(orders, np.int64).reshape(x.shape)


def check(x, descending=False):
    order = order_of(x, descending)
    expected = np.take_along_axis(x, order, -1)
    try:
        got = np.asarray(compute.sort(x, descending=descending))
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.asarray(compute.argsort(x, descending=descending)), order)
    words = np.arange(x.size, dtype=np.uint32).reshape(x.shape)
    keys, moved = compute.sort_pairs(x, words, descending=descending)
    np.testing.assert_array_equal(np.asarray(keys), expected)
    np.testing.assert_array_equal(np.asarray(moved), np.take_along_axis(words, order, -1))


@settings(deadline=None, max_examples=25)
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=20),
    dtype=st.sampled_from(["int32", "float32"]),
    descending=st.booleans(),
)
def test_any_shape(shape, dtype, descending):
    check(values(shape, dtype), descending)


@pytest.mark.parametrize("dtype", ALL_DTYPES)
def test_every_dtype(dtype):
    check(values(3001, dtype))
    check(values((4, 30), dtype), descending=True)


@pytest.mark.parametrize("n", [1, 256, 257, 4096, 70_001])
@pytest.mark.parametrize("dtype", ["uint32", "float32"])
def test_awkward_lengths(n, dtype):
    check(values(n, dtype), descending=n % 2 == 0)


@pytest.mark.parametrize("shape", [(5, 300), (3, 20_001), (1000, 3)])
def test_rows(shape):
    check(values(shape, "int32"))


def test_a_million():
    x = values(1 << 20, "uint32")
    np.testing.assert_array_equal(np.asarray(compute.sort(vf.asarray(x))), np.sort(x))


@pytest.mark.parametrize("dtype", ["float16", "float64", "complex128"])
def test_values_of_other_sizes(dtype):
    keys, words = values(1000, "uint32") % 50, np.arange(1000).astype(dtype)
    try:
        moved = compute.sort_pairs(keys, words)[1]
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(np.asarray(moved), words[np.argsort(keys, kind="stable")])


def test_empty_and_bad_input():
    assert np.asarray(compute.sort(np.zeros((3, 0), np.float32))).shape == (3, 0)
    assert np.asarray(compute.sort(np.array(2, np.float32))) == 2
    with pytest.raises(vf.DtypeError, match="complex"):
        compute.sort(np.zeros(3, np.complex64))
    with pytest.raises(vf.ShapeError):
        compute.sort_pairs(np.zeros(3, np.float32), np.zeros(4, np.float32))


def test_moved_values_are_waited_for():
    """They were once read before they were there: nothing said that a kernel writes them."""
    keys = np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::-1].copy()
    words = np.tile(np.arange(4, dtype=np.int32), (3, 1))
    for _ in range(20):
        moved = compute.sort_pairs(vf.asarray(keys), vf.asarray(words))[1]
        np.testing.assert_array_equal(np.asarray(moved), words[:, ::-1])
