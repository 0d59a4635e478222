"""Sorting against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


def axes(data, ndim):
    return data.draw(st.none() | st.integers(-ndim, ndim - 1))


@quick
@given(data=st.data(), pair=views(["int32", "float32", "uint32"], least=1, most=4))
def test_sort(data, pair):
    axis = axes(data, pair.values.ndim)
    same(vnp.sort(pair.x, axis), np.sort(pair.values, axis))
    same(vnp.argsort(pair.x, axis), np.argsort(pair.values, axis, kind="stable"))
    falling = -np.sort(-pair.values.astype(np.float64), axis)
    same(vnp.sort(pair.x, axis, descending=True), falling.astype(pair.values.dtype))
    order = np.argsort(-pair.values.astype(np.float64), axis, kind="stable")
    same(vnp.argsort(pair.x, axis, descending=True), order)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype):
    skip_where_lacking(dtype)
    values = numbers((4, 50), dtype)
    if values.dtype.kind == "c":
        values = values + 1j * numbers((4, 50), dtype, 1)
    pair = twins(values.astype(dtype))
    same(vnp.sort(pair.x, 0), np.sort(pair.values, 0))
    same(vnp.argsort(pair.x), np.argsort(pair.values, kind="stable"))


def test_nan_and_zeros_with_signs():
    pair = twins(np.array([np.nan, 0.0, -0.0, np.inf, -np.inf, np.nan, 1], np.float32))
    same(vnp.sort(pair.x), np.sort(pair.values))
    same(vnp.argsort(pair.x), np.argsort(pair.values, kind="stable"))
    assert vnp.argsort(pair.x, descending=True).tolist() == [3, 6, 1, 2, 4, 0, 5]


def test_complex_numbers_with_nan():
    parts = [1.0, -1.0, np.nan]
    values = np.array([complex(a, b) for a in parts for b in parts] * 2, np.complex64)
    same(vnp.sort(vf.asarray(values)), np.sort(values))
    same(vnp.argsort(vf.asarray(values)), np.argsort(values, kind="stable"))
    falling = vnp.sort(vf.asarray(values), descending=True).numpy()
    assert np.isnan(falling[8:]).all()
    np.testing.assert_array_equal(falling[:8], np.sort(values[~np.isnan(values)])[::-1])


@quick
@given(data=st.data(), shape=st.tuples(st.integers(0, 3), st.integers(0, 9)), keys=st.integers(1, 3))
def test_lexsort(data, shape, keys):
    pairs = [twins(numbers(shape, "int32", seed) % 3) for seed in range(keys)]
    axis = data.draw(st.integers(-2, 1))
    want = np.lexsort([p.values for p in pairs], axis)
    same(vnp.lexsort([p.x for p in pairs], axis), want)
    whole = vf.asarray(np.stack([p.values for p in pairs]))
    same(vnp.lexsort(whole, axis), want)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1, smallest=1))
def test_partition(data, pair):
    axis = axes(data, pair.values.ndim)
    n = pair.values.size if axis is None else pair.values.shape[axis]
    k = data.draw(st.integers(-n, n - 1))
    want = np.take(np.partition(pair.values, k, axis), k, axis)
    same(vnp.partition(pair.x, k, axis), np.sort(pair.values, axis))
    found = vnp.partition(pair.x, (k,), axis)
    np.testing.assert_array_equal(np.take(found.numpy(), k, axis), want)
    same(vnp.argpartition(pair.x, k, axis), np.argsort(pair.values, axis, kind="stable"))
    with pytest.raises(vf.RangeError):
        vnp.partition(pair.x, n, axis)


def test_kinds_and_what_is_refused():
    x = vf.asarray(np.array([2, 1], np.int32))
    for kind in (None, "quicksort", "stable", "mergesort", "heapsort"):
        assert vnp.sort(x, kind=kind).tolist() == [1, 2]
    with pytest.raises(vf.InputError, match="kind"):
        vnp.sort(x, kind="bogo")
    with pytest.raises(vf.InputError, match="order"):
        vnp.argsort(x, order="name")
    with pytest.raises(vf.RangeError):
        vnp.sort(vf.asarray(np.int32(1)))
    assert vnp.sort(vf.asarray(np.int32(1)), axis=None).tolist() == [1]
    with pytest.raises(vf.ShapeError, match="one shape"):
        vnp.lexsort([x, vnp.zeros(3)])
    with pytest.raises(vf.ShapeError, match="one shape"):
        vnp.lexsort([])
    assert x.tolist() == [2, 1]
