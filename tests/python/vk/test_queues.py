"""Copies on a queue of their own: the right waits and no others.

The emulated lane holds work back until it is waited for, so that a forgotten wait gives a wrong result on any driver.
"""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

MIX = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { uint x[]; };
layout(binding = 1) buffer Y { uint y[]; };
layout(push_constant) uniform Push { uint by; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = y[i] * 3u + x[i] + by; }
"""
SIZE = 256


@pytest.fixture(params=["shared", "staging"])
def device(request):
    with native._testing.open_device(force_staging=request.param == "staging", emulate_transfer=True) as device:
        yield device


def test_a_device_says_how_many_queues_it_uses(device):
    assert device.queues == 2
    with native._testing.open_device() as plain:
        assert plain.queues in (1, 2)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["kernel", "copy", "read", "future", "upload", "prepared"]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize("staging", [False, True])
def test_any_order_of_work_gives_what_one_queue_gives(staging):
    with native._testing.open_device(force_staging=staging, emulate_transfer=True) as device:
        kernel = vf.Kernel(MIX, device=device)

        @settings(deadline=None, max_examples=25)
        @given(steps=STEPS)
        def run(steps):
            run_steps(device, kernel, steps)

        run()


def run_steps(device, kernel, steps):
    model = [np.arange(SIZE, dtype=np.uint32) * (k + 1) for k in range(3)]
    arrays = [vf.asarray(values, device=device) for values in model]
    prepared, futures = {}, []
    for number, (what, a, b) in enumerate(steps):
        if what in ("kernel", "prepared") and a != b:
            by = number if what == "kernel" else 5
            model[b] = model[b] * np.uint32(3) + model[a] + np.uint32(by)
            if what == "kernel":
                kernel.submit(x=arrays[a], y=arrays[b], by=by, threads=SIZE)
            else:
                if (a, b) not in prepared:
                    prepared[a, b] = kernel.prepare(x=arrays[a], y=arrays[b], by=5, threads=SIZE)
                prepared[a, b]()
        elif what == "copy" and a != b:
            model[b] = model[a].copy()
            vf.copy_async(arrays[a], arrays[b])
        elif what == "read":
            assert np.array_equal(arrays[a].numpy(), model[a])
        elif what == "future":
            futures.append((arrays[a].to_host_async(), model[a].copy()))
        elif what == "upload":
            model[a] = np.full(SIZE, number, np.uint32)
            with arrays[a].map() as view:
                view[:] = number
    for future, values in futures:
        assert np.array_equal(future.result(), values)
    for array, values in zip(arrays, model, strict=True):
        assert np.array_equal(array.numpy(), values)


def test_events_of_both_queues_are_awaited_and_ordered(device):
    kernel = vf.Kernel(MIX, device=device)
    x, y, z = (vf.asarray(np.full(SIZE, k, np.uint32), device=device) for k in (1, 2, 3))

    async def main():
        first = kernel.submit(x=x, y=y, by=0, threads=SIZE)  # y = 7
        copied = vf.copy_async(y, z)
        last = kernel.submit(x=z, y=y, by=1, threads=SIZE, after=[first, copied])  # y = 29
        assert len({first.number, copied.number, last.number}) == 3
        await asyncio.gather(last, copied, first)
        assert copied.done
        return await z.to_host_async(after=[first, copied, last])

    assert set(asyncio.run(main()).tolist()) == {7}
    assert set(y.tolist()) == {29}


def test_memory_comes_back_from_both_queues(device):
    def counts():
        device.wait_idle()
        return {key: value for key, value in device.counts().items() if key != "pooled_bytes"}

    x = vf.asarray(np.zeros(SIZE, np.uint32), device=device)
    vf.copy_async(x, vf.empty(SIZE, dtype=np.uint32, device=device)).wait()
    x.numpy()
    before = counts()
    for _ in range(50):
        y = vf.empty(SIZE, dtype=np.uint32, device=device)
        vf.copy_async(x, y)
        del y
    assert counts() == before


def test_a_device_closes_with_work_held_back():
    for _ in range(3):
        with native._testing.open_device(emulate_transfer=True) as device:
            x = vf.asarray(np.zeros(SIZE, np.uint32), device=device)
            vf.copy_async(x, vf.empty(SIZE, dtype=np.uint32, device=device))
            del x


def test_copies_refuse_what_cannot_be(device):
    x = vf.asarray(np.zeros(4, np.uint32), device=device)
    with pytest.raises(vf.ShapeError):
        vf.copy_async(x, vf.empty(5, dtype=np.uint32, device=device))
    with pytest.raises(vf.InputError):
        vf.copy_async(x, x)
    with native._testing.open_device() as other, pytest.raises(vf.InputError):
        vf.copy_async(x, vf.empty(4, dtype=np.uint32, device=other))


def test_profiles_see_both_queues(device):
    if device.limits["timestamp_period_ns"] == 0 or not device.has("hostQueryReset"):
        pytest.skip("needs timestamps, and queries that the host resets")
    kernel = vf.Kernel(MIX, device=device, name="mix")
    x, y = (vf.asarray(np.ones(SIZE, np.uint32), device=device) for _ in range(2))
    with vf.profile(device=device) as p:
        kernel(x=x, y=y, by=0, threads=SIZE)
        vf.copy_async(y, x).wait()
    assert {row.name for row in p.rows} == {"mix", "copy"}


def test_transfers_overlap_kernels():
    """Shown by timestamps where there is a queue to show it on."""
    with native._testing.open_device(force_staging=True) as device:
        if device.queues < 2 or device.limits["timestamp_period_ns"] == 0 or not device.has("hostQueryReset"):
            pytest.skip("needs a device with a second queue and timestamps")
        kernel = vf.Kernel(MIX, device=device, name="mix")
        size = 1 << 24
        x, y = (vf.asarray(np.ones(size, np.uint32), device=device) for _ in range(2))
        source, target = (vf.asarray(np.ones(size, np.uint32), device=device) for _ in range(2))
        with vf.profile(device=device) as p:
            for _ in range(20):
                kernel.submit(x=x, y=y, by=1, threads=size)
                vf.copy_async(source, target)
        times = p._native.commands()
        kernels = [(begin, end) for _, name, begin, end, *_ in times if name == "mix"]
        copies = [(begin, end) for _, name, begin, end, *_ in times if name == "copy"]
        assert any(a < d and c < b for a, b in kernels for c, d in copies)
