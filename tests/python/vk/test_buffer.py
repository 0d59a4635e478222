"""Raw bytes on a device: reading and writing them, what is refused, and how they live."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu
INTENTS = ["device", "upload", "readback", "shared"]


@pytest.fixture(params=["in place", "staging"])
def any_device(request):
    with native._testing.open_device(force_staging=request.param == "staging") as device:
        yield device


@pytest.mark.parametrize("intent", INTENTS)
def test_bytes_come_back(any_device, intent):
    with vf.Buffer(64, intent=intent, device=any_device) as buffer:
        buffer.write(bytes(range(64)))
        assert buffer.read() == bytes(range(64))
        buffer.write(b"abcd", offset=4)
        assert buffer.read(2, 8) == b"\2\3abcd\10\11"
        assert buffer.read(offset=60) == bytes(range(60, 64))
        assert (buffer.size, len(buffer), buffer.intent) == (64, 64, intent)
        assert buffer.device.name == any_device.name
        assert repr(buffer) == f"Buffer(64 bytes, {intent})"


@pytest.mark.parametrize("size", [0, 1, 3, 4096, (4 << 20) - 1, (4 << 20) + 1, (17 << 20) + 3])
def test_sizes_around_the_pieces_of_staging(any_device, size):
    values = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    with vf.Buffer(size, device=any_device) as buffer:
        buffer.write(values)
        assert buffer.read() == values


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_parts_of_a_buffer_match_a_bytearray(data):
    size = data.draw(st.integers(1, 5000))
    model = bytearray(size)
    with vf.Buffer(size) as buffer:
        buffer.write(model)
        for _ in range(data.draw(st.integers(1, 5))):
            at = data.draw(st.integers(0, size))
            part = data.draw(st.binary(max_size=size - at))
            buffer.write(part, offset=at)
            model[at : at + len(part)] = part
            low = data.draw(st.integers(0, size))
            count = data.draw(st.integers(0, size - low))
            assert buffer.read(low, count) == model[low : low + count]
        assert buffer.read() == model


@pytest.mark.parametrize(
    "source",
    [b"ab", bytearray(b"ab"), memoryview(b"ab"), np.frombuffer(b"ab", "u1"), np.array([0x6261], "u2")],
)
def test_whatever_is_like_bytes_is_written(source):
    with vf.Buffer(2) as buffer:
        buffer.write(source)
        assert buffer.read() == b"ab"


@pytest.mark.parametrize("source", ["text", 7, None, [1, 2]])
def test_what_is_not_like_bytes_is_refused(source):
    with vf.Buffer(2) as buffer, pytest.raises(TypeError):
        buffer.write(source)


def test_bytes_with_gaps_are_refused():
    with vf.Buffer(8) as buffer, pytest.raises((ValueError, BufferError)):
        buffer.write(np.arange(16, dtype=np.uint8)[::2])


@pytest.mark.parametrize(("offset", "count"), [(0, 5), (4, 1), (5, 0), (2**62, 1), (1, 2**63)])
def test_ranges_outside_are_refused(offset, count):
    with vf.Buffer(4) as buffer:
        buffer.write(b"keep")
        with pytest.raises(vf.RangeError, match="a range lies outside its buffer") as caught:
            buffer.read(offset, count)
        assert caught.value.code == "OUT_OF_RANGE"
        if count < 100:
            with pytest.raises(vf.RangeError):
                buffer.write(b"x" * count, offset=offset)
        assert buffer.read() == b"keep"


def test_negative_offsets_are_refused():
    with vf.Buffer(4) as buffer:
        for call in (lambda: buffer.read(-1), lambda: buffer.read(0, -1), lambda: buffer.write(b"", offset=-1)):
            with pytest.raises((TypeError, ValueError, RuntimeError)):
                call()


@pytest.mark.parametrize(
    ("size", "error"),
    [
        (-1, vf.InputError),
        (True, vf.ArgumentTypeError),
        (1.0, vf.ArgumentTypeError),
        ("16", vf.ArgumentTypeError),
        (None, vf.ArgumentTypeError),
    ],
)
def test_sizes_are_checked(size, error):
    with pytest.raises(error, match="the size of a Buffer; expected"):
        vf.Buffer(size)


def test_numpy_integers_are_sizes():
    with vf.Buffer(np.uint16(12)) as buffer:
        assert buffer.size == 12


def test_intents_are_checked():
    with pytest.raises(vf.InputError, match="expected device, upload, readback or shared; got fast"):
        vf.Buffer(4, intent="fast")


@pytest.mark.parametrize("size", [1 << 33, 1 << 40, 1 << 62, 1 << 80])
def test_beyond_the_limit_a_size_is_refused_with_the_limit(device, size):
    if size <= device.limits["max_buffer_bytes"]:
        pytest.skip("this device allows it")
    before = device.counts()
    with pytest.raises(vf.LimitError) as caught:
        vf.Buffer(size)
    assert caught.value.code == "LIMIT_EXCEEDED"
    assert isinstance(caught.value, ValueError)
    assert int(caught.value.details["limit"]) == device.limits["max_buffer_bytes"]
    assert str(device.limits["max_buffer_bytes"]) in str(caught.value)
    with pytest.raises((vf.LimitError, vf.ShapeError)):
        vf.empty(size, dtype=np.uint8)
    assert device.counts() == before


def test_more_than_4_gib_is_right_or_refused(device):
    size = (4 << 30) + 4096
    try:
        buffer = vf.Buffer(size)
    except (vf.LimitError, vf.OutOfMemoryError) as error:
        said = isinstance(error, MemoryError) or str(device.limits["max_buffer_bytes"]) in str(error)
        assert said
        return
    with buffer:
        buffer.write(b"low", offset=0)
        buffer.write(b"high", offset=size - 4)
        assert (buffer.read(0, 3), buffer.read(size - 4)) == (b"low", b"high")


def test_shapes_whose_bytes_overflow_are_refused():
    for shape in [(2**62, 2**62), (2**32, 2**32), (2**61,)]:
        with pytest.raises(ValueError, match="expected"):
            vf.empty(shape, dtype=np.float64)


def test_an_array_shares_the_bytes(any_device):
    with vf.Buffer(32, device=any_device) as buffer:
        buffer.write(np.arange(8, dtype=np.float32))
        whole = buffer.array(np.float32)
        assert whole.tolist() == list(range(8))
        square = buffer.array("int32", (2, 2), offset=16)
        assert (square.shape, square.dtype) == ((2, 2), np.dtype("int32"))
        with square.map() as view:
            view[:] = 0
        assert whole.tolist() == [0, 1, 2, 3, 0, 0, 0, 0]
        assert buffer.read(16) == bytes(16)


def test_an_array_takes_what_is_left():
    with vf.Buffer(11) as buffer:
        assert buffer.array(np.float32).shape == (2,)
        assert buffer.array(np.uint8, offset=11).shape == (0,)


def test_arrays_that_do_not_fit_are_refused():
    with vf.Buffer(16) as buffer:
        with pytest.raises(vf.ShapeError, match="too small for this shape; expected 20 bytes") as caught:
            buffer.array(np.float32, 5)
        assert caught.value.code == "TOO_SMALL"
        with pytest.raises(vf.LayoutError, match="the offset does not suit the dtype; expected a multiple of 4"):
            buffer.array(np.float32, 1, offset=2)
        with pytest.raises(vf.RangeError):
            buffer.array(np.uint8, 0, offset=17)
        with pytest.raises(vf.DtypeError):
            buffer.array(">f4")
        with pytest.raises(vf.ShapeError):
            buffer.array(np.uint8, -1)
        with pytest.raises(vf.ArgumentTypeError):
            buffer.array(np.uint8, 1.5)


def test_methods_raise_after_close_but_arrays_stay():
    buffer = vf.Buffer(8)
    buffer.write(b"stay put")
    values = buffer.array(np.uint8)
    buffer.close()
    buffer.close()
    assert buffer.closed
    assert repr(buffer) == "Buffer(closed)"
    calls = [buffer.read, lambda: buffer.write(b""), lambda: buffer.array(np.uint8), lambda: len(buffer)]
    for call in [*calls, lambda: buffer.size, lambda: buffer.intent, lambda: buffer.device]:
        with pytest.raises(vf.StateError, match=r"Buffer was used after close\(\)"):
            call()
    assert bytes(np.asarray(values)) == b"stay put"


def test_with_closes_after_an_error():
    with pytest.raises(ZeroDivisionError), vf.Buffer(4) as buffer:
        _ = 1 / 0
    assert buffer.closed


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(duplicate):
    with vf.Buffer(4) as buffer, pytest.raises(TypeError, match="Buffer owns native memory and cannot be copied"):
        duplicate(buffer)


def test_a_buffer_outlives_the_devices_name():
    device = vf.Device()
    buffer = vf.Buffer(4, device=device)
    buffer.write(b"here")
    device.close()
    assert buffer.read() == b"here"
    assert buffer.device.counts()["buffers"] == 1
