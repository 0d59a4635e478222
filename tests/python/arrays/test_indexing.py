"""Reading and writing by index arrays and masks, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, shapes, skip_where_lacking, slices, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=150)
INDEX_DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def index_arrays(extent, shape):
    """Host arrays that fit an axis, or now and then do not."""
    least = -extent - (extent == 0)
    inside = st.integers(least, max(extent - 1, 0))
    count = int(np.prod(shape, dtype=int))
    return st.lists(inside, min_size=count, max_size=count).map(lambda rows: np.array(rows, np.int64).reshape(shape))


@st.composite
def keys(draw, shape):
    """A key with one index array or mask at least, and basic parts around."""
    parts, axis = [], 0
    common = draw(shapes(0, 2, side=3))
    arrays = 0
    while axis < len(shape):
        kind = draw(st.sampled_from(["int", "slice", "array", "array", "mask", "none"]))
        if kind == "none" and not any(part is None for part in parts):
            parts.append(None)
            continue
        if kind == "int" and shape[axis]:
            parts.append(draw(st.integers(-shape[axis], shape[axis] - 1)))
        elif kind == "array":
            own = tuple(draw(st.sampled_from([1, n])) for n in common)[draw(st.integers(0, len(common))) :]
            parts.append(draw(index_arrays(shape[axis], own)))
            arrays += 1
        elif kind == "mask" and len(common) < 2:
            taken = draw(st.integers(1, len(shape) - axis))
            extents = shape[axis : axis + taken]
            count = int(np.prod(extents, dtype=int))
            rows = draw(st.lists(st.booleans(), min_size=count, max_size=count))
            parts.append(np.array(rows, bool).reshape(extents))
            arrays += 1
            axis += taken - 1
        else:
            parts.append(draw(slices(shape[axis])))
        axis += 1
    if not arrays:
        parts.insert(0, np.array(draw(st.booleans())))
    cut = draw(st.integers(0, len(parts)))
    if draw(st.booleans()):
        parts.insert(cut, Ellipsis)
    return tuple(parts)


@st.composite
def in_our_words(draw, key):
    """The same key, whose arrays are ours, NumPy's or lists."""
    said = []
    for part in key:
        if isinstance(part, np.ndarray):
            # Without axes it is an int to NumPy, which is checked even where other arrays leave nothing to index.
            how = (
                draw(st.sampled_from(["ours", "ours", "numpy", "list"])) if part.ndim or part.dtype == bool else "numpy"
            )
            if how == "ours":
                part = vf.asarray(
                    part if part.dtype == bool else part.astype(draw(st.sampled_from(["int32", "int64"])))
                )
            elif how == "list" and part.ndim:
                part = part.tolist() if part.size else part
        said.append(part)
    return tuple(said)


def outcome(function):
    """What it gives, or None where it refuses."""
    try:
        return function()
    except (IndexError, ValueError):
        return None


@quick
@given(data=st.data(), pair=views(most=4))
def test_getitem(data, pair):
    key = data.draw(keys(pair.values.shape))
    said = data.draw(in_our_words(key))
    want = outcome(lambda: pair.values[key])
    if want is None:
        with pytest.raises((vf.RangeError, vf.ShapeError)):
            pair.x[said].numpy()
    else:
        same(pair.x[said], want)


@quick
@given(data=st.data(), pair=views(most=4))
def test_setitem(data, pair):
    key = data.draw(keys(pair.values.shape))
    said = data.draw(in_our_words(key))
    part = outcome(lambda: pair.values[key])
    if part is None:
        return
    cut = data.draw(st.integers(0, part.ndim))
    shape = tuple(data.draw(st.sampled_from([1, n])) for n in part.shape)[cut:]
    value = numbers(shape, seed=7) + 100
    want = pair.values.copy()
    want[key] = value
    pair.x[said] = vf.asarray(value) if data.draw(st.booleans()) or not value.size else value.tolist()
    same(pair.x, want)


@quick
@given(data=st.data(), pair=views(least=1))
def test_whole_masks(data, pair):
    axes = data.draw(st.integers(1, pair.values.ndim))
    extents = pair.values.shape[:axes]
    mask = np.random.default_rng(data.draw(st.integers(0, 99))).random(extents) < 0.5
    ours = data.draw(st.sampled_from([vf.asarray, np.asarray]))(mask)
    same(pair.x[ours], pair.values[mask])
    want = pair.values.copy()
    kept = want[mask]
    for value in (3, kept * 2, kept[:1] + 1):
        want[mask] = value
        pair.x[ours] = vf.asarray(value) if isinstance(value, np.ndarray) else value
        same(pair.x, want)


# ------------------------------------------------------------------ one by one


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_dtype_is_moved(dtype):
    skip_where_lacking(dtype)
    x, values = twins(numbers((4, 5), dtype))
    at = [3, 0, -1]
    same(x[at], values[at])
    same(x[:, vf.asarray(np.array(at, np.int32))], values[:, at])
    same(
        x[values > 3] if values.dtype.kind != "c" else x[values != 0],
        values[values > 3] if values.dtype.kind != "c" else values[values != 0],
    )
    x[at] = vf.asarray(np.ones((3, 5), dtype))
    values[at] = 1
    same(x, values)


@pytest.mark.parametrize("dtype", INDEX_DTYPES)
def test_index_dtypes(dtype):
    skip_where_lacking(dtype)
    x, values = twins(numbers((4, 5)))
    at = np.array([3, 0, 2]).astype(dtype)
    same(x[vf.asarray(at)], values[at])
    same(x[vf.asarray(at), vf.asarray(at)], values[at, at])
    same(x[at], values[at])


@pytest.mark.parametrize("far", [4, -5, 100, 2**31, 2**40, -(2**31) - 1])
def test_far_indices_are_refused_and_write_nothing(far):
    x, values = twins(numbers((4, 5)))
    dtype = np.int32 if -(2**31) <= far < 2**31 else np.int64
    ours = [np.array([0, far], dtype), [0, far], vf.asarray(np.array([0, far], dtype))]
    near = vf.asarray(np.array([0, 1], np.int32))
    for at in ours:
        for key in (at, (at, near), (near[:, None], at) if far in (100,) else (at, 0)):
            with pytest.raises(vf.RangeError, match=str(far)):
                _ = x[key]
            with pytest.raises(vf.RangeError, match=str(far)):
                x[key] = 1
    same(x, values)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x[None],
        lambda x: x[True],
        lambda x: x[[[0]]],
        lambda x: x[None, [0]],
        lambda x: vnp.take(x, vnp.asarray([[0]]), axis=0),
        lambda x: vnp.expand_dims(x, axis=0),
        lambda x: vnp.stack([x, x]),
        lambda x: vnp.quantile(x, [0.1, 0.2], axis=0, keepdims=True),
    ],
    ids=["None", "True", "array", "None and array", "take", "expand_dims", "stack", "quantile"],
)
def test_more_axes_than_there_can_be(call):
    with pytest.raises(vf.ShapeError, match="at most 8; got 9"):
        call(vnp.zeros((1,) * 8))


def test_what_is_no_key():
    x = vnp.zeros((2, 3))
    for wrong in ([0.5], np.array([0.5]), vnp.zeros(2), (0, [1.0])):
        with pytest.raises(vf.DtypeError, match="integers or bool"):
            _ = x[wrong]
    for wrong in (np.ones(3, bool), vf.asarray(np.ones((2, 2), bool)), (0, [True, False])):
        with pytest.raises(vf.ShapeError, match="mask"):
            _ = x[wrong]
    with pytest.raises(vf.RangeError, match="too many"):
        _ = x[[0], [0], [0]]
    with pytest.raises(vf.InputError, match="Ellipsis"):
        _ = x[..., [0], ...]
    with pytest.raises(vf.ShapeError, match="broadcast"):
        _ = x[[0, 1], [0, 1, 2]]
    with pytest.raises(vf.ShapeError):
        x[[0, 1]] = vnp.zeros((3, 3))
    with pytest.raises(vf.ShapeError):
        x[x == 0] = vnp.zeros(5)
    with pytest.raises(vf.ArgumentTypeError, match=r"vf\.asarray"):
        x[[0, 1]] = np.zeros((2, 3))


@pytest.mark.parametrize("key", [True, False, np.True_, (True, 0), (0, False), (None, True), np.array(True)], ids=str)
def test_single_bools(key):
    x, values = twins(numbers((2, 3)))
    same(x[key], values[key])
    x[key] = 5
    values[key] = 5
    same(x, values)
    one, alone = twins(numbers(()))
    same(
        one[key] if not isinstance(key, tuple) else one[True], alone[key] if not isinstance(key, tuple) else alone[True]
    )


def test_integer_arrays_without_axes():
    x, values = twins(numbers((3, 4)))
    at = vf.asarray(np.array(2, np.int32))
    same(x[at], np.asarray(values[2]))
    same(x[:, at], values[:, 2])
    same(x[at, at], np.asarray(values[2, 2]))
    x[at] = 9
    values[2] = 9
    same(x, values)


def test_ndarrays_without_axes_read_copies():
    x, values = twins(numbers((3, 4)))
    at = np.array(2)
    parts = x[at], x[:, at], x[at, 1:]
    wanted = values[at], values[:, at], values[at, 1:]
    x[at, at] = values[at, at] = 77
    for part, want in zip(parts, wanted, strict=True):
        same(part, want)
    same(x, values)


def test_empty_keys():
    x, values = twins(numbers((3, 4)))
    same(x[[]], values[[]])
    same(x[:, []], values[:, []])
    same(x[[], :1], values[[], :1])
    x[[]] = 5
    same(x, values)
    same(x[np.zeros((3, 4), bool)], values[np.zeros((3, 4), bool)])
    none = vnp.zeros((0, 3))
    assert none[[]].shape == (0, 3)
    assert none[np.zeros(0, bool)].shape == (0, 3)
    with pytest.raises(vf.RangeError):
        _ = none[[0]]


@pytest.mark.parametrize("place", ["host", "device"])
def test_the_last_of_several_values_counts(place):
    rng = np.random.default_rng(4)
    at = rng.integers(-50, 50, 1000).astype(np.int32)
    new = rng.integers(0, 1 << 20, (1000, 3)).astype(np.int32)
    x, values = twins(np.zeros((50, 3), np.int32))
    values[at] = new
    x[vf.asarray(at) if place == "device" else at] = vf.asarray(new)
    same(x, values)
    x, values = twins(np.zeros((3, 50), np.int32))
    values[:, at] = new.T
    x[:, vf.asarray(at) if place == "device" else at] = vf.asarray(new).T
    same(x, values)


def test_values_are_cast():
    x, values = twins(numbers((3, 4)))
    x[[0, 1]] = 2.9
    values[[0, 1]] = 2.9
    same(x, values)
    x[values > 0] = 1.5
    values[values > 0] = 1.5
    same(x, values)
    x[[2]] = vf.asarray(np.array([1.2, 2.7, 3.1, 4.9], np.float32))
    values[[2]] = [1, 2, 3, 4]
    same(x, values)


def test_writes_through_views_show_below():
    x, values = twins(numbers((4, 6)))
    x[1:, ::-2][[0, 2]] = 50
    values[1:, ::-2][[0, 2]] = 50
    same(x, values)
    x.T[x.T > 5] = -1
    values.T[values.T > 5] = -1
    same(x, values)
    x[[0, 1], ::2] += 10
    values[[0, 1], ::2] += 10
    same(x, values)


def test_reading_makes_new_memory():
    x = vnp.arange(6)
    for part in (x[[0, 1, 2]], x[x >= 0]):
        part[0] = 99
    assert x.tolist() == [0, 1, 2, 3, 4, 5]


def test_lazy_arrays():
    x, values = twins(numbers((3, 4), "float32"))
    lazy = x * 2 + 1
    lazy[lazy > 5] = 0
    want = values * 2 + 1
    want[want > 5] = 0
    same(lazy, want)
    same((x * 2)[[0, 2]], (values * 2)[[0, 2]])
    at = vf.asarray(np.array([0, 1], np.int32)) + 1
    same(x[at], values[1:])


def test_a_mask_with_a_number_is_not_waited_for():
    x = vnp.zeros(1000, dtype=np.float32)
    mask = x == 0
    before = vf.transfer_counters()["downloaded_bytes"]
    x[mask] = 3
    assert vf.transfer_counters()["downloaded_bytes"] == before
    assert x.numpy().sum() == 3000


# ------------------------------------------------------------------ functions


@quick
@given(data=st.data(), pair=views(smallest=1))
def test_take(data, pair):
    at = data.draw(st.sampled_from([0, [0, -1], [[0], [0]], []]))
    host = np.array(at, np.int32)
    for ours in (at, host, vf.asarray(host)):
        same(vnp.take(pair.x, ours, axis=None), np.take(pair.values, host))
        for axis in range(-pair.values.ndim, pair.values.ndim):
            same(vnp.take(pair.x, ours, axis=axis), np.take(pair.values, host, axis=axis))


def test_take_modes():
    x, values = twins(numbers(5))
    for mode in ("clip", "wrap"):
        same(vnp.take(x, [7, -9, 2], mode=mode), np.take(values, [7, -9, 2], mode=mode))
    with pytest.raises(vf.RangeError):
        vnp.take(x, [5])
    with pytest.raises(vf.DtypeError):
        vnp.take(x, [0.5])


@quick
@given(data=st.data(), pair=views(least=1, smallest=1))
def test_along_an_axis(data, pair):
    axis = data.draw(st.integers(-pair.values.ndim, pair.values.ndim - 1))
    order = np.argsort(pair.values, axis=axis, kind="stable")
    few = np.take(order, [0, -1], axis=axis)
    for at in (order, few, few - pair.values.shape[axis]):
        same(vnp.take_along_axis(pair.x, vf.asarray(at), axis=axis), np.take_along_axis(pair.values, at, axis=axis))
    same(vnp.take_along_axis(pair.x, [0, 0], axis=None), np.take_along_axis(pair.values, np.array([0, 0]), axis=None))
    want = pair.values.copy()
    np.put_along_axis(want, few, 50, axis=axis)
    vnp.put_along_axis(pair.x, vf.asarray(few), 50, axis=axis)
    same(pair.x, want)


def test_along_an_axis_refuses():
    x = vnp.zeros((2, 3))
    with pytest.raises(vf.ShapeError, match="as many axes"):
        vnp.take_along_axis(x, [0, 1], axis=1)
    with pytest.raises(vf.RangeError):
        vnp.take_along_axis(x, [[0], [3]], axis=1)


def test_put_place_putmask_copyto():
    x, values = twins(numbers((3, 4)))
    for at, new in [([1, -1, 5], [7, 8]), ([0], 9), ([], 1)]:
        vnp.put(x, at, new)
        np.put(values, np.array(at, int), new)
        same(x, values)
    vnp.put(x.T, [1, 2], [40, 41])
    values.T.flat[[1, 2]] = [40, 41]
    same(x, values)
    vnp.place(x, x > 5, [1, 2, 3])
    np.place(values, values > 5, [1, 2, 3])
    same(x, values)
    vnp.putmask(x, x < 0, list(range(12)))
    np.putmask(values, values < 0, list(range(12)))
    same(x, values)
    vnp.putmask(x, x == 0, 6)
    np.putmask(values, values == 0, 6)
    same(x, values)
    vnp.copyto(x, 3, where=x > 2)
    np.copyto(values, 3, where=values > 2)
    same(x, values)
    vnp.copyto(x, vf.asarray(np.arange(4)))
    np.copyto(values, np.arange(4, dtype=np.int32))
    same(x, values)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (3, 3, 3)])
def test_diagonals(shape):
    x, values = twins(numbers(shape))
    for offset in (-2, 0, 1, 9):
        same(vnp.diagonal(x, offset), np.diagonal(values, offset))
        same(vnp.diagonal(x, offset, -1, 0), np.diagonal(values, offset, -1, 0))
    vnp.fill_diagonal(x, 50)
    if len(shape) == 2:
        values[np.arange(min(shape)), np.arange(min(shape))] = 50
    else:
        np.fill_diagonal(values, 50)
    same(x, values)
    with pytest.raises(vf.ShapeError):
        vnp.diagonal(vnp.zeros(3))
    with pytest.raises(vf.InputError):
        vnp.diagonal(x, 0, 0, 0)


def test_choosing():
    x, values = twins(numbers((3, 4)))
    mask = values > 0
    for condition in ([False, True, True], vf.asarray(np.array([False, True, True]))):
        same(vnp.compress(condition, x, axis=0), np.compress([False, True, True], values, axis=0))
    same(vnp.extract(vf.asarray(mask), x), np.extract(mask, values))
    at = np.array([[0, 1, 0, 1]] * 3)
    same(vnp.choose(vf.asarray(at), [x, 7]), np.choose(at, [values, np.int32(7)]), default=True)
    with pytest.raises(vf.RangeError):
        vnp.choose(vf.asarray(at + 1), [x, x])
    with pytest.raises(vf.RangeError, match="0 to 1"):
        vnp.choose(vf.asarray(at - 1), [x, x])
    with pytest.raises(vf.DtypeError):
        vnp.choose(vf.asarray(at * 1.0), [x, x])
    small = np.array([[0, 1, 0, 1]] * 3) > 0
    same(vnp.choose(vf.asarray(small), [x, x * 2]), np.choose(small, [values, values * 2]))
    ours = vnp.select([x > 5, x < 0], [x, x * 10], 1)
    same(ours, np.select([values > 5, values < 0], [values, values * 10], np.int32(1)))
    with pytest.raises(vf.ShapeError):
        vnp.select([x > 5], [])


def test_index_arrays():
    x, values = twins(numbers((3, 4)))
    same(x[vnp.ix_([0, 2], [1, 3])], values[np.ix_([0, 2], [1, 3])])
    same(x[vnp.ix_([True, False, True], vf.asarray(np.array([1, 3])))], values[np.ix_([0, 2], [1, 3])])
    for got, want in zip(
        vnp.unravel_index(vf.asarray(np.array([5, 11])), (3, 4)), np.unravel_index([5, 11], (3, 4)), strict=True
    ):
        np.testing.assert_array_equal(got.numpy(), want)
    assert vnp.ravel_multi_index(([1, 2], [1, 3]), (3, 4)).tolist() == [5, 11]
    for position in (12, -1):
        with pytest.raises(vf.RangeError):
            vnp.unravel_index(vf.asarray(np.array([position])), (3, 4))
    for name in ("tril_indices", "triu_indices"):
        for got, want in zip(getattr(vnp, name)(3, 1, 4), getattr(np, name)(3, 1, 4), strict=True):
            np.testing.assert_array_equal(got.numpy(), want)
    assert x[vnp.diag_indices(3)].tolist() == values[np.diag_indices(3)].tolist()
    same(x[vnp.tril_indices_from(x)], values[np.tril_indices_from(values)])
    same(x[vnp.triu_indices_from(x, 1)], values[np.triu_indices_from(values, 1)])
    same(x[:3, :3][vnp.diag_indices_from(x[:3, :3])], values.diagonal())
    with pytest.raises(vf.ShapeError):
        vnp.diag_indices_from(x)


@pytest.mark.parametrize(
    ("dtype", "index", "dims"),
    [("uint8", (200, 5), (300, 10)), ("uint16", (60000, 50000), (65536, 65536)), ("int8", (1, 100, 2), (2, 101, 9))],
)
def test_flat_positions_do_not_wrap(dtype, index, dims):
    skip_where_lacking(dtype, "int64")
    parts = [np.array([one], dtype) for one in index]
    want = np.ravel_multi_index(parts, dims)
    same(vnp.ravel_multi_index([vf.asarray(part) for part in parts], dims), want)
    few = np.array([index[-1]], dtype)
    for got, wanted in zip(
        vnp.unravel_index(vf.asarray(few), (300, 300)), np.unravel_index(few, (300, 300)), strict=True
    ):
        same(got, wanted)


def test_flat_positions_of_indices_outside():
    parts = (np.array([-1, 7, 1]), np.array([-1, 12, 3]))
    ours = tuple(map(vf.asarray, parts))
    for mode in ("wrap", "clip", ("wrap", "clip")):
        same(vnp.ravel_multi_index(ours, (3, 10), mode), np.ravel_multi_index(parts, (3, 10), mode), default=True)
    for part in (0, 1):
        for at in range(2):
            inside = [vf.asarray(np.array([1])), vf.asarray(np.array([1]))]
            inside[part] = ours[part][at : at + 1]
            with pytest.raises(vf.RangeError):
                vnp.ravel_multi_index(inside, (3, 10))
            with pytest.raises(vf.RangeError):
                vnp.ravel_multi_index(inside, (3, 10), ("clip", "raise") if part else ("raise", "clip"))
    with pytest.raises(vf.InputError, match="wrap"):
        vnp.ravel_multi_index(ours, (3, 10), "bad")
    for dims in ((3,), (3, 10, 4), (2**40, 2**40)):
        with pytest.raises(vf.ShapeError):
            vnp.ravel_multi_index(ours, dims)
    with pytest.raises(vf.DtypeError):
        vnp.unravel_index(vnp.ones(2), (3, 10))


def test_what_would_be_cut_off_is_not_written():
    for value in (vf.asarray(np.array([1.5, 2.5, 3.5], np.float32)), 1.5, [1.5, 2, 3]):
        x, mask = vf.asarray(np.arange(3, dtype=np.int32)), vf.asarray([True, False, True])
        for write in (vnp.copyto, lambda x, v, m=mask: vnp.putmask(x, m, v), lambda x, v, m=mask: vnp.place(x, m, v)):
            with pytest.raises(vf.DtypeError, match="do not go into the array"):
                write(x, value)
        assert x.tolist() == [0, 1, 2]
        vnp.copyto(x, value, casting="unsafe")
        assert x.tolist()[0] == 1
    with pytest.raises(vf.InputError, match="casting"):
        vnp.copyto(x, 1, casting="some")


def test_masks_of_another_size_are_refused():
    x = vnp.zeros((2, 3))
    for write in (vnp.putmask, vnp.place):
        with pytest.raises(vf.ShapeError, match="expected 6; got 3"):
            write(x, vnp.asarray([True] * 3), 1)
    with pytest.raises(vf.ShapeError, match="one axis"):
        vnp.compress(x > 0, x)
    with pytest.raises(vf.ShapeError, match="two axes"):
        vnp.diag_indices_from(vnp.zeros(3))
    same(vnp.diag_indices(-1)[0], np.diag_indices(-1)[0], default=True)


WRITES = {  # of zeros, which equal themselves: x == x is a mask of all, of complex numbers too
    "mask": lambda vnp, x, value: x.__setitem__(x == x, value),
    "row mask": lambda vnp, x, value: x.__setitem__(vnp.asarray([True]), value),
    "list": lambda vnp, x, value: x.__setitem__([0], value),
    "copyto": lambda vnp, x, value: vnp.copyto(x, value),
    "fill_diagonal": lambda vnp, x, value: vnp.fill_diagonal(x, value),
    "put": lambda vnp, x, value: vnp.put(x, [0, 1], value),
    "put_along_axis": lambda vnp, x, value: vnp.put_along_axis(x, vnp.asarray([[0]]), value, 1),
    "putmask": lambda vnp, x, value: vnp.putmask(x, x == x, value),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("value", [300, -129, 2**70, [300]])
def test_integers_that_do_not_fit_are_refused(write, value):
    skip_where_lacking("int8")
    x, values = twins(np.zeros((1, 3), np.int8))
    with pytest.raises(vf.InputError):
        write(vnp, x, value)
    assert x.tolist() == [[0, 0, 0]]
    if (write, value) != (WRITES["copyto"], [300]):  # which NumPy wraps, of all these alone
        with pytest.raises(OverflowError):
            write(np, values, value)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("dtype", ["float32", "float16", "complex64"])
def test_integers_become_floats_as_in_numpy(write, dtype):
    skip_where_lacking(dtype)
    x, values = twins(np.zeros((1, 3), dtype))
    for value in (7, True, np.int8(3), [5]):
        write(vnp, x, value)
        write(np, values, value)
        same(x, values)
    write(vnp, x, 2**70 if dtype == "float32" else 2**10)
    assert x.numpy().real.max() == (2**70 if dtype == "float32" else 2**10)


VALUES = {
    "list": [1, 2, 3],
    "rows": [[1, 2, 3], [4, 5, 6]],
    "tuple": (1.5, 2.5, 3.5),
    "one in a list": [7],
    "extents in front": np.arange(3, dtype=np.int64).reshape(1, 1, 3),
    "one of many axes": np.full((1, 1, 1, 1), 4, np.int64),
}


@pytest.mark.parametrize("key", [(), ..., slice(None), 0, (0, ...), (slice(None), slice(0, 3)), None], ids=str)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values_of_any_key_are_brought_into_form(key, value):
    skip_where_lacking("int64")
    x, values = twins(np.zeros((2, 3), np.int32))
    ours = vf.asarray(value) if isinstance(value, np.ndarray) else value
    try:
        values[key] = value
    except ValueError:
        with pytest.raises(vf.InputError):
            x[key] = ours
        return
    x[key] = ours
    same(x, values)


@pytest.mark.parametrize("value", [[300], [1, 2], [1j], ["a"], [[1, 2, 3]] * 3])
def test_lists_that_do_not_fit_are_refused(value):
    skip_where_lacking("int8")
    x = vnp.zeros((2, 3), np.int8)
    for key in (..., 0, [0]):
        with pytest.raises(vf.InputError):
            x[key] = value
    assert not x.numpy().any()
