"""Counting by value and by bin against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import numbers, same, twins

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


@quick
@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=30), minlength=st.integers(0, 12))
def test_bincount(values, minlength):
    pair, weights = twins(np.array(values, np.int32)), twins(numbers(len(values), "float32"))
    same(vnp.bincount(pair.x, minlength=minlength), np.bincount(pair.values, minlength=minlength))
    want = np.bincount(pair.values, weights.values, minlength)
    same(vnp.bincount(pair.x, weights.x, minlength), want, default=True, close=1e-5)


def test_bincount_of_nothing():
    nothing = vnp.zeros(0, np.int32)
    for weights in (None, vnp.zeros(0)):
        assert vnp.bincount(nothing, weights, minlength=2).tolist() == [0, 0]
        assert vnp.bincount(nothing, weights).shape == (0,)


def test_weighted_counts_have_the_same_bits_each_time():
    places, weights = numbers(20_000, "uint32") % 7, np.random.default_rng(0).random(20_000, np.float32)
    once, again = (vnp.bincount(vf.asarray(places), vf.asarray(weights)).numpy() for _ in range(2))
    np.testing.assert_array_equal(once, again)
    np.testing.assert_allclose(once, np.bincount(places, weights), rtol=1e-5)


def test_bincount_refuses():
    with pytest.raises(vf.InputError, match="negative"):
        vnp.bincount(vf.asarray(np.array([-1], np.int32)))
    with pytest.raises(vf.ShapeError, match="sequence"):
        vnp.bincount(vnp.zeros((2, 2), np.int32))
    with pytest.raises(vf.ShapeError, match="weights"):
        vnp.bincount(vnp.zeros(2, np.int32), vnp.zeros(3))


@quick
@given(data=st.data(), n=st.integers(0, 60), dtype=st.sampled_from(["int32", "float32"]))
def test_histogram(data, n, dtype):
    pair = twins(numbers(n, dtype))
    bins = data.draw(st.sampled_from([1, 4, 10, [-9.0, -2.5, 0.0, 7.0], [0, 1, 5, 9]]))
    span = data.draw(st.sampled_from([None, (-3.0, 5.0)]))
    density = n > 0 and data.draw(st.booleans())
    with np.errstate(invalid="ignore"):
        want, edges = np.histogram(pair.values, bins, span, density)
    got = vnp.histogram(pair.x, bins, span, density)
    np.testing.assert_allclose(got[0].numpy(), want, rtol=1e-5)
    np.testing.assert_allclose(got[1].numpy(), edges, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(vnp.histogram_bin_edges(pair.x, bins, span).numpy(), got[1].numpy())
    weights = twins(np.abs(numbers(n, "float32", 1)))
    heavy, _ = np.histogram(pair.values, bins, span, weights=weights.values)
    np.testing.assert_allclose(vnp.histogram(pair.x, bins, span, weights=weights.x)[0].numpy(), heavy, rtol=1e-5)


def test_histogram_leaves_nan_out():
    pair = twins(np.array([[1, np.nan], [2, 9]], np.float32))
    want = np.histogram(pair.values, [0, 1.5, 3])
    same(vnp.histogram(pair.x, vnp.asarray(np.array([0, 1.5, 3])))[0], want[0])


def test_histogram_refuses():
    x = vnp.zeros(3, np.float32)
    with pytest.raises(vf.InputError):
        vnp.histogram(x, 0)
    with pytest.raises(vf.InputError, match="rules"):
        vnp.histogram(x, "auto")
    with pytest.raises(vf.InputError):
        vnp.histogram_bin_edges(x, -1)
    with pytest.raises(vf.DtypeError):
        vnp.histogram(vnp.zeros(3, np.complex64))
    with pytest.raises(vf.ShapeError, match="weights"):
        vnp.histogram(x, weights=vnp.zeros(2))


@quick
@given(n=st.integers(0, 30), right=st.booleans(), falling=st.booleans(), dtype=st.sampled_from(["int32", "float32"]))
def test_digitize(n, right, falling, dtype):
    pair = twins(numbers(n, dtype))
    bins = [7, 2, 2, -3.5] if falling else [-3.5, 2, 2, 7]
    same(vnp.digitize(pair.x, bins, right), np.digitize(pair.values, bins, right))
    with pytest.raises(vf.InputError, match="rise or fall"):
        vnp.digitize(pair.x, [0, 2, 1])
