"""Functions that put arrays together, take them apart and turn them round, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, shapes, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=30)


def shares(view, x):
    """Whether a write through the view shows in x."""
    before = x.numpy()
    view[...] = 77
    return not np.array_equal(before, x.numpy())


# ------------------------------------------------------------------ shapes


@quick
@given(data=st.data(), pair=views())
def test_reshape(data, pair):
    new = [*data.draw(st.permutations(pair.values.shape)), 1]
    same(vnp.reshape(pair.x, tuple(new)), pair.values.reshape(new))
    same(vnp.ravel(pair.x), pair.values.ravel())
    same(vnp.reshape(pair.x, new, order="F"), pair.values.reshape(new, order="F"))
    same(vnp.ravel(pair.x, order="F"), pair.values.ravel(order="F"))


@quick
@given(pair=views(most=4), cut=st.integers(1, 4))
def test_reshape_views_where_numpy_does(pair, cut):
    for new in {(-1,), (cut, -1), (-1, cut), (*pair.values.shape[:1], -1), (1, *pair.values.shape)}:
        if pair.values.size == 0 or pair.values.size % cut:
            continue
        view = pair.values.reshape(new)
        got = vnp.reshape(pair.x, new)
        same(got, view)
        if np.shares_memory(view, pair.values):
            same(vnp.reshape(pair.x, new, copy=False), view)
            got[...] = pair.values.max() + 1
            assert (pair.x.numpy() > pair.values).all()
            view[...] = pair.values.max() + 1
        else:
            with pytest.raises(vf.InputError, match="avoid a copy"):
                vnp.reshape(pair.x, new, copy=False)


def test_reshape_infers_and_refuses():
    x = vnp.arange(12)
    assert vnp.reshape(x, (3, -1)).shape == (3, 4)
    assert x.reshape(2, 6).shape == x.reshape((2, 6)).shape == (2, 6)
    assert vnp.reshape(vnp.zeros((0, 3)), (-1, 3)).shape == (0, 3)
    for wrong in [(5, -1), (3, 3), (-1, -1), (0, -1), (-2, -6)]:
        with pytest.raises(vf.ShapeError):
            vnp.reshape(x, wrong)
    with pytest.raises(vf.InputError, match="order"):
        vnp.reshape(x, 12, order="K")
    copied = vnp.reshape(x, (3, 4), copy=True)
    assert not shares(copied, x)
    assert shares(vnp.reshape(x, (3, 4)), x)


@pytest.mark.parametrize("shape", [(1, 3, 1), (1,), (2, 1), (), (1, 0, 1)])
def test_squeeze(shape):
    pair = twins(numbers(shape))
    same(vnp.squeeze(pair.x), pair.values.squeeze())
    for axis in [i for i, n in enumerate(shape) if n == 1]:
        same(vnp.squeeze(pair.x, axis=axis), pair.values.squeeze(axis))
        same(vnp.squeeze(pair.x, axis=axis - len(shape)), pair.values.squeeze(axis))
    for axis in [i for i, n in enumerate(shape) if n != 1]:
        with pytest.raises(ValueError, match="squeeze"):
            vnp.squeeze(pair.x, axis=axis)
    with pytest.raises(vf.RangeError):
        vnp.squeeze(pair.x, axis=len(shape))


@quick
@given(pair=views(), data=st.data())
def test_expand_dims(pair, data):
    n = pair.values.ndim + 1
    axis = data.draw(st.integers(-n, n - 1))
    same(vnp.expand_dims(pair.x, axis=axis), np.expand_dims(pair.values, axis))
    same(vnp.expand_dims(pair.x, axis=(0, -1)), np.expand_dims(pair.values, (0, -1)))
    with pytest.raises(vf.RangeError):
        vnp.expand_dims(pair.x, axis=n)


@pytest.mark.parametrize("name", ["atleast_1d", "atleast_2d", "atleast_3d"])
def test_atleast(name):
    ours, theirs = getattr(vnp, name), getattr(np, name)
    for shape in [(), (3,), (2, 3), (2, 3, 4), (1, 2, 3, 4)]:
        pair = twins(numbers(shape))
        same(ours(pair.x), theirs(pair.values))
    both = ours(vnp.zeros(2), vnp.zeros((2, 2)))
    assert [x.shape for x in both] == [x.shape for x in theirs(np.zeros(2), np.zeros((2, 2)))]


def test_shape_ndim_size():
    x = vnp.zeros((2, 3))
    assert (vnp.shape(x), vnp.ndim(x), vnp.size(x), vnp.size(x, 1)) == ((2, 3), 2, 6, 3)
    assert (vnp.shape([[1, 2]]), vnp.ndim(3), vnp.size([1, 2])) == ((1, 2), 0, 2)


def test_resize():
    for n, new in [(3, (2, 4)), (6, 4), (1, (3,)), (0, (2,))]:
        pair = twins(numbers(n))
        same(vnp.resize(pair.x, new), np.resize(pair.values, new))


# ------------------------------------------------------------------ broadcasting


@quick
@given(shape=shapes(1, 4, smallest=1), ones=st.lists(st.booleans(), min_size=4, max_size=4), cut=st.integers(0, 3))
def test_broadcasting(shape, ones, cut):
    small = tuple(1 if one else n for n, one in zip(shape, ones, strict=False))[cut:]
    a, b = twins(numbers(small)), twins(numbers(shape, seed=1))
    same(vnp.broadcast_to(a.x, shape), np.broadcast_to(a.values, shape))
    for got, want in zip(vnp.broadcast_arrays(a.x, b.x), np.broadcast_arrays(a.values, b.values), strict=True):
        same(got, want)
    assert vnp.broadcast_shapes(small, shape) == shape


def test_broadcasting_refuses():
    with pytest.raises(vf.ShapeError, match=r"\(2,\), \(3,\)"):
        vnp.broadcast_arrays(vnp.zeros(2), vnp.zeros(3))
    with pytest.raises(vf.ShapeError):
        vnp.broadcast_shapes((2,), (3,))
    with pytest.raises(vf.ShapeError):
        vnp.broadcast_to(vnp.zeros((2, 3)), (3,))
    assert vnp.broadcast_shapes(3, (2, 1)) == (2, 3)


# ------------------------------------------------------------------ the order of axes


@quick
@given(data=st.data(), pair=views())
def test_axes_in_another_order(data, pair):
    n = pair.values.ndim
    order = data.draw(st.permutations(range(n)))
    same(vnp.permute_dims(pair.x, tuple(order)), pair.values.transpose(order))
    same(vnp.transpose(pair.x), pair.values.T)
    if n:
        i, j = data.draw(st.integers(-n, n - 1)), data.draw(st.integers(-n, n - 1))
        same(vnp.moveaxis(pair.x, i, j), np.moveaxis(pair.values, i, j))
        same(vnp.swapaxes(pair.x, i, j), np.swapaxes(pair.values, i, j))
        same(vnp.rollaxis(pair.x, i, j), np.rollaxis(pair.values, i, j))
        same(vnp.moveaxis(pair.x, list(range(n)), order), np.moveaxis(pair.values, list(range(n)), order))
    if n > 1:
        same(vnp.matrix_transpose(pair.x), np.swapaxes(pair.values, -1, -2))


def test_axes_are_checked():
    x = vnp.zeros((2, 3))
    for wrong in [(0,), (0, 0), (0, 1, 2)]:
        with pytest.raises(ValueError, match="permute_dims"):
            vnp.permute_dims(x, wrong)
    with pytest.raises(vf.InputError, match="a place for each"):
        vnp.moveaxis(x, (0, 1), 0)
    with pytest.raises(vf.ShapeError):
        vnp.matrix_transpose(vnp.zeros(3))
    with pytest.raises(vf.RangeError):
        vnp.swapaxes(x, 0, 2)


@quick
@given(data=st.data(), pair=views())
def test_flip(data, pair):
    same(vnp.flip(pair.x), np.flip(pair.values))
    for axis in range(-pair.values.ndim, pair.values.ndim):
        same(vnp.flip(pair.x, axis=axis), np.flip(pair.values, axis))
    if pair.values.ndim > 1:
        same(vnp.flipud(pair.x), np.flipud(pair.values))
        same(vnp.fliplr(pair.x), np.fliplr(pair.values))
        k = data.draw(st.integers(-5, 5))
        axes = data.draw(st.sampled_from([(0, 1), (1, 0), (0, -1)]))
        same(vnp.rot90(pair.x, k, axes), np.rot90(pair.values, k, axes))


@pytest.mark.parametrize(
    "view",
    [
        lambda x: vnp.permute_dims(x, (1, 0)),
        vnp.flip,
        lambda x: vnp.squeeze(x[None]),
        lambda x: vnp.expand_dims(x, axis=1),
        lambda x: vnp.moveaxis(x, 0, 1),
        lambda x: vnp.swapaxes(x, 0, 1),
        vnp.rot90,
        vnp.ravel,
        vnp.matrix_transpose,
        lambda x: vnp.split(x, 2, axis=1)[1],
        lambda x: vnp.unstack(x)[1],
        vnp.diagonal,
        vnp.diag,
        vnp.atleast_3d,
    ],
)
def test_views_share_memory(view):
    x = vnp.arange(12).reshape(3, 4)
    assert shares(view(x), x)
    lazy = x + 1  # not yet in memory
    assert shares(view(lazy), lazy)


@pytest.mark.parametrize(
    "copy",
    [
        lambda x: vnp.concat([x]),
        lambda x: vnp.stack([x]),
        lambda x: vnp.tile(x, 1),
        lambda x: vnp.tile(x, (1, 1, 1)),
        vnp.block,
        vnp.nan_to_num,
        lambda x: vnp.meshgrid(x[0])[0],
        lambda x: vnp.meshgrid(x[0], x[1], sparse=True)[1],
        lambda x: vnp.repeat(x, 1, axis=0),
        lambda x: vnp.roll(x, 0),
        lambda x: vnp.pad(x, 0),
        lambda x: vnp.broadcast_to(x, x.shape),
        lambda x: vnp.delete(x, [], axis=0),
        vnp.copy,
        vnp.array,
    ],
)
def test_new_arrays_do_not(copy):
    x = vnp.arange(12).reshape(3, 4)
    assert not shares(copy(x), x)


# ------------------------------------------------------------------ put together


@quick
@given(data=st.data(), shape=shapes(1, 3))
def test_concat_and_stack(data, shape):
    dtypes = data.draw(st.lists(st.sampled_from(["int32", "float32", "uint32"]), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = []
    for i, dtype in enumerate(dtypes):
        own = list(shape)
        own[axis] = data.draw(st.integers(0, 3))
        parts.append(twins(numbers(own, dtype, seed=i)))
    same(vnp.concat([p.x for p in parts], axis=axis), np.concatenate([p.values for p in parts], axis=axis))
    same(vnp.concat([p.x for p in parts], axis=None), np.concatenate([p.values for p in parts], axis=None))
    alike = [twins(numbers(shape, dtype, seed=i)) for i, dtype in enumerate(dtypes)]
    for axis in range(-len(shape) - 1, len(shape) + 1):
        same(vnp.stack([p.x for p in alike], axis=axis), np.stack([p.values for p in alike], axis=axis))


@pytest.mark.parametrize("dtype", DTYPES)
def test_concat_of_any_dtype(dtype):
    skip_where_lacking(dtype)
    a, b = twins(numbers((2, 3), dtype)), twins(numbers((1, 3), dtype, seed=1))
    same(vnp.concat([a.x, b.x]), np.concatenate([a.values, b.values]))
    same(vnp.roll(a.x, 1, axis=1), np.roll(a.values, 1, axis=1))
    same(vnp.repeat(a.x, 2, axis=0), np.repeat(a.values, 2, axis=0))
    same(vnp.tile(a.x, (2, 2)), np.tile(a.values, (2, 2)))
    same(vnp.pad(a.x, 1), np.pad(a.values, 1))
    same(vnp.pad(a.x, 1, mode="edge"), np.pad(a.values, 1, mode="edge"))


@pytest.mark.parametrize("name", ["hstack", "vstack", "dstack", "column_stack"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)])
def test_the_stack_family(name, shape):
    a, b = twins(numbers(shape)), twins(numbers(shape, seed=1))
    same(getattr(vnp, name)([a.x, b.x]), getattr(np, name)([a.values, b.values]))


def test_stack_refuses():
    for wrong in [[], [vnp.zeros(2), vnp.zeros(3)]]:
        with pytest.raises(vf.ShapeError):
            vnp.stack(wrong)
    for wrong in [[], [vnp.zeros(2), vnp.zeros((2, 2))], [vnp.zeros(()), vnp.zeros(())]]:
        with pytest.raises(vf.ShapeError):
            vnp.concat(wrong)
    with pytest.raises(vf.ShapeError, match="beside axis 1"):
        vnp.concat([vnp.zeros((2, 2)), vnp.zeros((3, 2))], axis=1)
    with pytest.raises(vf.RangeError):
        vnp.concat([vnp.zeros(2)], axis=1)
    with pytest.raises(vf.ArgumentTypeError, match=r"vf\.asarray"):
        vnp.concat([vnp.zeros(2), np.zeros(2)])


def test_block():
    a, b = np.arange(4.0).reshape(2, 2), np.ones((2, 1))
    x, y = vf.asarray(a), vf.asarray(b)
    cases = [
        ([[x, y], [y, x]], [[a, b], [b, a]]),
        ([x, y], [a, b]),
        (x, a),
        ([[x, y]], [[a, b]]),
        ([1, vf.asarray(a[0])], [1, a[0]]),
    ]
    for ours, theirs in cases:
        same(vnp.block(ours), np.block(theirs))
    for wrong in [[], [x, [x]]]:
        with pytest.raises(vf.ShapeError):
            vnp.block(wrong)


def test_joiners():
    x, values = twins(numbers(3))
    same(vnp.r_[x, x], np.r_[values, values])
    same(vnp.r_[0:4], np.r_[0:4], default=True)
    same(vnp.r_[0:1:5j], np.r_[0:1:5j], default=True)
    same(vnp.c_[x, x], np.c_[values, values])
    same(x[vnp.s_[::2]], values[::2])


def test_append():
    pair = twins(numbers((2, 3)))
    same(vnp.append(pair.x, pair.x[:1], axis=0), np.append(pair.values, pair.values[:1], axis=0))
    same(vnp.append(pair.x, pair.x), np.append(pair.values, pair.values))


# ------------------------------------------------------------------ taken apart


@quick
@given(pair=views(least=1), parts=st.integers(1, 5), ends=st.lists(st.integers(-5, 5), max_size=3))
def test_split(pair, parts, ends):
    for axis in range(pair.values.ndim):
        for how in (parts, ends):
            ours, theirs = vnp.array_split(pair.x, how, axis), np.array_split(pair.values, how, axis)
            assert len(ours) == len(theirs)
            for got, want in zip(ours, theirs, strict=True):
                same(got, want)
    for got, want in zip(vnp.unstack(pair.x), pair.values, strict=True):
        same(got, want)


def test_split_into_equal_parts():
    x, values = twins(numbers((4, 6, 2)))
    for name in ("hsplit", "vsplit", "dsplit"):
        for got, want in zip(getattr(vnp, name)(x, 2), getattr(np, name)(values, 2), strict=True):
            same(got, want)
    with pytest.raises(ValueError, match="equal"):
        vnp.split(x, 3)
    with pytest.raises(vf.InputError):
        vnp.array_split(x, 0)
    assert len(vnp.split(x, [1, 3])) == 3


# ------------------------------------------------------------------ again and again


@quick
@given(pair=views(), times=st.integers(0, 3), data=st.data())
def test_repeat(pair, times, data):
    same(vnp.repeat(pair.x, times), np.repeat(pair.values, times))
    for axis in range(-pair.values.ndim, pair.values.ndim):
        same(vnp.repeat(pair.x, times, axis=axis), np.repeat(pair.values, times, axis=axis))
        n = pair.values.shape[axis]
        each = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
        if n != 1 and n:
            same(vnp.repeat(pair.x, vf.asarray(np.array(each)), axis=axis), np.repeat(pair.values, each, axis=axis))


def test_repeat_refuses():
    with pytest.raises(vf.InputError, match="negative"):
        vnp.repeat(vnp.zeros(2), -1)
    with pytest.raises(vf.ShapeError):
        vnp.repeat(vnp.zeros(2), [1, 2, 3])


@quick
@given(pair=views(), times=st.lists(st.integers(0, 3), max_size=4))
def test_tile(pair, times):
    same(vnp.tile(pair.x, tuple(times)), np.tile(pair.values, tuple(times)))


@quick
@given(pair=views(), data=st.data())
def test_roll(pair, data):
    n = pair.values.ndim
    by = data.draw(st.integers(-9, 9))
    same(vnp.roll(pair.x, by), np.roll(pair.values, by))
    axes = data.draw(st.lists(st.integers(-n, n - 1), min_size=1, max_size=3)) if n else []
    if axes:
        shifts = data.draw(st.lists(st.integers(-5, 5), min_size=len(axes), max_size=len(axes)))
        same(vnp.roll(pair.x, tuple(shifts), axis=tuple(axes)), np.roll(pair.values, tuple(shifts), axis=tuple(axes)))
        same(vnp.roll(pair.x, by, axis=tuple(axes)), np.roll(pair.values, by, axis=tuple(axes)))


# ------------------------------------------------------------------ in between


@pytest.mark.parametrize(
    "where", [1, -1, [0, 2], [1, 1, 3], [], slice(0, 3, 2), np.array([True, False, True, False])], ids=str
)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_delete_and_insert(where, axis):
    pair = twins(numbers((4, 4)))
    if not (axis is None and isinstance(where, np.ndarray)):  # as long as the axis
        same(vnp.delete(pair.x, where, axis), np.delete(pair.values, where, axis))
        same(vnp.insert(pair.x, where, 7, axis), np.insert(pair.values, where, 7, axis))


@pytest.mark.parametrize("place", [[1], slice(1, 2), np.array([-1]), 1])
def test_insert_of_several_before_one_entry(place):
    x, values = twins(numbers((2, 3)))
    for axis, new in ((0, [[1, 2, 3], [4, 5, 6]]), (1, [[7], [8]]), (None, [4, 5])):
        given = [7, 8] if axis == 1 and isinstance(place, int) else new
        same(vnp.insert(x, place, given, axis=axis), np.insert(values, place, given, axis=axis))


ODD = {
    "insert": lambda x: vnp.insert(x, True, 1),
    "delete": lambda x: vnp.delete(x, True),
    "stack": lambda x: vnp.stack(3),
    "lexsort": lambda x: vnp.lexsort(x[0, 0]),
    "expand_dims": lambda x: vnp.expand_dims(x, None),
    "vsplit": lambda x: vnp.vsplit(x[0], 1),
    "dsplit": lambda x: vnp.dsplit(x, 1),
    "triu": lambda x: vnp.triu(x, None),
    "concat": lambda x: vnp.concat([x, x], dtype=vnp.int32),
    "stack of dtype": lambda x: vnp.stack([x, x], dtype=vnp.int32),
}


@pytest.mark.parametrize("call", ODD.values(), ids=ODD)
def test_odd_places_and_parts_are_typed_errors(call):
    with pytest.raises(vf.VulkanForgeError):
        call(vnp.zeros((2, 3), dtype=vnp.float32))


def test_insert_of_several():
    pair, new = twins(numbers((3, 4))), twins(numbers((2, 4), seed=5))
    same(vnp.insert(pair.x, 1, new.x, axis=0), np.insert(pair.values, 1, new.values, axis=0))
    same(vnp.insert(pair.x, [0, 3], new.x, axis=0), np.insert(pair.values, [0, 3], new.values, axis=0))
    same(
        vnp.insert(pair.x, [1], vf.asarray(np.array([[1], [2], [3]])), axis=1),
        np.insert(pair.values, [1], [[1], [2], [3]], axis=1),
    )
    same(vnp.insert(vnp.asarray([1.5, 2.5]), 1, 7), np.insert([1.5, 2.5], 1, 7), default=True)
    with pytest.raises(vf.RangeError):
        vnp.insert(pair.x, [9], 1, axis=0)
    with pytest.raises(vf.RangeError):
        vnp.delete(pair.x, 4, axis=0)


# ------------------------------------------------------------------ padding


@pytest.mark.parametrize(
    "mode", ["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "maximum", "minimum", "mean"]
)
@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("width", [0, 2, (1, 3), ((1, 2), (0, 4)), ((2,), (1,))], ids=str)
def test_pad(mode, dtype, width):
    for shape in [(3, 4), (1, 2)]:
        x, values = twins(numbers(shape, dtype))
        close = 1e-6 if dtype == "float32" and mode in ("linear_ramp", "mean") else 0
        same(vnp.pad(x, width, mode=mode), np.pad(values, width, mode=mode), close=close)


def test_pad_options():
    x, values = twins(numbers((3, 4), "float32"))
    same(vnp.pad(x, 2, constant_values=5), np.pad(values, 2, constant_values=5))
    same(vnp.pad(x, 1, constant_values=((1, 2), (3, 4))), np.pad(values, 1, constant_values=((1, 2), (3, 4))))
    same(vnp.pad(x, 2, mode="maximum", stat_length=2), np.pad(values, 2, mode="maximum", stat_length=2))
    same(
        vnp.pad(x, 2, mode="minimum", stat_length=((1, 2), (3, 1))),
        np.pad(values, 2, mode="minimum", stat_length=((1, 2), (3, 1))),
    )
    same(
        vnp.pad(x, 3, mode="linear_ramp", end_values=((9, 8), (7, 6))),
        np.pad(values, 3, mode="linear_ramp", end_values=((9, 8), (7, 6))),
        close=1e-5,
    )
    same(vnp.pad(x, {-1: (1, 2)}), np.pad(values, ((0, 0), (1, 2))))
    assert vnp.pad(x, 1, mode="empty").shape == (5, 6)
    for wrong in [
        {"mode": "nearest"},
        {"constant_values": 1, "mode": "edge"},
        {"mode": "reflect", "reflect_type": "odd"},
    ]:
        with pytest.raises(vf.InputError):
            vnp.pad(x, 1, **wrong)
    with pytest.raises(vf.InputError, match="negative"):
        vnp.pad(x, -1)
    for length in (-1, 0, ((1, 0), (1, 1)), 1.5):
        with pytest.raises(vf.InputError, match="stat_length"):
            vnp.pad(x, 1, mode="mean", stat_length=length)
    with pytest.raises(vf.ShapeError):
        vnp.pad(x, ((1, 2), (3, 4), (5, 6)))
    with pytest.raises(vf.ShapeError, match="nothing to repeat"):
        vnp.pad(vnp.zeros((0, 2)), 1, mode="edge")
