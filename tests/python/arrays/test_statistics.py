"""Sums, extremes, means and spreads against NumPy."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, device_alone, lacks, narrowed, numbers, same, shapes, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)

FLOATS = ["float16", "float32", "float64", "complex64", "complex128"]
CLOSE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-14, "complex64": 2e-6, "complex128": 1e-14}


def axes_of(data, ndim):
    """None, one axis or several, of either sign."""
    some = st.lists(st.integers(0, ndim - 1), unique=True).map(tuple) if ndim else st.just(())
    one = st.integers(-ndim, ndim - 1) if ndim else st.none()
    return data.draw(st.none() | one | some)


def quiet(function, *args, **keywords):
    """NumPy's result without its warnings of means of nothing."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **keywords)


# ------------------------------------------------------------------ sums and extremes


@quick
@given(data=st.data(), pair=views(["int32", "float32", "complex64"], most=4))
@pytest.mark.parametrize("name", ["sum", "prod"])
def test_sums(name, data, pair):
    axis, keepdims = axes_of(data, pair.values.ndim), data.draw(st.booleans())
    assume(np.prod(np.maximum(np.abs(pair.values), 1), dtype=np.float64) < 1e30)  # no order of products overflows
    want = getattr(np, name)(pair.values, axis=axis, keepdims=keepdims)
    got = getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims)
    assert got.dtype == want.dtype
    exact = getattr(np, name)(pair.values.astype("complex128"), axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(got.numpy(), exact, rtol=1e-5)
    assert got.shape == np.shape(want)


@quick
@given(data=st.data(), pair=views(["int32", "uint32", "float32"], most=4))
@pytest.mark.parametrize("name", ["min", "max", "ptp"])
def test_extremes(name, data, pair):
    axis, keepdims = axes_of(data, pair.values.ndim), data.draw(st.booleans())
    ours = lambda: getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims)
    try:
        want = getattr(np, name)(pair.values, axis=axis, keepdims=keepdims)
    except ValueError:
        with pytest.raises(vf.ShapeError):
            ours()
    else:
        same(ours(), want)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], most=4))
@pytest.mark.parametrize("name", ["all", "any", "count_nonzero"])
def test_truth(name, data, pair):
    axis, keepdims = axes_of(data, pair.values.ndim), data.draw(st.booleans())
    want = getattr(np, name)(pair.values, axis=axis, keepdims=keepdims)
    got = getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(got.numpy(), want)
    assert got.dtype == (np.bool_ if name != "count_nonzero" else np.int64)
    assert got.shape == np.shape(want)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers((3, 5), dtype))
    for name in ("sum", "prod", "all", "any", "count_nonzero", "min", "max"):
        if name in ("min", "max") and pair.values.dtype.kind == "c":
            with pytest.raises(vf.DtypeError, match="complex"):
                getattr(vnp, name)(pair.x)
            continue
        want = getattr(np, name)(pair.values, axis=0)
        got = getattr(vnp, name)(pair.x, axis=0)
        assert got.dtype == np.asarray(want).dtype
        np.testing.assert_allclose(got.numpy(), want, rtol=2e-3)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "float32", "float64", "complex64", "bool"])
@pytest.mark.parametrize("source", ["int32", "uint8", "float32"])
def test_sums_in_a_dtype(source, dtype):
    skip_where_lacking(source, dtype)
    pair = twins(np.abs(numbers((4, 100), source)))
    for name in ("sum", "cumulative_sum", "cumsum"):
        same(getattr(vnp, name)(pair.x, axis=1, dtype=dtype), getattr(np, name)(pair.values, axis=1, dtype=dtype))
    small = twins(np.abs(numbers((4, 3), source)) % 4)
    same(vnp.prod(small.x, axis=1, dtype=dtype), np.prod(small.values, axis=1, dtype=dtype))


def test_integer_sums_wrap_in_their_dtype():
    skip_where_lacking("int8")
    pair = twins(np.full(300, 3, np.int8))
    assert vnp.sum(pair.x, dtype=np.int8).item() == np.sum(pair.values, dtype=np.int8)
    assert vnp.sum(pair.x).item() == 900


def test_a_long_sum_is_as_exact_as_numpys():
    values = np.random.default_rng(3).random(1 << 20, np.float32)
    exact = values.sum(dtype=np.float64)
    error = lambda found: abs(float(found) - exact) / exact
    assert error(vnp.sum(vf.asarray(values)).item()) <= max(error(values.sum()), 1e-7)


def test_initial_and_where():
    pair = twins(numbers((3, 4), "float32"))
    chosen = twins(np.array([True, False, True, False]))
    for name in ("sum", "prod", "all", "any", "mean", "var", "std"):
        want = getattr(np, name)(pair.values, axis=1, where=chosen.values)
        np.testing.assert_allclose(getattr(vnp, name)(pair.x, axis=1, where=chosen.x).numpy(), want, rtol=1e-5)
    for name in ("min", "max"):
        ours, theirs = getattr(vnp, name), getattr(np, name)
        same(ours(pair.x, axis=0, initial=2.5), theirs(pair.values, axis=0, initial=2.5))
        same(
            ours(pair.x, axis=1, initial=2.5, where=chosen.x),
            theirs(pair.values, axis=1, initial=2.5, where=chosen.values),
        )
        same(ours(pair.x[:0], axis=0, initial=7), theirs(pair.values[:0], axis=0, initial=7))
        with pytest.raises(vf.ShapeError, match="initial"):
            ours(pair.x, where=chosen.x)
    assert vnp.sum(pair.x, initial=5).item() == np.sum(pair.values, initial=5)
    assert vnp.prod(pair.x[0], initial=3).item() == np.prod(pair.values[0], initial=3)


def test_nan_wins():
    pair = twins(np.array([[1, np.nan, -np.inf], [np.inf, 0, 2]], np.float32))
    for name in ("min", "max", "sum", "mean", "ptp"):
        same(getattr(vnp, name)(pair.x, axis=1), quiet(getattr(np, name), pair.values, axis=1))


# ------------------------------------------------------------------ means and spreads


@quick
@given(data=st.data(), pair=views(["int32", "float32", "complex64"], most=4))
@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_means(name, data, pair):
    axis, keepdims = axes_of(data, pair.values.ndim), data.draw(st.booleans())
    correction = {} if name == "mean" else {"correction": data.draw(st.sampled_from([0, 1, 1.5]))}
    want = quiet(getattr(np, name), pair.values, axis=axis, keepdims=keepdims, **correction)
    got = getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims, **correction)
    assert got.dtype == (narrowed(want.dtype) if pair.values.dtype.kind == "i" else want.dtype)
    np.testing.assert_allclose(got.numpy(), want, rtol=2e-6, atol=2e-6)
    assert got.shape == np.shape(want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_means_of_every_dtype(name, dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers((5, 7), dtype))
    want = getattr(np, name)(pair.values, axis=0)
    same(
        getattr(vnp, name)(pair.x, axis=0),
        want,
        default=True,
        close=max(CLOSE.get(dtype, 1e-14), 1e-6 if lacks("float64") else 0),
    )


def test_half_floats_are_summed_in_single_precision():
    skip_where_lacking("float16")
    pair = twins(np.full(70_000, 2.0, np.float16))
    assert vnp.mean(pair.x).item() == 2
    assert vnp.var(pair.x).item() == 0


def test_a_large_mean_costs_the_variance_no_digits():
    values = (np.random.default_rng(0).standard_normal(10_000) + 3e3).astype(np.float32)
    exact = values.astype(np.float64).var(ddof=1)
    x = vf.asarray(values)
    assert vnp.var(x, correction=1).item() == pytest.approx(exact, rel=1e-5)
    assert vnp.var(x, ddof=1).item() == vnp.var(x, correction=1).item()


def test_means_in_a_dtype():
    skip_where_lacking("float64")
    pair = twins(numbers(1000, "float32") / 3)
    pair = twins(pair.values.astype(np.float32))
    same(vnp.mean(pair.x, dtype=np.float64), np.mean(pair.values, dtype=np.float64), close=1e-14)
    same(vnp.var(pair.x, dtype=np.float64), np.var(pair.values, dtype=np.float64), close=1e-13)
    with pytest.raises(vf.DtypeError, match="float"):
        vnp.mean(pair.x, dtype=np.int32)


@quick
@given(data=st.data(), shape=shapes(1, 3, smallest=1))
def test_average(data, shape):
    pair, weights = twins(numbers(shape, "float32")), twins(np.abs(numbers(shape, "float32", 1)) + 1)
    axis = data.draw(st.none() | st.integers(0, len(shape) - 1))
    want, sums = np.average(pair.values, axis, weights.values, returned=True)
    got = vnp.average(pair.x, axis, weights.x, returned=True)
    same(got[0], want, close=1e-5)
    same(got[1], sums, close=1e-5)
    same(vnp.average(pair.x, axis), np.average(pair.values, axis), close=1e-5)
    along = data.draw(st.integers(0, len(shape) - 1))
    few = twins(np.arange(1, shape[along] + 1).astype(np.float32))
    same(vnp.average(pair.x, along, few.x), np.average(pair.values, along, few.values), close=1e-5)


def test_weights_of_any_strides():
    pair, weights = twins(numbers((2, 3), "float32")), twins(np.abs(numbers((2, 3), "float32", 1)) + 1)
    want = np.average(pair.values, 0, weights.values[::-1, ::-1])
    same(vnp.average(pair.x, 0, weights.x[::-1, ::-1]), want, close=1e-6)


def test_average_refuses_weights_that_do_not_fit():
    with pytest.raises(vf.ShapeError, match="weights"):
        vnp.average(vnp.zeros((2, 3)), axis=1, weights=vnp.zeros(2))


@pytest.mark.parametrize("dtype", ["float32", "complex64", "int32"])
def test_covariance(dtype):
    pair, more = twins(numbers((3, 20), dtype)), twins(numbers((2, 20), dtype, 1))
    often, heavy = twins(np.arange(20) % 3 + 1), twins(np.linspace(0.5, 2, 20))
    cases = [{}, {"rowvar": False}, {"bias": True}, {"ddof": 3}, {"fweights": often}, {"aweights": heavy}]
    cases += [{"fweights": often, "aweights": heavy, "ddof": 0}, {"y": more}]
    for case in cases:
        theirs = {key: value.values if hasattr(value, "values") else value for key, value in case.items()}
        ours = {key: value.x if hasattr(value, "x") else value for key, value in case.items()}
        np.testing.assert_allclose(vnp.cov(pair.x, **ours).numpy(), np.cov(pair.values, **theirs), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(vnp.corrcoef(pair.x).numpy(), np.corrcoef(pair.values), rtol=1e-4, atol=1e-5)
    one = vnp.cov(pair.x[0])
    assert one.shape == ()
    assert one.item() == pytest.approx(np.cov(pair.values[0]).item(), rel=1e-5)
    with pytest.raises(vf.ShapeError):
        vnp.cov(vnp.zeros((2, 2, 2)))


# ------------------------------------------------------------------ rows in one kernel


def softmax(x, xp):
    e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def layer_norm(x, xp):
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    return centred / xp.sqrt(xp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5) * 2 + 0.5


ROWS = {
    "softmax": softmax,
    "layer norm": layer_norm,
    "variance": lambda x, xp: xp.var(x, axis=-1, keepdims=True),
    "deviation": lambda x, xp: xp.std(x, axis=-1, keepdims=True),
    "sum of squares": lambda x, xp: xp.sum(x * x, axis=-1),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_made_of_rows_is_one_kernel(name):
    x, values = twins(np.random.default_rng(0).random((64, 300), np.float32))
    with device_alone(), vf.profile() as profile:
        got = ROWS[name](x, vnp).numpy()
    assert sum(row.count for row in profile.rows) == 1
    np.testing.assert_allclose(got, ROWS[name](values, np), rtol=2e-5, atol=2e-6)


# ------------------------------------------------------------------ what is refused


def test_what_is_refused():
    x = vnp.zeros((2, 3), np.float32)
    for name in ("sum", "min", "all", "mean", "var"):
        function = getattr(vnp, name)
        with pytest.raises(vf.RangeError):
            function(x, axis=2)
        with pytest.raises(vf.InputError, match="twice"):
            function(x, axis=(0, 0))
        with pytest.raises(vf.InputError, match="out"):
            function(x, out=x)
        with pytest.raises(vf.ArgumentTypeError, match="send it first"):
            function(np.zeros(3))
    with pytest.raises(vf.DtypeError):
        vnp.sum(vnp.zeros(2, np.complex64), dtype=np.float32)


def test_numpys_own_door():
    pair = twins(numbers((3, 4), "float32"))
    for name in ("sum", "min", "max", "mean", "std", "var", "median"):
        function = getattr(np, name)
        np.testing.assert_allclose(function(pair.x, axis=1).numpy(), function(pair.values, axis=1), rtol=1e-5)
    np.testing.assert_allclose(pair.x.mean(axis=0).numpy(), pair.values.mean(axis=0), rtol=1e-6)
