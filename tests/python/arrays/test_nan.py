"""What is not NaN, against NumPy."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import narrowed, numbers, same, shapes, skip_where_lacking, twins

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)
METHODS = ["linear", "lower", "higher", "nearest", "midpoint", "hazen", "inverted_cdf", "median_unbiased"]


def quiet(function, *args, **keywords):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **keywords)


@st.composite
def holed(draw, least=0, smallest=0):
    """Floats with NaN in some places, or in all of a row."""
    values = numbers(draw(shapes(least, 3, smallest=smallest)), "float32", draw(st.integers(0, 99)))
    holes = np.random.default_rng(draw(st.integers(0, 99))).random(values.shape) < draw(
        st.sampled_from([0, 0.3, 0.8, 1])
    )
    return twins(np.where(holes, np.float32(np.nan), values))


def axes(data, ndim):
    some = st.lists(st.integers(0, ndim - 1), unique=True, min_size=1).map(tuple) if ndim else st.none()
    return data.draw(st.none() | some)


@quick
@given(data=st.data(), pair=holed())
@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean"])
def test_sums(name, data, pair):
    axis, keepdims = axes(data, pair.values.ndim), data.draw(st.booleans())
    want = quiet(getattr(np, name), pair.values, axis=axis, keepdims=keepdims)
    same(getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims), want, close=1e-5)


@quick
@given(data=st.data(), pair=holed(), ddof=st.sampled_from([0, 1, 2]))
@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
def test_spreads(name, data, pair, ddof):
    axis, keepdims = axes(data, pair.values.ndim), data.draw(st.booleans())
    want = quiet(getattr(np, name), pair.values, axis=axis, keepdims=keepdims, ddof=ddof)
    same(getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims, ddof=ddof), want, close=1e-5)
    same(getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims, correction=ddof), want, close=1e-5)


@quick
@given(data=st.data(), pair=holed(smallest=1))
@pytest.mark.parametrize("name", ["nanmin", "nanmax", "nanmedian"])
def test_extremes_and_the_middle(name, data, pair):
    axis, keepdims = axes(data, pair.values.ndim), data.draw(st.booleans())
    want = quiet(getattr(np, name), pair.values, axis=axis, keepdims=keepdims)
    same(getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims), want)


def test_infinities_are_no_nan():
    pair = twins(np.array([[np.inf, np.nan], [np.nan, -np.inf], [np.nan, np.nan]], np.float32))
    for name in ("nanmin", "nanmax", "nansum", "nanmedian"):
        same(getattr(vnp, name)(pair.x, axis=1), quiet(getattr(np, name), pair.values, axis=1))


@quick
@given(data=st.data(), pair=holed(least=1, smallest=1))
@pytest.mark.parametrize("name", ["nanargmin", "nanargmax"])
def test_places(name, data, pair):
    axis, keepdims = data.draw(st.none() | st.integers(0, pair.values.ndim - 1)), data.draw(st.booleans())
    ours = lambda: getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims)
    try:
        want = quiet(getattr(np, name), pair.values, axis=axis, keepdims=keepdims)
    except ValueError:
        with pytest.raises(vf.InputError, match="nothing but NaN"):
            ours()
    else:
        same(ours(), want)


@quick
@given(data=st.data(), pair=holed(least=1))
@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_running_sums(name, data, pair):
    axis = data.draw(st.none() | st.integers(0, pair.values.ndim - 1))
    same(getattr(vnp, name)(pair.x, axis), getattr(np, name)(pair.values, axis), close=1e-6)


@quick
@given(data=st.data(), pair=holed(least=1, smallest=1))
@pytest.mark.parametrize("method", METHODS)
def test_quantiles(method, data, pair):
    axis, keepdims = axes(data, pair.values.ndim), data.draw(st.booleans())
    q = data.draw(st.sampled_from([0.25, 1.0, [0.0, 0.5, 0.75]]))
    want = quiet(np.nanquantile, pair.values.astype(np.float64), q, axis, method=method, keepdims=keepdims)
    got = vnp.nanquantile(pair.x, q, axis, method=method, keepdims=keepdims)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-5, atol=1e-5)
    assert got.shape == np.shape(want)
    percent = vnp.nanpercentile(pair.x, np.multiply(q, 100), axis, method=method, keepdims=keepdims)
    np.testing.assert_array_equal(percent.numpy(), got.numpy())


def test_integers_have_no_nan():
    pair = twins(numbers((3, 4)))
    for name in ("nansum", "nanmin", "nanargmax", "nancumsum"):
        same(getattr(vnp, name)(pair.x, axis=1), getattr(np, name)(pair.values, axis=1))
    for name in ("nanmean", "nanvar", "nanmedian"):
        want = getattr(np, name)(pair.values, axis=1)
        got = getattr(vnp, name)(pair.x, axis=1)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-6)
        assert got.dtype == narrowed("float64")


def test_complex_numbers():
    skip_where_lacking("complex64")
    pair = twins(np.array([1 + 2j, complex(np.nan, 1), 3], np.complex64))
    for name in ("nansum", "nanprod", "nanmean", "nanvar"):
        same(getattr(vnp, name)(pair.x), getattr(np, name)(pair.values), close=1e-6)
    with pytest.raises(vf.DtypeError):
        vnp.nanmin(pair.x)


def test_what_is_refused():
    x = vnp.zeros(3, np.float32)
    for name in ("nansum", "nanmin", "nanmean", "nanmedian", "nanargmin", "nancumsum"):
        with pytest.raises(vf.InputError, match="out"):
            getattr(vnp, name)(x, out=x)


@pytest.mark.parametrize("name", ["nanmax", "nanmin", "nanargmax", "nanargmin"])
def test_refusals_name_the_function(name):
    with pytest.raises(vf.DtypeError, match=name):
        getattr(vnp, name)(vnp.asarray([1j, 2.0]))
