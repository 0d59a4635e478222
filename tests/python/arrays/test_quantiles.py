"""Quantiles against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import numbers, same, skip_where_lacking, twins, views
from vulkan_forge.numpy._quantiles import METHODS

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


def some_axis(data, ndim):
    some = st.lists(st.integers(0, ndim - 1), unique=True, min_size=1).map(tuple)
    return data.draw(st.none() | st.integers(-ndim, ndim - 1) | some)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1, smallest=1))
@pytest.mark.parametrize("method", METHODS)
def test_methods(method, data, pair):
    axis, keepdims = some_axis(data, pair.values.ndim), data.draw(st.booleans())
    q = data.draw(st.sampled_from([0.0, 0.25, 0.5, 1.0, [0.1, 0.9], [[0.3, 0.5], [0.75, 1.0]], []]))
    want = np.quantile(pair.values.astype(np.float64), q, axis, method=method, keepdims=keepdims)
    got = vnp.quantile(pair.x, q, axis, method=method, keepdims=keepdims)
    np.testing.assert_allclose(got.numpy(), want, rtol=2e-6, atol=2e-6)
    assert got.shape == want.shape
    percent = vnp.percentile(pair.x, np.multiply(q, 100), axis, method=method, keepdims=keepdims)
    np.testing.assert_allclose(percent.numpy(), got.numpy(), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "uint64", "float16", "float32", "float64"])
def test_dtypes(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers((4, 5), dtype))
    if dtype != "bool":
        same(
            vnp.quantile(pair.x, 0.4, 1),
            np.quantile(pair.values, 0.4, 1),
            default=True,
            close=2e-3 if dtype == "float16" else 1e-6,
        )
        same(vnp.quantile(pair.x, 0.4, 1, method="lower"), np.quantile(pair.values, 0.4, 1, method="lower"))
    same(vnp.median(pair.x, 1), np.median(pair.values, 1), default=True)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1, smallest=1))
def test_median(data, pair):
    axis, keepdims = some_axis(data, pair.values.ndim), data.draw(st.booleans())
    same(vnp.median(pair.x, axis, keepdims=keepdims), np.median(pair.values, axis, keepdims=keepdims), default=True)


def test_of_numbers_and_of_nothing():
    assert vnp.median(vf.asarray(np.float32(3))).item() == 3
    assert vnp.quantile(vf.asarray(np.float32(3)), [0.1, 0.2]).tolist() == [3, 3]
    empty = vnp.zeros((0, 2), np.float32)
    assert np.isnan(vnp.median(empty).item())
    assert np.isnan(vnp.quantile(empty, [0.1, 0.2], axis=0).numpy()).all()
    assert vnp.median(empty, axis=1).shape == (0,)


def test_nan_and_infinities():
    values = np.array([[1, np.nan, 2, 3], [np.inf, 1, np.inf, 2], [-np.inf, 1, 2, 3]], np.float32)
    x = vf.asarray(values)
    same(vnp.median(x, 1), np.median(values, 1))
    same(
        vnp.quantile(x, [0.0, 0.5, 1.0], 1),
        np.array([[np.nan, 1, -np.inf], [np.nan, np.inf, 1.5], [np.nan, np.inf, 3]], np.float32),
    )
    assert vnp.median(vf.asarray(np.array([-np.inf, 1], np.float32))).item() == -np.inf
    assert vnp.median(vf.asarray(np.array([1, np.inf], np.float32))).item() == np.inf


def test_levels_may_lie_on_the_device():
    x = vf.asarray(numbers(9, "float32"))
    assert vnp.quantile(x, vnp.asarray([0.25, 0.5])).tolist() == vnp.quantile(x, [0.25, 0.5]).tolist()


def test_what_is_refused():
    x = vnp.zeros(3, np.float32)
    with pytest.raises(vf.InputError, match="range"):
        vnp.quantile(x, 1.1)
    with pytest.raises(vf.InputError, match="range"):
        vnp.percentile(x, float("nan"))
    with pytest.raises(vf.InputError, match="method"):
        vnp.quantile(x, 0.5, method="guess")
    with pytest.raises(vf.DtypeError):
        vnp.median(vnp.zeros(3, np.complex64))
    with pytest.raises(vf.InputError, match="weights"):
        vnp.quantile(x, 0.5, weights=x)


@pytest.mark.parametrize("method", ["linear", "lower", "midpoint", "hazen"])
def test_one_value_a_row_is_that_value(method):
    values = [np.inf, 1.0, -np.inf]
    x = vnp.asarray(np.array(values, np.float32))
    assert vnp.quantile(x, 0.3, axis=(), method=method).tolist() == values
    assert vnp.nanquantile(x[:, None], [0.0, 0.5], axis=1, method=method).tolist() == [values, values]
