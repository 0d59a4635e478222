"""transpose against NumPy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

DTYPES = [np.uint32, np.float32, np.complex64, np.complex128]


@settings(deadline=None, max_examples=30)
@given(shape=hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=40), dtype=st.sampled_from(DTYPES))
def test_it_is_numpys(shape, dtype):
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    np.testing.assert_array_equal(np.asarray(compute.transpose(vf.asarray(x))), np.swapaxes(x, -1, -2))


@pytest.mark.parametrize("dtype", [np.uint8, np.bool_, np.float16])
def test_small_types(dtype):
    x = (np.arange(33 * 70).reshape(33, 70) % 5).astype(dtype)
    try:
        y = compute.transpose(x)
    except vf.UnsupportedError:
        pytest.skip("this device has no small types")
    np.testing.assert_array_equal(np.asarray(y), x.T)


def test_bad_input_is_refused():
    with pytest.raises(vf.ShapeError):
        compute.transpose(np.zeros(3))
    with pytest.raises(vf.LayoutError):
        compute.transpose(np.zeros((4, 4))[:, ::2])
    with pytest.raises(TypeError):
        compute.transpose([[1, 2]])
