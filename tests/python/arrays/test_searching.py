"""Where elements are, against NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, shapes, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)
REAL = [dtype for dtype in DTYPES if np.dtype(dtype).kind != "c"]


@quick
@given(data=st.data(), pair=views(["int32", "float32", "uint32"], least=1, most=4))
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places_of_extremes(name, data, pair):
    axis, keepdims = (
        data.draw(st.none() | st.integers(-pair.values.ndim, pair.values.ndim - 1)),
        data.draw(st.booleans()),
    )
    ours = lambda: getattr(vnp, name)(pair.x, axis=axis, keepdims=keepdims)
    try:
        want = getattr(np, name)(pair.values, axis=axis, keepdims=keepdims)
    except ValueError:
        with pytest.raises(vf.ShapeError):
            ours()
    else:
        same(ours(), want)


@pytest.mark.parametrize("dtype", REAL)
def test_places_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers((3, 7), dtype))
    same(vnp.argmax(pair.x, axis=1), np.argmax(pair.values, axis=1))
    same(vnp.argmin(pair.x), np.argmin(pair.values))


def test_places_refuse():
    with pytest.raises(vf.DtypeError, match="argmax"):
        vnp.argmax(vnp.zeros(3, np.complex64))
    with pytest.raises(vf.RangeError):
        vnp.argmin(vnp.zeros(3), axis=1)
    with pytest.raises(vf.InputError, match="out"):
        vnp.argmin(vnp.zeros(3), out=vnp.zeros(()))
    assert vnp.argmax(vf.asarray(np.float32(3))).item() == 0
    assert vnp.argmax(vf.asarray(np.array([1, np.nan, 3], np.float32))).item() == 1


@quick
@given(pair=views(["int32", "float32"], least=1, most=4))
def test_nonzero(pair):
    got, want = vnp.nonzero(pair.x), np.nonzero(pair.values)
    assert len(got) == len(want)
    for ours, theirs in zip(got, want, strict=True):
        same(ours, theirs)
    for ours, theirs in zip(vnp.where(pair.x), want, strict=True):
        same(ours, theirs)
    same(vnp.argwhere(pair.x), np.argwhere(pair.values))
    same(vnp.flatnonzero(pair.x), np.flatnonzero(pair.values))


def test_nonzero_of_a_number():
    with pytest.raises(vf.ShapeError, match="reshape"):
        vnp.nonzero(vf.asarray(np.float32(1)))
    for value in (0, 1):
        same(vnp.argwhere(vf.asarray(np.float32(value))), np.argwhere(np.float32(value)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nonzero_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers(40, dtype) % 3 if np.dtype(dtype).kind in "iu" else numbers(40, dtype))
    same(vnp.flatnonzero(pair.x), np.flatnonzero(pair.values))


@quick
@given(shape=shapes(), a=st.sampled_from(["int32", "float32"]), b=st.sampled_from(["int32", "float32"]))
def test_where(shape, a, b):
    x, y = twins(numbers(shape, a)), twins(numbers(shape, b, 1))
    if {a, b} != {"int32", "float32"}:
        same(vnp.where(x.x > y.x, x.x, y.x), np.where(x.values > y.values, x.values, y.values))
    same(vnp.where(x.x > 0, x.x, 0), np.where(x.values > 0, x.values, 0).astype(a))
    with pytest.raises(vf.InputError, match="both"):
        vnp.where(x.x, x.x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_not_zero_chooses(dtype):
    skip_where_lacking(dtype)
    pair = twins(np.array([0, 1, 2, 0, 3]).astype(dtype))
    x, y = twins(numbers(5, "float32")), twins(numbers(5, "float32", 1))
    want = np.where(pair.values, x.values, y.values)
    same(vnp.where(pair.x, x.x, y.x), want)
    same(np.where(pair.x, x.x, y.x), want)


@pytest.mark.parametrize("condition", [True, 2, 0, -0.5, 0.0, math.nan, 1j, np.int8(3), np.float32(0), np.bool_(False)])
def test_a_number_chooses(condition):
    x = twins(numbers(5, "float32"))
    same(vnp.where(condition, x.x, 0), np.where(condition, x.values, np.float32(0)))


@quick
@given(data=st.data(), n=st.integers(0, 40), shape=shapes(), side=st.sampled_from(["left", "right"]))
def test_searchsorted(data, n, shape, side):
    dtype = data.draw(st.sampled_from(["int32", "uint32", "float32"]))
    table, values = twins(np.sort(numbers(n, dtype))), twins(numbers(shape, dtype, 1))
    same(vnp.searchsorted(table.x, values.x, side=side), np.searchsorted(table.values, values.values, side))
    order = np.random.default_rng(n).permutation(n)
    mixed = twins(table.values[order])
    sorter = twins(np.argsort(mixed.values, kind="stable"))
    got = vnp.searchsorted(mixed.x, values.x, side, sorter.x)
    same(got, np.searchsorted(mixed.values, values.values, side, sorter.values))


@pytest.mark.parametrize("dtype", REAL)
def test_searchsorted_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    table, values = twins(np.sort(numbers(1000, dtype))), twins(numbers(300, dtype, 1))
    for side in ("left", "right"):
        same(vnp.searchsorted(table.x, values.x, side=side), np.searchsorted(table.values, values.values, side))


def test_searchsorted_puts_nan_last():
    table, values = (
        np.array(v, np.float32) for v in ([-np.inf, 1, np.inf, np.nan, np.nan], [np.nan, np.inf, -np.inf, 1, 2])
    )
    for side in ("left", "right"):
        same(vnp.searchsorted(vf.asarray(table), vf.asarray(values), side), np.searchsorted(table, values, side))
    assert vnp.searchsorted(vf.asarray(table), 1).item() == 1


def test_searchsorted_refuses():
    with pytest.raises(vf.ShapeError, match="one axis"):
        vnp.searchsorted(vnp.zeros((2, 2)), vnp.zeros(2))
    with pytest.raises(vf.InputError, match="side"):
        vnp.searchsorted(vnp.zeros(2), vnp.zeros(2), side="middle")
    with pytest.raises(vf.DtypeError):
        vnp.searchsorted(vnp.zeros(2, np.complex64), vnp.zeros(2))


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1), largest=st.booleans())
def test_topk(data, pair, largest):
    axis = data.draw(st.integers(-pair.values.ndim, pair.values.ndim - 1) | st.none())
    values = pair.values if axis is not None else pair.values.ravel()
    along = -1 if axis is None else axis
    k = data.draw(st.integers(0, values.shape[along]))
    order = np.argsort(-values if largest else values, axis=along, kind="stable")
    order = np.take(order, np.arange(k), axis=along)
    got = vnp.topk(pair.x, k, axis=axis, largest=largest)
    same(got.indices, order)
    same(got.values, np.take_along_axis(values, order, along))


def test_topk_puts_nan_last_and_refuses():
    x = vf.asarray(np.array([np.nan, 1, 3, np.nan, 2], np.float32))
    assert vnp.topk(x, 3).indices.tolist() == [2, 4, 1]
    assert vnp.topk(x, 3, largest=False).indices.tolist() == [1, 4, 2]
    for wrong in (-1, 6):
        with pytest.raises(vf.InputError, match="so many"):
            vnp.topk(x, wrong)
    with pytest.raises(vf.DtypeError):
        vnp.topk(vnp.zeros(3, np.complex64), 1)
