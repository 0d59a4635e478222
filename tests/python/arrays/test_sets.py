"""Arrays as sets against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


def all_same(got, want):
    got, want = (one if isinstance(one, tuple) else (one,) for one in (got, want))
    assert len(got) == len(want)
    for ours, theirs in zip(got, want, strict=True):
        same(ours, theirs)


@quick
@given(pair=views(["int32", "float32"], most=4))
def test_unique(pair):
    everything = np.unique(pair.values, return_index=True, return_inverse=True, return_counts=True)
    all_same(vnp.unique(pair.x, return_index=True, return_inverse=True, return_counts=True), everything)
    all_same(tuple(vnp.unique_all(pair.x)), everything)
    all_same(tuple(vnp.unique_counts(pair.x)), tuple(np.unique_counts(pair.values)))
    all_same(tuple(vnp.unique_inverse(pair.x)), tuple(np.unique_inverse(pair.values)))
    same(vnp.unique_values(pair.x), np.unique(pair.values))
    same(vnp.unique(pair.x), np.unique(pair.values))
    all_same(vnp.unique(pair.x, return_counts=True), np.unique(pair.values, return_counts=True))


@pytest.mark.parametrize("dtype", DTYPES)
def test_unique_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers(60, dtype))
    all_same(tuple(vnp.unique_all(pair.x)), tuple(np.unique_all(pair.values)))


def test_nan():
    pair = twins(np.array([np.nan, 1, np.nan, -0.0, 0.0, 1], np.float32))
    all_same(tuple(vnp.unique_all(pair.x)), tuple(np.unique_all(pair.values)))
    for equal_nan in (True, False):
        got = vnp.unique(pair.x, return_index=True, return_inverse=True, return_counts=True, equal_nan=equal_nan)
        all_same(got, np.unique(pair.values, True, True, True, equal_nan=equal_nan))


@quick
@given(data=st.data(), shape=st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(1, 2)))
def test_unique_entries(data, shape):
    pair = twins(numbers(shape, data.draw(st.sampled_from(["int32", "float32"]))) % 2)
    axis = data.draw(st.integers(-3, 2))
    want = np.unique(pair.values, True, True, True, axis=axis)
    got = vnp.unique(pair.x, True, True, True, axis=axis)
    all_same((*got[:2], vnp.reshape(got[2], want[2].shape), got[3]), want)
    with pytest.raises(vf.RangeError):
        vnp.unique(pair.x, axis=3)


@quick
@given(a=views(["int32", "float32"]), b=views(["int32", "float32"]), invert=st.booleans())
def test_isin(a, b, invert):
    same(vnp.isin(a.x, b.x, invert=invert), np.isin(a.values, b.values, invert=invert))


@pytest.mark.parametrize("other", ["int64", "int8"])
@pytest.mark.parametrize("invert", [False, True])
def test_isin_of_integers_with_and_without_signs(other, invert):
    """float64, which is what they are promoted to, does not tell them apart."""
    skip_where_lacking("int64", "uint64", other)
    top = np.iinfo(other).max
    signed = np.array([top, -1, 0, 5, -top - 1], other)
    unsigned = np.array([2**63, 2**64 - 1, 5, top, top + 1, 2**64 - top - 1], np.uint64)
    for values, among in ((signed, unsigned), (unsigned, signed), (signed[:1], unsigned[:1])):
        want = [(value in among.tolist()) is not invert for value in values.tolist()]
        same(vnp.isin(vf.asarray(values), vf.asarray(among), invert=invert), want)
    same(vnp.setdiff1d(vf.asarray(unsigned), vf.asarray(signed)), np.setdiff1d(unsigned, unsigned[2:4]))


def test_isin_of_numbers_and_nan():
    x = vf.asarray(np.array([1, np.nan, 3], np.float32))
    assert vnp.isin(x, 3).tolist() == [False, False, True]
    assert vnp.isin(x, [1, 2]).tolist() == [True, False, False]
    assert vnp.isin(x, x).tolist() == [True, False, True]
    with pytest.raises(vf.DtypeError):
        vnp.isin(vnp.zeros(2, np.complex64), vnp.zeros(2))


@quick
@given(a=views(["int32", "float32"]), b=views(["int32"]))
def test_two_sets(a, b):
    for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
        all_same(getattr(vnp, name)(a.x, b.x), getattr(np, name)(a.values, b.values))
    got = vnp.intersect1d(a.x, b.x, return_indices=True)
    all_same(got, np.intersect1d(a.values, b.values, return_indices=True))


def test_order_is_kept_where_values_are_unique():
    a, b = twins(np.array([5, 1, 3, 2], np.int32)), twins(np.array([1, 9], np.int32))
    same(vnp.setdiff1d(a.x, b.x, True), np.setdiff1d(a.values, b.values, True))
