"""compact and nonzero against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


@settings(deadline=None, max_examples=25)
@given(n=st.integers(0, 3000), share=st.sampled_from([0.0, 0.1, 0.9, 1.0]), seed=st.integers(0, 99))
def test_any_length(n, share, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 1000, n).astype(np.int32)
    mask = (rng.random(n) < share).astype(np.uint32)
    np.testing.assert_array_equal(np.asarray(compute.compact(x, mask)), x[mask != 0])
    np.testing.assert_array_equal(np.asarray(compute.nonzero(mask)), np.flatnonzero(mask))


@pytest.mark.parametrize("n", [65, 8193, 100_003, 1_000_001])
def test_several_parts(n):
    x = np.random.default_rng(n).standard_normal(n).astype(np.float32)
    mask = (x > 0.3).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(compute.compact(vf.asarray(x), vf.asarray(mask))), x[mask != 0])
    np.testing.assert_array_equal(np.asarray(compute.nonzero(mask)), np.flatnonzero(mask))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "float16", "int64", "float64", "complex64", "complex128"])
def test_dtypes(dtype):
    x = (np.arange(700) % 3 == 1).astype(dtype)
    try:
        chosen = compute.compact(x, x)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(np.asarray(chosen), x[x != 0])
    np.testing.assert_array_equal(np.asarray(compute.nonzero(x)), np.flatnonzero(x))


def test_shapes():
    x = np.arange(60, dtype=np.float32).reshape(5, 4, 3)
    mask = (x % 2).astype(np.uint32)
    np.testing.assert_array_equal(np.asarray(compute.compact(x, mask)), x[mask != 0])
    rows = np.array([1, 0, 0, 1, 1], np.uint32)
    np.testing.assert_array_equal(np.asarray(compute.compact(x, rows)), x[rows != 0])
    assert np.asarray(compute.compact(x, rows * 0)).shape == (0, 4, 3)
    with pytest.raises(vf.ShapeError, match="mask"):
        compute.compact(x, rows[:4])
