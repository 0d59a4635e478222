"""Running sums, differences, slopes, convolutions and interpolation against NumPy."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, narrowed, numbers, same, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1, most=4))
@pytest.mark.parametrize("name", ["sum", "prod"])
def test_running_sums(name, data, pair):
    assume(np.prod(np.maximum(np.abs(pair.values), 1), dtype=np.float64) < 2.0**24)  # any order of products is exact
    axis = data.draw(st.integers(-pair.values.ndim, pair.values.ndim - 1))
    initial = data.draw(st.booleans())
    theirs, ours = getattr(np, f"cumulative_{name}"), getattr(vnp, f"cumulative_{name}")
    same(ours(pair.x, axis=axis, include_initial=initial), theirs(pair.values, axis=axis, include_initial=initial))
    for along in (axis, None):
        same(getattr(vnp, f"cum{name}")(pair.x, along), getattr(np, f"cum{name}")(pair.values, along))


@pytest.mark.parametrize("dtype", DTYPES)
def test_running_sums_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers(9, dtype))
    same(vnp.cumulative_sum(pair.x), np.cumsum(pair.values))
    same(vnp.cumprod(pair.x), np.cumprod(pair.values))


def test_running_sums_refuse():
    with pytest.raises(vf.InputError, match="axis"):
        vnp.cumulative_sum(vnp.zeros((2, 2)))
    with pytest.raises(vf.InputError, match="axis"):
        vnp.cumulative_prod(vf.asarray(1))
    with pytest.raises(vf.RangeError):
        vnp.cumsum(vnp.zeros(3), axis=1)
    same(vnp.cumsum(vf.asarray(np.int32(3))), np.cumsum(np.int32(3)))


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1))
def test_differences(data, pair):
    axis, n = data.draw(st.integers(-pair.values.ndim, pair.values.ndim - 1)), data.draw(st.integers(0, 3))
    same(vnp.diff(pair.x, n, axis), np.diff(pair.values, n, axis))
    kind = pair.values.dtype.type
    more = {"prepend": kind(7), "append": data.draw(st.sampled_from([None, kind(9)]))}
    kept = {key: value for key, value in more.items() if value is not None}
    assert vnp.diff(pair.x, prepend=7).dtype == pair.values.dtype  # Python's numbers are weak here
    same(vnp.diff(pair.x, n, axis, **kept), np.diff(pair.values, n, axis, **kept))
    same(vnp.diff(pair.x, n, axis, pair.x), np.diff(pair.values, n, axis, pair.values))


def test_differences_of_bool():
    skip_where_lacking("bool")
    pair = twins(np.array([True, True, False]))
    same(vnp.diff(pair.x), np.diff(pair.values))
    same(vnp.diff(pair.x, prepend=True), np.diff(pair.values, prepend=True))
    same(vnp.diff(pair.x, prepend=5), np.diff(pair.values, prepend=5), default=True)
    with pytest.raises(vf.InputError, match="n of 0"):
        vnp.diff(pair.x, -1)


@quick
@given(data=st.data(), pair=views(["float32"], least=1, smallest=1))
def test_trapezoid(data, pair):
    axis = data.draw(st.integers(0, pair.values.ndim - 1))
    at = twins(np.cumsum(np.abs(numbers(pair.values.shape[axis], "float32")) + 1, dtype=np.float32))
    same(vnp.trapezoid(pair.x, dx=0.5, axis=axis), np.trapezoid(pair.values, dx=0.5, axis=axis), close=1e-5)
    same(vnp.trapezoid(pair.x, at.x, axis=axis), np.trapezoid(pair.values, at.values, axis=axis), close=1e-5)
    same(vnp.trapezoid(pair.x, pair.x, axis=axis), np.trapezoid(pair.values, pair.values, axis=axis), close=1e-5)


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("shape", [(3,), (9,), (4, 5), (3, 4, 5)])
def test_gradient(shape, edge_order):
    pair = twins(numbers(shape, "float32"))
    places = [twins(np.cumsum(np.abs(numbers(n, "float32", n)) + 1, dtype=np.float32)) for n in shape]
    for steps in [(), (0.5,), tuple(0.5 + i for i in range(len(shape)))]:
        got, want = (
            vnp.gradient(pair.x, *steps, edge_order=edge_order),
            np.gradient(pair.values, *steps, edge_order=edge_order),
        )
        for ours, theirs in zip(*((one if isinstance(one, tuple) else (one,)) for one in (got, want)), strict=True):
            same(ours, theirs, close=1e-5)
    got = vnp.gradient(pair.x, *(p.x for p in places), edge_order=edge_order)
    want = np.gradient(pair.values, *(p.values for p in places), edge_order=edge_order)
    for ours, theirs in zip(*((one if isinstance(one, tuple) else (one,)) for one in (got, want)), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)
    same(
        vnp.gradient(pair.x, axis=-1, edge_order=edge_order),
        np.gradient(pair.values, axis=-1, edge_order=edge_order),
        close=1e-5,
    )


def test_gradient_of_integers_and_infinities():
    pair = twins(numbers(7))
    same(vnp.gradient(pair.x), np.gradient(pair.values), default=True)
    wild = twins(np.array([1, np.inf, 2, 3, 4], np.float32))
    same(vnp.gradient(wild.x), np.gradient(wild.values))


def test_gradient_refuses():
    x = vnp.zeros((3, 1), np.float32)
    with pytest.raises(vf.ShapeError, match="too short"):
        vnp.gradient(x)
    with pytest.raises(vf.InputError, match="edge_order"):
        vnp.gradient(x, axis=0, edge_order=3)
    with pytest.raises(vf.InputError, match="a step for each axis"):
        vnp.gradient(x, 1.0, 2.0, axis=0)
    for wrong in ((2,), (3, 1)):
        with pytest.raises(vf.ShapeError, match="coordinates"):
            vnp.gradient(x, vnp.zeros(wrong), axis=0)


@quick
@given(n=st.integers(1, 20), k=st.integers(1, 20), mode=st.sampled_from(["full", "same", "valid"]), data=st.data())
def test_sliding_products(n, k, mode, data):
    dtypes = st.sampled_from(["int32", "float32", "complex64", "uint32"])
    a, v = twins(numbers(n, data.draw(dtypes))), twins(numbers(k, data.draw(dtypes), 1))
    common = np.result_type(a.values, v.values)
    if common in (np.float64, np.int64, np.complex128):
        return
    same(vnp.convolve(a.x, v.x, mode), np.convolve(a.values, v.values, mode).astype(common), close=1e-5)
    same(vnp.correlate(a.x, v.x, mode), np.correlate(a.values, v.values, mode).astype(common), close=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sliding_products_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    a, v = twins(numbers(30, dtype)), twins(numbers(4, dtype, 1))
    same(vnp.convolve(a.x, v.x), np.convolve(a.values, v.values))
    same(vnp.correlate(a.x, v.x, "same"), np.correlate(a.values, v.values, "same"))


@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64"])
@pytest.mark.parametrize(("n", "k"), [(1000, 9), (1000, 31), (999, 100), (257, 200), (128, 128), (500, 300)])
def test_long_sliding_products(n, k, dtype):
    a, v = twins(numbers(n, dtype)), twins(numbers(k, dtype, 1))
    for mode in ("full", "same", "valid"):
        same(vnp.convolve(a.x, v.x, mode), np.convolve(a.values, v.values, mode))
        same(vnp.correlate(v.x, a.x[::-1], mode), np.correlate(v.values, a.values[::-1], mode))


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("k", [2, 20])
def test_infinities_and_nan_do_not_spread(k, bad):
    values, taps = numbers(60, "float32"), numbers(k, "float32", 1)
    for places, place in ((values, 30), (taps, k - 1)):
        places[place] = bad
        for mode in ("full", "same", "valid"):
            with np.errstate(invalid="ignore"):
                want = np.convolve(values, taps, mode)
            same(vnp.convolve(vf.asarray(values), vf.asarray(taps), mode), want)


def test_sliding_products_refuse():
    with pytest.raises(vf.ShapeError, match="sequences"):
        vnp.convolve(vnp.zeros((2, 2)), vnp.zeros(2))
    with pytest.raises(vf.ShapeError, match="sequences"):
        vnp.convolve(vnp.zeros(0), vnp.zeros(2))
    with pytest.raises(vf.InputError, match="mode"):
        vnp.correlate(vnp.zeros(3), vnp.zeros(2), "middle")


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "complex64"])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_interp(n, dtype):
    skip_where_lacking(dtype)
    xp = np.cumsum(np.abs(numbers(n, "float32")) + 1).astype(np.float32)
    fp = numbers(n, dtype, 1)
    x = np.concatenate([np.linspace(-1, xp[-1] + 2, 23), xp, [np.nan, np.inf, -np.inf]]).astype(np.float32)
    ours = [vf.asarray(one) for one in (x, xp, fp)]
    for more in ({}, {"left": -5.0}, {"right": 7.0, "left": 0.5}):
        same(vnp.interp(*ours, **more), np.interp(x, xp, fp, **more), default=True, close=1e-5)
    assert vnp.interp(float(xp[0]), *ours[1:]).item() == fp[0]
    assert vnp.interp(vf.asarray(x[:6].reshape(2, 3)), *ours[1:]).shape == (2, 3)


@pytest.mark.parametrize("xp", [[1, 2], [-np.inf, 2], [1, np.inf], [-np.inf, np.inf], [0, 1, 2], [1]], ids=str)
def test_interp_between_infinities(xp):
    skip_where_lacking("float64")
    x = np.array([1.5, 1, 2, 0, 3, 1.25, np.nan, np.inf, -np.inf])
    points = np.array(xp, float)
    for values in itertools.product([-np.inf, np.inf, 0.0, 1.0, np.nan], repeat=len(xp)):
        fp = np.array(values)
        same(vnp.interp(vf.asarray(x), vf.asarray(points), vf.asarray(fp)), np.interp(x, points, fp))
    both = np.empty(len(xp), complex)
    both.real, both.imag = np.resize([np.inf, 1.0], len(xp)), np.resize([0.0, -np.inf], len(xp))
    same(vnp.interp(vf.asarray(x), vf.asarray(points), vf.asarray(both)), np.interp(x, points, both))


def test_interp_with_a_period():
    x, xp, fp = (
        np.array(v, np.float32) for v in ([-180, -170, 5, 185, 360, 365], [190, -190, 350, -350], [5, 10, 3, 4])
    )
    got = vnp.interp(*(vf.asarray(v) for v in (x, xp, fp)), period=360)
    same(got, np.interp(x, xp, fp, period=360), default=True, close=1e-5)
    with pytest.raises(vf.InputError, match="period"):
        vnp.interp(vf.asarray(x), vf.asarray(xp), vf.asarray(fp), period=0)
    with pytest.raises(vf.ShapeError, match="points"):
        vnp.interp(vf.asarray(x), vf.asarray(xp), vf.asarray(fp[:2]))


@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64"])
def test_cross(dtype):
    a, b = twins(numbers((2, 3, 4), dtype)), twins(numbers((2, 3, 4), dtype, 1))
    same(vnp.cross(a.x, b.x, axis=1), np.cross(a.values, b.values, axis=1), close=1e-5)
    one = twins(numbers(3, dtype, 2))
    same(vnp.cross(a.x, one.x, axisa=1), np.cross(a.values, one.values, axisa=1), close=1e-5)
    same(vnp.cross(a.x, one.x, axisa=1, axisc=0), np.cross(a.values, one.values, axisa=1, axisc=0), close=1e-5)
    with pytest.raises(vf.ShapeError, match="3 entries"):
        vnp.cross(vnp.zeros(2), vnp.zeros(2))


def test_results_have_the_devices_default_dtype():
    assert vnp.interp(0.5, vnp.asarray([0, 1]), vnp.asarray([0, 1])).dtype == narrowed("float64")
    assert vnp.gradient(vnp.arange(4)).dtype == narrowed("float64")
