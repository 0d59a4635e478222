"""Arrays seen by NumPy and others: __array__, the array interface, the buffer protocol."""

import ctypes
import gc
import io

import numpy as np
import pytest
from PIL import Image

import vulkan_forge as vf

pytestmark = pytest.mark.gpu
FORMATS = {
    "bool": "?",
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "complex64": "Zf",
    "complex128": "Zd",
}


@pytest.fixture
def x(shared):
    return vf.asarray(np.arange(12, dtype=np.float32).reshape(3, 4), device=shared)


@pytest.fixture
def far(staging):
    return vf.asarray(np.arange(12, dtype=np.float32).reshape(3, 4), device=staging)


def test_asarray_is_a_read_only_view(x):
    before = vf.transfer_counters()
    view = np.asarray(x)
    assert vf.transfer_counters() == before
    assert np.shares_memory(view, np.asarray(x))
    assert not view.flags.writeable
    assert not view.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.flags.writeable = True
    with x.map() as mapped:
        mapped[0, 0] = 99
    assert view[0, 0] == 99


def test_asarray_copies_where_the_host_cannot_see(far):
    before = vf.transfer_counters()["downloaded_bytes"]
    values = np.asarray(far)
    assert vf.transfer_counters()["downloaded_bytes"] == before + 48
    assert not np.shares_memory(values, np.asarray(far))
    np.testing.assert_array_equal(values, np.arange(12).reshape(3, 4))


def test_array_copies_when_asked(x):
    for values in (np.array(x), np.asarray(x, copy=True), x.__array__(copy=True), x.numpy()):
        assert not np.shares_memory(values, np.asarray(x))
        assert values.flags.writeable
        np.testing.assert_array_equal(values, np.asarray(x))


def test_copy_false_gives_a_view_or_raises(x, far):
    assert np.shares_memory(np.asarray(x, copy=False), np.asarray(x))
    with pytest.raises(vf.InteropError, match="copy=False, but the host cannot see this device's memory"):
        np.asarray(far, copy=False)
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)
    with pytest.raises(vf.InteropError, match="copy=False, but another dtype needs a copy"):
        x.__array__(np.float64, copy=False)


def test_dtypes_are_cast_when_asked(x, far):
    for source in (x, far):
        values = np.asarray(source, dtype=np.float64)
        assert values.dtype == np.float64
        np.testing.assert_array_equal(values, np.arange(12.0).reshape(3, 4))
    assert np.asarray(x, dtype="f4").base is not None
    with pytest.raises(TypeError):
        x.__array__("no such dtype")


def test_numpy_functions_take_arrays(x):
    np.testing.assert_array_equal(np.add(x, 1), np.arange(1, 13).reshape(3, 4))
    assert np.sum(x) == 66
    assert np.concatenate([x, x]).shape == (6, 4)
    assert np.mean(x) == pytest.approx(5.5)


def test_the_array_interface_points_at_the_memory(x):
    interface = x.__array_interface__
    address, read_only = interface.pop("data")
    assert interface == {"shape": (3, 4), "typestr": "<f4", "strides": None, "version": 3}
    assert read_only
    assert address == np.asarray(x).__array_interface__["data"][0]
    np.testing.assert_array_equal((ctypes.c_float * 12).from_address(address), range(12))


def test_an_array_whose_address_was_given_out_keeps_its_memory_after_close(x):
    address, _ = x.__array_interface__["data"]
    x.close()
    churn = [vf.asarray(np.full(12, -1, np.float32)) for _ in range(10)]
    np.testing.assert_array_equal((ctypes.c_float * 12).from_address(address), range(12))
    del churn


def test_staging_devices_have_no_array_interface(far):
    assert not hasattr(far, "__array_interface__")


@pytest.mark.parametrize("dtype", FORMATS)
def test_memoryview(shared, dtype):
    values = np.arange(6).reshape(2, 3).astype(dtype)
    view = memoryview(vf.asarray(values, device=shared))
    assert (view.shape, view.strides, view.ndim) == ((2, 3), values.strides, 2)
    assert (view.format, view.itemsize, view.nbytes) == (FORMATS[dtype], values.itemsize, values.nbytes)
    assert view.readonly
    assert view.c_contiguous
    same = np.asarray(view)
    assert same.tobytes() == values.tobytes()
    assert same.dtype == values.dtype
    np.testing.assert_array_equal(same, values)
    with pytest.raises(TypeError, match="read-only"):
        view.cast("B")[0] = 0


def test_writable_buffers_are_refused(x):
    with pytest.raises(TypeError, match=r"read-write bytes-like object|not writable"):
        io.BytesIO(bytes(48)).readinto(x)
    with pytest.raises(TypeError, match="not writable"):
        (ctypes.c_float * 12).from_buffer(x)
    np.testing.assert_array_equal(np.asarray(x).ravel(), range(12))


def test_buffers_of_staging_devices_are_refused(far):
    with pytest.raises(BufferError, match=r"np\.asarray\(array\) makes a copy"):
        memoryview(far)


def test_bytes_of_contiguous_and_strided_arrays(any_device):
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert vf.asarray(values, device=any_device).tobytes() == values.tobytes()
    for part in (values, values.T, values[::-1], values[:, ::2]):
        x = vf.from_host(part, device=any_device)
        assert x.tobytes() == part.tobytes()
        if any_device.shares_memory_with_host:
            view = memoryview(x)
            assert (view.shape, view.strides) == (part.shape, part.strides)
            assert view.tobytes() == bytes(view) == part.tobytes()


def test_a_buffer_outlives_close(x):
    view = memoryview(x)
    device = x.device
    x.close()
    assert np.asarray(view)[2, 3] == 11
    assert device.counts()["buffers"] == 1
    view.release()
    gc.collect()
    assert device.counts()["buffers"] == 0


def test_a_closed_array_gives_no_buffer(x):
    x.close()
    with pytest.raises(vf.StateError):
        memoryview(x)
    with pytest.raises(vf.StateError):
        _ = x.__array_interface__


def test_pillow_reads_arrays_and_views(shared):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    x = vf.asarray(pixels, device=shared)
    for picture in (Image.fromarray(x), Image.fromarray(np.asarray(x))):
        assert (picture.size, picture.mode) == ((7, 5), "RGBA")
        np.testing.assert_array_equal(np.asarray(picture), pixels)


def test_views_wait_for_the_device(x):
    grow = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() {
          uint i = gl_GlobalInvocationID.x;
          if (i < x.length()) for (int k = 0; k < 20000; ++k) x[i] += 1.0;
        }""",
        device=x.device,
    )
    call = grow.prepare(x=x, threads=12)
    call()
    np.testing.assert_array_equal(np.asarray(x).ravel(), np.arange(12) + 20000)


def test_arrays_written_as_images(tmp_path, shared):
    pixels = np.random.default_rng(1).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    view = np.asarray(vf.asarray(pixels, device=shared))
    vf.numpy_to_png(tmp_path / "a.png", view)
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png")[..., :3], pixels)
