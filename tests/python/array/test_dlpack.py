"""DLPack both ways: with NumPy, and with capsules taken apart by ctypes. Torch and JAX: test_interop.py."""

import ctypes
import gc
import sys

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu
DTYPES = [
    *("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
CPU, CUDA, CUDA_HOST = 1, 2, 3
READ_ONLY, IS_COPIED = 1, 2
FLOAT = 2


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Managed(ctypes.Structure):
    _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class ManagedVersioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", DELETER),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    ]


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
get_pointer.restype = ctypes.c_void_p
get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
is_capsule = ctypes.pythonapi.PyCapsule_IsValid
is_capsule.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Producer:
    """Another library's tensor, which counts how often its memory is given back."""

    def __init__(self, values, *, versioned=True, strides=None, offset=0, flags=0, **changes):
        self.values, self.deleted, self.where = values, 0, (changes.pop("device_type", CPU), 0)
        self.shape = (ctypes.c_int64 * values.ndim)(*values.shape)
        self.steps = None if strides is None else (ctypes.c_int64 * values.ndim)(*strides)
        self.delete = DELETER(self.on_delete)
        self.managed = (ManagedVersioned if versioned else Managed)()
        self.name = b"dltensor_versioned" if versioned else b"dltensor"
        if versioned:
            self.managed.major, self.managed.flags = changes.pop("major", 1), flags
        self.managed.deleter = self.delete
        tensor = self.managed.tensor
        tensor.data, tensor.byte_offset = values.ctypes.data - offset, offset
        tensor.device_type, tensor.ndim, tensor.lanes = self.where[0], values.ndim, 1
        tensor.code, tensor.bits = FLOAT, values.itemsize * 8
        tensor.shape = ctypes.cast(self.shape, ctypes.POINTER(ctypes.c_int64))
        tensor.strides = ctypes.cast(self.steps, ctypes.POINTER(ctypes.c_int64))
        for key, value in changes.items():
            setattr(tensor, key, value)

    def on_delete(self, _managed):
        self.deleted += 1

    def __dlpack_device__(self):
        return self.where

    def __dlpack__(self, *, max_version=None):
        self.capsule = new_capsule(ctypes.addressof(self.managed), self.name, None)
        return self.capsule


class OldProducer(Producer):
    """As before 2024: no max_version."""

    def __dlpack__(self):
        return super().__dlpack__()


def tensor_of(capsule):
    if is_capsule(capsule, b"dltensor_versioned"):
        return ManagedVersioned.from_address(get_pointer(capsule, b"dltensor_versioned"))
    return Managed.from_address(get_pointer(capsule, b"dltensor"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_reads_arrays(shared, dtype):
    values = np.arange(12).reshape(3, 4).astype(dtype)
    x = vf.asarray(values, device=shared)
    got = np.from_dlpack(x)
    assert got.dtype == values.dtype
    np.testing.assert_array_equal(got, values)
    assert np.shares_memory(got, np.asarray(x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_from_numpy(shared, dtype):
    values = np.arange(12).reshape(3, 4).astype(dtype)
    x = vf.from_dlpack(values, device=shared)
    assert (x.dtype, x.shape, x.strides) == (values.dtype, values.shape, values.strides)
    assert np.shares_memory(np.asarray(x), values)
    np.testing.assert_array_equal(np.asarray(x), values)


def test_strides_pass_both_ways(shared):
    values = np.arange(24, dtype=np.float32).reshape(4, 6)
    for part in (values.T, values[::2], values[:, ::2], values[1:, 1::2], values[:0], values[:, :0], values[:1][::-1]):
        x = vf.from_dlpack(part, device=shared)
        np.testing.assert_array_equal(np.asarray(x), part)
        np.testing.assert_array_equal(np.from_dlpack(x), part)
        if part.size and part.shape[0] > 1:
            assert np.from_dlpack(x).strides == part.strides


def test_axes_that_run_backwards_come_in_but_do_not_go_out(shared):
    values = np.arange(24, dtype=np.float32).reshape(4, 6)
    for part in (values[::-1], values[1:, ::-2]):
        x = vf.from_dlpack(part, device=shared)
        np.testing.assert_array_equal(np.asarray(x), part)
        with pytest.raises(BufferError, match=r"runs backwards.*vf\.asarray"):
            x.__dlpack__()
        assert np.from_dlpack(vf.asarray(x, copy=True)).tolist() == part.tolist()


@pytest.mark.parametrize("shape", [(), (1,), (0,), (0, 3)])
def test_scalars_and_empty_arrays(shared, shape):
    x = vf.from_dlpack(np.ones(shape), device=shared)
    assert (x.shape, x.size) == (shape, np.ones(shape).size)
    assert np.from_dlpack(x).shape == shape


def test_strides_between_elements_cannot_be_told(shared):
    packed = np.zeros(4, [("a", "u1"), ("b", "<f4")])["b"]
    with pytest.raises(BufferError, match="DLPack counts strides in elements"):
        vf.from_host(packed, device=shared).__dlpack__()


def test_read_only_arrays_say_so(shared):
    values = np.arange(3.0)
    values.flags.writeable = False
    x = vf.from_host(values, device=shared)
    assert not np.from_dlpack(x).flags.writeable
    assert tensor_of(x.__dlpack__(max_version=(1, 0))).flags == READ_ONLY
    with pytest.raises(BufferError, match=r"read-only, which DLPack before 1\.0 cannot say"):
        x.__dlpack__()
    assert not vf.from_dlpack(x).writable
    assert not vf.from_dlpack(values).writable
    assert np.from_dlpack(vf.asarray(values, device=shared)).flags.writeable


def test_both_kinds_of_capsule(shared):
    x = vf.asarray(np.arange(6, dtype=np.float32).reshape(2, 3), device=shared)
    for capsule, name in [
        (x.__dlpack__(), b"dltensor"),
        (x.__dlpack__(max_version=(0, 8)), b"dltensor"),
        (x.__dlpack__(max_version=(1, 0)), b"dltensor_versioned"),
        (x.__dlpack__(max_version=(2, 5)), b"dltensor_versioned"),
    ]:
        assert is_capsule(capsule, name)
        tensor = tensor_of(capsule).tensor
        assert (tensor.device_type, tensor.device_id, tensor.ndim) == (CPU, 0, 2)
        assert (tensor.code, tensor.bits, tensor.lanes) == (FLOAT, 32, 1)
        assert (tensor.shape[:2], tensor.strides[:2]) == ([2, 3], [3, 1])
        assert tensor.data + tensor.byte_offset == np.asarray(x).ctypes.data
    assert x.__dlpack_device__() == (CPU, 0)


@pytest.mark.parametrize("options", [{}, {"max_version": (1, 0)}])
def test_an_unused_capsule_lets_go(shared, options):
    x = vf.asarray(np.zeros(100), device=shared)
    capsule = x.__dlpack__(**options)
    x.close()
    assert shared.counts()["buffers"] == 1
    del capsule
    gc.collect()
    assert shared.counts()["buffers"] == 0


def test_a_consumer_keeps_the_memory(shared):
    x = vf.asarray(np.arange(100.0), device=shared)
    taken = np.from_dlpack(x)[10:20]
    x.close()
    gc.collect()
    assert shared.counts()["buffers"] == 1
    np.testing.assert_array_equal(taken, np.arange(10.0, 20))
    del taken
    gc.collect()
    assert shared.counts()["buffers"] == 0


def test_streams_and_other_devices_are_refused(shared):
    x = vf.asarray([1.0], device=shared)
    with pytest.raises(vf.InteropError, match="stream=None"):
        x.__dlpack__(stream=1)
    with pytest.raises(BufferError, match="host memory"):
        x.__dlpack__(dl_device=(CUDA, 0))
    with pytest.raises(BufferError, match="host memory"):
        x.__dlpack__(dl_device=(CPU, 1))
    assert is_capsule(x.__dlpack__(dl_device=(CPU, 0)), b"dltensor")


def test_copies_when_asked(shared):
    x = vf.asarray(np.arange(4.0), device=shared)
    taken = np.from_dlpack(x, copy=True)
    assert not np.shares_memory(taken, np.asarray(x))
    np.testing.assert_array_equal(taken, np.arange(4.0))
    assert tensor_of(x.__dlpack__(max_version=(1, 0), copy=True)).flags == IS_COPIED
    assert np.shares_memory(np.from_dlpack(x, copy=False), np.asarray(x))


def test_memory_out_of_sight_is_copied_when_asked(staging):
    x = vf.asarray(np.arange(4.0), device=staging)
    with pytest.raises(BufferError, match=r"from_dlpack\(x, copy=True\)"):
        np.from_dlpack(x)
    with pytest.raises(BufferError, match="copy=False"):
        x.__dlpack__(copy=False)
    np.testing.assert_array_equal(np.from_dlpack(x, copy=True), np.arange(4.0))


@pytest.mark.parametrize("kind", [Producer, OldProducer])
@pytest.mark.parametrize("versioned", [True, False])
def test_a_tensors_deleter_is_called_once_when_the_last_share_goes(shared, kind, versioned):
    source = kind(np.arange(6.0), versioned=versioned)
    x = vf.from_dlpack(source, device=shared)
    assert is_capsule(source.capsule, b"used_" + source.name)
    view = np.asarray(x)
    assert np.shares_memory(view, source.values)
    x.close()
    assert source.deleted == 0
    del x, view
    gc.collect()
    assert shared.counts()["imports"] == 0
    assert source.deleted == 1


def test_a_copied_tensor_is_let_go_at_once(shared):
    source = Producer(np.arange(6.0))
    x = vf.from_dlpack(source, device=shared, copy=True)
    assert source.deleted == 1
    source.values[:] = 0
    assert x.tolist() == [0, 1, 2, 3, 4, 5]


class ReadOnlyBuffers:
    """Memory that must not be written, from a producer of capsules that cannot say so."""

    def __init__(self, values):
        self.values = values
        values.flags.writeable = False
        self.inner = Producer(values, versioned=False)

    def __buffer__(self, flags):
        return memoryview(self.values)

    def __dlpack_device__(self):
        return CPU, 0

    def __dlpack__(self):
        return self.inner.__dlpack__()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes give buffers since Python 3.12")
def test_a_producer_of_read_only_buffers_is_not_written(shared):
    assert not vf.from_dlpack(ReadOnlyBuffers(np.arange(4.0)), device=shared).writable


def test_offset_strides_and_flags_are_honoured(shared):
    values = np.arange(6.0).reshape(2, 3)
    x = vf.from_dlpack(Producer(values, offset=8, strides=(3, 1), flags=READ_ONLY), device=shared)
    assert not x.writable
    np.testing.assert_array_equal(np.asarray(x), values)
    square = np.arange(9.0).reshape(3, 3)
    turned = vf.from_dlpack(Producer(square, strides=(1, 3)), device=shared)
    np.testing.assert_array_equal(np.asarray(turned), square.T)


def test_host_memory_of_cuda_is_host_memory(shared):
    source = Producer(np.arange(3.0), device_type=CUDA_HOST)
    assert vf.from_dlpack(source, device=shared).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"device_type": CUDA}, vf.InteropError, "not in host memory"),
        ({"major": 2}, vf.InteropError, "unknown version"),
        ({"lanes": 4}, vf.DtypeError, "float64 in 4 lanes"),
        ({"code": 4, "bits": 32}, vf.DtypeError, "bfloat32; convert it"),
        ({"bits": 8}, vf.DtypeError, "float8; convert it"),
        ({"bits": 12}, vf.DtypeError, "float12"),
        ({"bits": 128}, vf.DtypeError, "float128"),
        ({"code": 3}, vf.DtypeError, "opaque handle"),
        ({"code": 10, "bits": 8}, vf.DtypeError, "float of format 10, bits: 8"),
    ],
)
def test_tensors_that_devices_do_not_know_are_refused_and_given_back(shared, changes, error, text):
    source = Producer(np.arange(4.0), **changes)
    with pytest.raises(error, match=text):
        vf.from_dlpack(source, device=shared)
    taken = hasattr(source, "capsule") and not is_capsule(source.capsule, source.name)
    assert source.deleted == (1 if taken else 0)


def test_more_than_8_axes_are_refused(shared):
    with pytest.raises(vf.ShapeError, match="at most 8"):
        vf.from_dlpack(np.ones((1,) * 9), device=shared)


def test_a_used_capsule_is_refused(shared):
    source = Producer(np.arange(4.0))
    capsule = source.__dlpack__()
    source.__class__ = type("Again", (Producer,), {"__dlpack__": lambda self, max_version=None: capsule})
    x = vf.from_dlpack(source, device=shared)
    with pytest.raises(vf.InteropError, match="gave no fresh tensor"):
        vf.from_dlpack(source, device=shared)
    x.close()


class HalfAProducer:
    """What has the one method of the protocol, and not the other."""

    def __dlpack__(self, **_):
        raise AssertionError("nobody asked where the memory is")


@pytest.mark.parametrize("tensor", [[1.0], None, 3.0, object(), HalfAProducer()])
def test_what_has_no_dlpack_is_refused(tensor):
    with pytest.raises(vf.ArgumentTypeError, match="an object with __dlpack__"):
        vf.from_dlpack(tensor)


def test_errors_of_the_producer_pass_through(shared):
    class Broken(Producer):
        def __dlpack__(self, *, max_version=None):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vf.from_dlpack(Broken(np.arange(2.0)), device=shared)


def test_arrays_pass_between_devices(shared, staging):
    x = vf.asarray(np.arange(5.0), device=shared)
    y = vf.from_dlpack(x, device=staging)
    assert y.tolist() == [0, 1, 2, 3, 4]
    assert vf.from_dlpack(x, device=staging, copy=True).tolist() == y.tolist()
