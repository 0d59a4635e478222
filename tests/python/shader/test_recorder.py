"""Recorder: many calls in one submission, with derived barriers and timed scopes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { uint x[]; };
layout(binding = 1) buffer Y { uint y[]; };
layout(push_constant) uniform Push { uint n; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] += x[i]; }
"""


@pytest.fixture
def add(device):
    return vf.Kernel(ADD, name="add")


def ones(n=100):
    return vf.asarray(np.ones(n, np.uint32))


def test_a_chain_of_steps_is_in_order(add):
    x, y = ones(), ones()
    recorder = vf.Recorder()
    with recorder:
        for _ in range(10):  # 1 1 2 3 5 8 ...: each step needs the one before
            recorder.run(add, x=x, y=y, n=100, threads=100)
            recorder.run(add, x=y, y=x, n=100, threads=100)
    a, b = 1, 1
    for _ in range(10):
        b += a
        a += b
    assert x.tolist() == [a] * 100
    assert y.tolist() == [b] * 100
    assert recorder.barriers == 19


def test_a_kernel_that_an_argument_closes(add):
    class Closing:
        def __index__(self):
            add.close()
            return 100

    x, y, recorder = ones(), ones(), vf.Recorder()
    with recorder:
        recorder.run(add, x=x, y=y, n=Closing(), threads=100)
    assert y.tolist() == [2] * 100


def test_independent_steps_need_no_barrier(add):
    x, targets = ones(), [ones() for _ in range(8)]
    recorder = vf.Recorder()
    with recorder:
        for y in targets:
            recorder.run(add, x=x, y=y, n=100, threads=100)
    assert recorder.barriers == 0
    assert all(y.tolist() == [2] * 100 for y in targets)


def test_copies_and_fills(add):
    x, y, z = ones(), ones(), vf.empty(100, dtype=np.uint32)
    recorder = vf.Recorder()
    with recorder:
        recorder.fill(x, 7)
        recorder.run(add, x=x, y=y, n=100, threads=100)
        recorder.copy(y, z)
        recorder.fill(y, 0)
    assert z.tolist() == [8] * 100
    assert y.tolist() == [0] * 100
    assert x.tolist() == [7] * 100


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.uint8, np.float16, np.int64])
def test_fill_takes_values_that_repeat(device, dtype):
    x = vf.empty(64, dtype=dtype)
    with vf.Recorder() as recorder:
        recorder.fill(x, 0)
    np.testing.assert_array_equal(np.asarray(x), np.zeros(64, dtype))
    if np.dtype(dtype).itemsize <= 4:
        with vf.Recorder() as recorder:
            recorder.fill(x, 3)
        np.testing.assert_array_equal(np.asarray(x), np.full(64, 3, dtype))
    else:
        with pytest.raises(vf.InputError, match="32-bit pattern"), vf.Recorder() as recorder:
            recorder.fill(x, 3)


def test_prepared_calls_are_recorded(add):
    x, y = ones(), ones()
    call = add.prepare(x=x, y=y, n=100, threads=100)
    recorder = vf.Recorder()
    with recorder:
        for _ in range(1000):
            recorder.run(call)
    call()
    assert y.tolist() == [1002] * 100


def test_scopes_are_timed_in_order(add):
    if not vf.default_device().limits["timestamp_period_ns"]:
        pytest.skip("this device has no timestamps")
    x, y = ones(1 << 16), ones(1 << 16)
    recorder = vf.Recorder()
    with recorder, recorder.scope("outer"):
        with recorder.scope("inner"):
            recorder.run(add, x=x, y=y, n=1 << 16, threads=1 << 16)
        recorder.run(add, x=x, y=y, n=1 << 16, threads=1 << 16)
    times = dict(recorder.times())
    assert [name for name, _ in recorder.times()] == ["outer", "inner"]
    assert 0 <= times["inner"] <= times["outer"]


def test_long_recordings_start_early(add):
    x, y = ones(), ones()
    recorder = vf.Recorder()
    with recorder:
        for _ in range(5000):
            recorder.run(add, x=x, y=y, n=100, threads=100)
    assert recorder.submissions > 1
    assert y.tolist() == [5001] * 100


def test_an_exception_drops_what_was_not_sent(add):
    x, y = ones(), ones()
    recorder = vf.Recorder()
    with pytest.raises(ZeroDivisionError), recorder, recorder.scope("open"):
        recorder.run(add, x=x, y=y, n=100, threads=100)
        1 / 0  # noqa: B018
    assert y.tolist() == [1] * 100
    with recorder:
        recorder.run(add, x=x, y=y, n=100, threads=100)
    assert y.tolist() == [2] * 100


def test_refusals(add):
    x, y = ones(), ones()
    recorder = vf.Recorder()
    with pytest.raises(vf.StateError, match="not recording"):
        recorder.run(add, x=x, y=y, n=100, threads=100)
    with recorder:
        with pytest.raises(vf.StateError, match="already"):
            recorder.__enter__()
        with pytest.raises(TypeError, match="ndarray"):
            recorder.run(add, x=np.ones(100, np.uint32), y=y, n=100, threads=100)
        with pytest.raises(vf.ShapeError, match="different sizes"):
            recorder.copy(x, ones(50))
        fixed = np.ones(100, np.uint32)
        fixed.flags.writeable = False
        with pytest.raises(vf.ReadOnlyError):
            recorder.copy(x, vf.from_host(fixed))
        with pytest.raises(vf.ReadOnlyError):
            recorder.fill(vf.from_host(fixed), 0)
    assert y.tolist() == [1] * 100


def test_another_devices_kernel_is_refused(add):
    with _testing.open_device() as other, pytest.raises(vf.InputError, match="another device"):
        there = vf.Kernel(ADD, device=other)
        x, y = (vf.asarray(np.ones(4, np.uint32), device=other) for _ in range(2))
        with vf.Recorder() as recorder:
            recorder.run(there, x=x, y=y, n=4, threads=4)


def test_memory_of_another_device_is_refused(add):
    """A driver that is given another device's handle does as it likes: lavapipe copies, others crash."""
    mine = ones()
    with vf.Device() as device:
        its = vf.asarray(np.ones(100, np.uint32), device=device)
        recorder = vf.Recorder()
        with recorder:
            for record in (
                lambda: recorder.copy(its, mine),
                lambda: recorder.copy(mine, its),
                lambda: recorder.fill(its, 0),
                lambda: recorder.run(add, x=its, y=mine, n=100, threads=100),
            ):
                with pytest.raises(vf.InputError, match="device"):
                    record()
            recorder.fill(mine, 7)  # the recording goes on
        assert mine.tolist() == [7] * 100
        assert its.tolist() == [1] * 100


@pytest.mark.parametrize("value", ["text", [1, 2], None, {}, np.zeros(3)])
def test_fill_takes_one_number(value):
    recorder = vf.Recorder()
    with recorder, pytest.raises(vf.InputError):
        recorder.fill(ones(), value)


def test_close_drops_what_was_recorded(add):
    x, y = ones(), ones()
    with vf.Device() as device:
        recorder = vf.Recorder(device=device)
        recorder.close()
        recorder.close()
        assert recorder.closed
        for use in (recorder.__enter__, recorder.times):
            with pytest.raises(vf.StateError, match="after close"):
                use()
    recorder = vf.Recorder()
    with recorder, recorder.scope("steps"):
        recorder.run(add, x=x, y=y, n=100, threads=100)
        recorder.close()
        with pytest.raises(vf.StateError):
            recorder.run(add, x=x, y=y, n=100, threads=100)
    assert y.tolist() == [1] * 100


def test_no_copies():
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="owns native memory"):
            duplicate(vf.Recorder())
