"""Arrays made from NumPy's: what is copied, what is shared, what is refused, and how long memory lives."""

import copy
import functools
import gc
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu
DTYPES = [
    *("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
FOREIGN = {
    "byte-swapped": np.ones(3, ">f4"),
    "object": np.array([None, 1]),
    "str": np.array(["a"]),
    "bytes": np.array([b"a"]),
    "datetime": np.array(["2020-01-01"], "M8[D]"),
    "timedelta": np.array([1], "m8[s]"),
    "longdouble": np.ones(2, np.longdouble),
    "clongdouble": np.ones(2, np.clongdouble),
    "structured": np.ones(2, [("a", "f4"), ("b", "i4")]),
    "void": np.zeros(2, "V4"),
}


def samples(dtype, count=64):
    rng = np.random.default_rng(7)
    raw = rng.integers(0, 256, count * np.dtype(dtype).itemsize, dtype=np.uint8)
    return raw % 2 > 0 if dtype == "bool" else raw[: count * np.dtype(dtype).itemsize].view(dtype)


def same_bits(got, wanted):
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    assert got.tobytes() == wanted.tobytes()


def from_host(values, device=None):
    try:
        return vf.from_host(values, device=device)
    except vf.UnsupportedError:
        pytest.skip("this device cannot import host memory")


@st.composite
def strided(draw):
    """Any dtype, 0 to 4 axes, steps of either sign, axes in any order, broadcast ones among them."""
    dtype = draw(st.sampled_from(DTYPES))
    whole = tuple(draw(st.lists(st.integers(0, 6), max_size=4)))
    base = np.resize(samples(dtype), whole)
    index = tuple(
        slice(draw(st.none() | st.integers(-n, n)), None, draw(st.sampled_from([1, 2, 3, -1, -2]))) for n in whole
    )
    view = base[(*index, ...)].transpose(draw(st.permutations(range(len(whole)))))
    if draw(st.booleans()) and view.ndim < 4:
        view = np.broadcast_to(view, (draw(st.integers(0, 3)), *view.shape))
    return view


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_round_trips(any_device, dtype):
    values = samples(dtype).reshape(4, 16)
    x = vf.asarray(values, device=any_device)
    assert x.dtype == np.dtype(dtype)
    assert (x.shape, x.strides, x.ndim, x.size) == ((4, 16), values.strides, 2, 64)
    assert (x.nbytes, x.itemsize, len(x), x.writable) == (values.nbytes, values.itemsize, 4, True)
    assert x.device.name == any_device.name
    same_bits(x, values)
    same_bits(x.numpy(), values)


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_dtypes_are_refused_with_what_to_do(device, name):
    before = device.counts()
    for make in (vf.asarray, vf.from_host):
        with pytest.raises(vf.DtypeError) as caught:
            make(FOREIGN[name])
        assert caught.value.code == "BAD_DTYPE"
        assert isinstance(caught.value, TypeError)
        assert isinstance(caught.value, ValueError)
        assert "expected bool, (u)int8 to (u)int64, float16 to float64" in str(caught.value)
        assert f"got {FOREIGN[name].dtype}" in str(caught.value)
    with pytest.raises(vf.DtypeError):
        vf.empty(3, dtype=FOREIGN[name].dtype)
    with pytest.raises(vf.DtypeError):
        vf.asarray([1], dtype=FOREIGN[name].dtype)
    assert device.counts() == before


def test_the_message_tells_how_to_mend_a_dtype():
    with pytest.raises(vf.DtypeError, match=r"a\.astype\(a\.dtype\.newbyteorder\('='\)\)"):
        vf.asarray(FOREIGN["byte-swapped"])
    with pytest.raises(vf.DtypeError, match=r"a\.astype\('int64'\)"):
        vf.asarray(FOREIGN["datetime"])


@pytest.mark.parametrize("values", [["a", "b"], [None], [{}], [10**30], "text"])
def test_python_values_without_a_dtype_are_refused(values):
    with pytest.raises(vf.DtypeError):
        vf.asarray(values)


def test_masked_arrays_are_refused():
    for make in (vf.asarray, vf.from_host):
        with pytest.raises(vf.ArgumentTypeError, match=r"mask would be lost.*a\.filled\(value\)"):
            make(np.ma.masked_array([1.0, 2.0], mask=[True, False]))


def test_more_than_8_axes_are_refused():
    same_bits(vf.asarray(np.ones((1,) * 8)), np.ones((1,) * 8))
    for make in (vf.asarray, vf.from_host):
        with pytest.raises(vf.ShapeError, match="too many dimensions; expected at most 8; got 9") as caught:
            make(np.ones((1,) * 9))
        assert caught.value.code == "BAD_SHAPE"
    with pytest.raises(vf.ShapeError, match="at most 8"):
        vf.empty((1,) * 9)


@settings(max_examples=150, deadline=None)
@given(values=strided())
def test_asarray_of_any_strides(values):
    x = vf.asarray(values)
    if values.size:
        assert x.strides == np.empty(values.shape, values.dtype).strides
    same_bits(x, values)


@settings(max_examples=150, deadline=None)
@given(values=strided())
def test_from_host_of_any_strides(values):
    x = from_host(values)
    same_bits(x, values)
    same_bits(x.numpy(), values)
    assert x.shape == values.shape
    if values.size:
        assert x.strides == values.strides
        assert x.writable == values.flags.writeable


@functools.cache
def staging_device():
    return native._testing.open_device(force_staging=True)


@settings(max_examples=100, deadline=None)
@given(values=strided())
def test_strided_arrays_pass_through_staging(values):
    same_bits(vf.asarray(values, device=staging_device()), values)


@settings(max_examples=40, deadline=None)
@given(values=hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=5)), data=st.data())
def test_map_of_strided_memory_writes_where_numpy_would(values, data):
    base = np.zeros((*values.shape, 2), np.float32)
    target = np.flip(base[..., 0], axis=data.draw(st.integers(0, values.ndim - 1)))
    with from_host(target).map() as view:
        view[...] = values
    same_bits(target, values)
    assert not base[..., 1].any()


def test_a_map_that_nobody_holds_at_the_end_is_sent(any_device):
    """NumPy's own memory, where the device's is out of the host's sight, goes as soon as it can."""
    x = vf.asarray(np.zeros(10_000, np.float32), device=any_device)
    with x.map() as view:
        view[:] = 7
        del view
    same_bits(x, np.full(10_000, 7, np.float32))


def test_a_copy_does_not_follow_its_source(any_device):
    values = np.arange(4.0)
    x = vf.asarray(values, device=any_device)
    values[:] = -1
    assert x.tolist() == [0, 1, 2, 3]


def test_shared_memory_goes_both_ways(any_device):
    values = np.arange(10, dtype=np.int32)
    x = from_host(values, any_device)
    assert np.shares_memory(np.asarray(x), values)
    values[3] = 33
    assert x.tolist()[3] == 33
    with x.map() as view:
        assert np.shares_memory(view, values)
        view[4] = 44
    assert values[4] == 44


@pytest.mark.parametrize("offset", [0, 1, 3, 4, 12, 4095, 4096])
def test_shared_memory_at_any_alignment(offset):
    raw = np.zeros(3 * 4096, np.uint8)
    values = raw[offset : offset + 4000]
    x = from_host(values)
    with x.map() as view:
        view[:] = 7
    assert values.min() == 7
    assert raw.sum(dtype=int) == 7 * 4000


def test_a_shared_arrays_own_strides_are_kept():
    values = np.arange(24, dtype=np.int16).reshape(4, 6)
    for part in (values.T, values[::-1], values[:, ::2], values[1:3, ::-2], np.broadcast_to(values[0], (3, 6))):
        x = from_host(part)
        assert x.strides == part.strides
        same_bits(x, part)
        same_bits(vf.asarray(x, copy=True), part)


def test_read_only_memory_stays_read_only(any_device):
    values = np.arange(4.0)
    values.flags.writeable = False
    x = from_host(values, any_device)
    assert not x.writable
    with pytest.raises(vf.ReadOnlyError, match=r"vf\.asarray") as caught, x.map():
        pass
    assert caught.value.code == "READ_ONLY"
    assert vf.asarray(x, copy=True).writable


def test_empty_and_scalar_arrays(any_device):
    for shape in [(0,), (0, 5), (3, 0, 2), ()]:
        values = np.zeros(shape, np.float32)
        for x in (vf.asarray(values, device=any_device), from_host(values, any_device)):
            same_bits(x, values)
            assert (x.shape, x.size) == (shape, values.size)
            with x.map() as view:
                view[...] = 1
            same_bits(x, np.ones(shape, np.float32))
    with pytest.raises(TypeError, match="0-dimensional"):
        len(vf.asarray(3.0))
    assert vf.asarray(np.float32(3)).item() == 3
    with pytest.raises(ValueError, match="size 1"):
        vf.asarray([1, 2]).item()


def test_python_values_become_arrays():
    assert vf.asarray([[1, 2], [3, 4]]).dtype == np.dtype(int)
    assert vf.asarray([True]).dtype == np.dtype(bool)
    assert vf.asarray(2.5).shape == ()
    assert vf.asarray([1 + 2j]).tolist() == [1 + 2j]
    assert vf.asarray(range(3)).tolist() == [0, 1, 2]
    assert vf.asarray(bytearray(b"ab"), dtype=np.uint8).dtype == np.uint8


def test_dtype_is_cast_where_asked_for():
    x = vf.asarray([1.5, 2.5], dtype="float32")
    assert (x.dtype, x.tolist()) == (np.float32, [1.5, 2.5])
    y = vf.asarray(x, dtype=np.int32)
    assert (y.dtype, y.tolist()) == (np.int32, [1, 2])
    assert vf.asarray(np.float64(1.0)).dtype == np.float64


def test_asarray_of_an_array(device):
    x = vf.asarray([1.0, 2.0])
    assert vf.asarray(x) is x
    assert vf.asarray(x, dtype=np.float64, copy=False) is x
    y = vf.asarray(x, copy=True)
    with y.map() as view:
        view[:] = 0
    assert x.tolist() == [1, 2]
    with vf.Device() as other:
        moved = vf.asarray(x, device=other)
        assert moved.device.counts()["buffers"] == 1
        assert moved.tolist() == [1, 2]
        with pytest.raises(vf.InteropError, match="copy=False, but another dtype or device needs a copy"):
            vf.asarray(x, device=other, copy=False)
    with pytest.raises(vf.InteropError, match="copy=False"):
        vf.asarray(x, dtype=np.float32, copy=False)


def test_copy_false_shares_or_raises():
    values = np.arange(3.0)
    x = vf.asarray(values, copy=False)
    assert np.shares_memory(np.asarray(x), values)
    with pytest.raises(vf.InteropError, match="copy=False") as caught:
        vf.asarray([1.0, 2.0], copy=False)
    assert caught.value.code == "INTEROP"
    with pytest.raises(vf.VulkanForgeError, match="copy=False"):
        vf.asarray(values, dtype=np.float32, copy=False)


def test_options_are_keywords():
    with pytest.raises(TypeError):
        vf.asarray([1.0], np.float32)
    with pytest.raises(TypeError):
        vf.empty(3, np.float32)


@pytest.mark.parametrize("values", [[1.0], b"bytes", None, 1.0])
def test_only_an_ndarray_has_host_memory_to_share(values):
    with pytest.raises(vf.ArgumentTypeError, match=r"not a NumPy array; expected numpy\.ndarray") as caught:
        vf.from_host(values)
    assert caught.value.code == "BAD_TYPE"


def test_shapes_are_checked():
    assert vf.empty(3).shape == (3,)
    assert vf.empty(np.int8(3)).shape == (3,)
    assert vf.empty([2, np.uint8(3)]).shape == (2, 3)
    assert vf.empty(()).shape == ()
    for shape, error in [(-1, vf.ShapeError), ((2, -1), vf.ShapeError), (1.5, vf.ArgumentTypeError)]:
        with pytest.raises(error, match="shape"):
            vf.empty(shape)
    for shape in ("3", None, (1.0,), {3}):
        with pytest.raises(vf.ArgumentTypeError):
            vf.empty(shape)


def test_repr_shows_the_values(any_device):
    x = vf.asarray(np.array([[1, 2], [3, 4]], np.int16), device=any_device)
    assert repr(x) == "Array([[1, 2],\n       [3, 4]], dtype=int16)"
    assert repr(vf.asarray(np.zeros(5000), device=any_device)).endswith(
        "..., 0., 0., 0.], shape=(5000,), dtype=float64)"
    )
    assert repr(vf.empty((0, 3), dtype=np.int8, device=any_device)) == "Array([], shape=(0, 3), dtype=int8)"
    assert repr(vf.empty(0, dtype=np.int8, device=any_device)) == "Array([], dtype=int8)"


def test_map_writes(any_device):
    x = vf.asarray(np.zeros((2, 3), np.float32), device=any_device)
    with x.map() as view:
        assert view.flags.writeable
        view[1] = 5
    assert x.tolist() == [[0, 0, 0], [5, 5, 5]]
    with pytest.raises(ZeroDivisionError), x.map() as view:
        view[0] = 1 / 0
    with x.map() as outer, x.map() as inner:
        inner[0, 0] = outer[1, 1]
    with x.map() as view:
        assert view[1, 2] == 5


def test_methods_raise_after_close():
    x = vf.asarray([1.0])
    x.close()
    x.close()
    assert x.closed
    assert repr(x) == "Array(closed)"
    names = ["shape", "strides", "dtype", "ndim", "size", "nbytes", "itemsize", "writable", "device"]
    calls = [*(lambda name=name: getattr(x, name) for name in names), x.map, x.numpy, x.item, x.tolist]
    for call in [*calls, lambda: len(x), lambda: np.asarray(x), lambda: vf.asarray(x), x.__dlpack__]:
        with pytest.raises(vf.StateError, match=r"Array was used after close\(\)"):
            call()


def test_with_closes_after_an_error():
    with pytest.raises(ZeroDivisionError), vf.asarray([1.0]) as x:
        _ = 1 / 0
    assert x.closed


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(duplicate):
    with vf.asarray([1.0]) as x, pytest.raises(TypeError, match="Array owns native memory and cannot be copied"):
        duplicate(x)


def test_views_outlive_close_collection_and_the_device():
    x = vf.asarray(np.arange(1000.0))
    views = [np.asarray(x), x.numpy()]
    if x.device.shares_memory_with_host:
        views.append(np.asarray(memoryview(x)))
        views.append(np.from_dlpack(x))
        with x.map() as mapped:
            views.append(mapped)
    x.close()
    del x
    gc.collect()
    vf.release_default_device()
    gc.collect()
    churn = [vf.asarray(np.full(1000, -1.0)) for _ in range(20)]
    for view in views:
        np.testing.assert_array_equal(view, np.arange(1000.0))
    del churn


def test_a_view_holds_memory_only_as_long_as_it_lives(shared):
    x = vf.asarray(np.zeros(1 << 18), device=shared)
    view = np.asarray(x)[3:10]
    x.close()
    assert shared.counts()["buffers"] == 1
    del view
    gc.collect()
    assert shared.counts()["buffers"] == 0


class Tracked(np.ndarray):
    """An ndarray that weak references may watch."""


def test_a_shared_ndarray_is_kept_alive_and_let_go(shared):
    values = np.arange(100.0).view(Tracked)
    watch = weakref.ref(values)
    x = from_host(values, shared)
    view = np.asarray(x)
    del values
    gc.collect()
    assert watch() is not None
    assert view[99] == 99
    x.close()
    del x
    gc.collect()
    assert watch() is not None
    del view
    gc.collect()
    shared.wait_idle()
    assert shared.counts()["imports"] == 0
    assert watch() is None


def test_arrays_in_a_cycle_are_collected(shared):
    class Node:
        pass

    node = Node()
    node.x, node.me = vf.asarray(np.zeros(10), device=shared), node
    assert shared.counts()["buffers"] == 1
    del node
    gc.collect()
    assert shared.counts()["buffers"] == 0


@pytest.mark.parametrize("key", [np.s_[::2], np.s_[::-1], np.s_[1:9:3]])
def test_writes_to_a_mapped_view_arrive_where_memory_is_out_of_sight(staging, key):
    expected = np.arange(10, dtype=np.float32)
    x = vf.asarray(expected, device=staging)
    with x[key].map() as view:
        view[:] = np.arange(100, 100 + view.size)
    expected[key] = np.arange(100, 100 + expected[key].size)
    np.testing.assert_array_equal(x.numpy(), expected)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(vf.InputError, match="rows of equal length"):
        vf.asarray([[1], [1, 2]])
