"""Events: submitting without waiting, waiting with and without a time, awaiting, cancelling, losing the device."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

SLOW = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint turns; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  uint v = x[i] + i + 1u;
  for (uint k = 0u; k < turns; ++k) { v ^= v << 13; v ^= v >> 17; v ^= v << 5; }
  x[i] = v;
}
"""
ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint by; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += by; }
"""
THREADS = 1 << 14


@pytest.fixture(params=["shared", "staging"])
def device(request):
    with native._testing.open_device(force_staging=request.param == "staging") as device:
        yield device


@pytest.fixture
def add(device):
    return vf.Kernel(ADD, device=device)


@pytest.fixture
def slow(device):
    """slow() starts work of some 0.1 s or more and gives (event, its array)."""
    kernel = vf.Kernel(SLOW, device=device)
    kernel(x=np.zeros(64, np.uint32), turns=1, threads=64)

    def start(turns=30_000):
        x = vf.asarray(np.zeros(THREADS, np.uint32), device=device)
        return kernel.submit(x=x, turns=turns, threads=THREADS), x

    return start


def slow_values(turns=30_000):
    v = np.arange(1, THREADS + 1, dtype=np.uint32)
    for _ in range(turns):
        v ^= v << np.uint32(13)
        v ^= v >> np.uint32(17)
        v ^= v << np.uint32(5)
    return v


# ---------------------------------------------------------------- waiting


def test_a_submission_returns_before_its_work_is_done(slow):
    event, x = slow()
    assert not event.done
    assert "running" in repr(event)
    event.wait()
    assert event.done
    assert "done" in repr(event)
    assert np.array_equal(x.numpy(), slow_values())


def test_a_timeout_keeps_the_work(slow, device):
    event, x = slow()
    with pytest.raises(vf.WaitTimeoutError, match=f"submission {event.number} still runs.*wait again"):
        event.wait(timeout_s=0.001)
    with pytest.raises(TimeoutError):
        event.wait(timeout_s=0)
    event.wait(timeout_s=600)
    event.wait(timeout_s=0)
    assert np.array_equal(x.numpy(), slow_values())
    assert event.device.name == device.name


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_timeout_is_a_time(add, device, timeout):
    event = add.submit(x=vf.asarray(np.zeros(4, np.uint32), device=device), by=1, threads=4)
    with pytest.raises(vf.InputError):
        event.wait(timeout_s=timeout)
    with pytest.raises(vf.ArgumentTypeError):
        event.wait(timeout_s="soon")
    event.wait(float("inf"))


def test_submissions_keep_their_order(add, device):
    x = vf.asarray(np.zeros(1000, np.uint32), device=device)
    events = [add.submit(x=x, by=by, threads=1000) for by in range(100)]
    numbers = [event.number for event in events]
    assert numbers == sorted(set(numbers))
    events[-1].wait()
    assert all(event.done for event in events)
    assert set(x.tolist()) == {sum(range(100))}


def test_nothing_to_do_is_done(add, device):
    event = add.submit(x=vf.asarray(np.zeros(4, np.uint32), device=device), by=1, threads=0)
    assert (event.number, event.done) == (0, True)
    event.wait(0)


def test_a_dropped_event_cancels_nothing(slow):
    event, x = slow()
    del event
    gc.collect()
    assert np.array_equal(x.numpy(), slow_values())


@pytest.fixture
def interruptible():
    """Ctrl-C raises, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_the_wait_and_not_the_work(device):
    kernel = vf.Kernel(SLOW, device=device)
    x = vf.asarray(np.zeros(THREADS, np.uint32), device=device)
    events = [kernel.submit(x=x, turns=30_000, threads=THREADS) for _ in range(4)]
    threading.Timer(0.02, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        events[-1].wait()
        time.sleep(1)  # a fast device: the signal comes here
    events[-1].wait()


# ---------------------------------------------------------------- arguments


def test_ndarrays_hold_the_result_once_the_event_is_done(add):
    for offset in (0, 1):  # in place where the device can; from an odd address it never can
        x = np.zeros(4 * 100 + offset, np.uint8)[offset:].view(np.uint32)
        add.submit(x=x, by=3, threads=100).wait()
        assert set(x.tolist()) == {3}
        event = add.submit(x=x, by=4, threads=100)
        while not event.done:
            pass
        assert set(x.tolist()) == {7}


def test_ndarrays_live_until_the_device_is_done_with_them(add, slow, device):
    class Kept(np.ndarray):
        pass

    busy, _ = slow()
    x = np.zeros(1 << 12, np.uint32).view(Kept)
    gone = weakref.ref(x)
    event = add.submit(x=x, by=1, threads=x.size)
    del x
    gc.collect()
    if not busy.done:
        assert gone() is not None
    event.wait()
    del event
    device.wait_idle()
    device.counts()  # frees what has retired
    gc.collect()
    assert gone() is None


def test_a_temporary_is_safe(add, device):
    events = [add.submit(x=np.zeros(1 << 14, np.uint32), by=1, threads=1 << 14) for _ in range(50)]
    gc.collect()
    events[-1].wait()


def test_errors_come_before_anything_runs(add, device):
    x = vf.asarray(np.zeros(4, np.uint32), device=device)
    with pytest.raises(vf.BindingError):
        add.submit(x=x, threads=4)
    with pytest.raises(vf.DtypeError):
        add.submit(x=np.zeros(4), by=1, threads=4)
    with pytest.raises(vf.InputError):
        add.submit(x=x, by=1)
    assert x.tolist() == [0] * 4


def test_prepared_calls_and_recorders_submit_too(add, device):
    x = vf.asarray(np.zeros(100, np.uint32), device=device)
    call = add.prepare(x=x, by=2, threads=100)
    call()
    events = [call.submit() for _ in range(20)]
    events.append(call.submit(after=events))
    recorder = vf.Recorder(device=device, wait=False)
    assert recorder.event.done
    with recorder:
        recorder.after(events)
        for _ in range(5):
            recorder.run(call)
        with pytest.raises(vf.StateError):
            _ = recorder.event
    recorder.event.wait()
    assert set(x.tolist()) == {2 * (1 + 21 + 5)}
    assert x.event.done


def test_after_takes_events_of_the_same_device(add, device, slow):
    x = vf.asarray(np.zeros(4, np.uint32), device=device)
    first, _ = slow()
    second = add.submit(x=x, by=1, threads=4, after=first)
    third = add.submit(x=x, by=1, threads=4, after=[first, second])
    third.wait()
    assert first.done
    assert second.done
    with native._testing.open_device() as other:
        y = vf.asarray(np.zeros(4, np.uint32), device=other)
        with pytest.raises(vf.InputError, match="another device"):
            vf.Kernel(ADD, device=other).submit(x=y, by=1, threads=4, after=first)
    for wrong in (1, [first, None], "event"):
        with pytest.raises(vf.ArgumentTypeError):
            add.submit(x=x, by=1, threads=4, after=wrong)
    assert x.tolist() == [2] * 4


# ---------------------------------------------------------------- asyncio


def test_await_returns_when_the_work_is_done(slow):
    async def main():
        event, x = slow()
        assert await event is None
        assert event.done
        await event
        return x

    assert np.array_equal(asyncio.run(main()).numpy(), slow_values())


def test_the_loop_runs_meanwhile(slow):
    async def main():
        event, _ = slow()
        task, turns = asyncio.ensure_future(event), 0
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
        assert event.done
        return turns

    assert asyncio.run(main()) > 10


def test_many_awaits_need_one_thread(slow, device):
    def native_threads():
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208

    async def main():
        first, _ = slow(10)
        await first
        before = native_threads()
        events = [slow(2000)[0] for _ in range(20)]
        waits = [asyncio.ensure_future(event) for event in (*reversed(events), *events)]
        await asyncio.sleep(0)
        during = native_threads()
        await asyncio.gather(*waits)
        assert all(event.done for event in events)
        return during - before

    assert asyncio.run(main()) <= 1


def test_results_are_there_after_await(add):
    async def main():
        x = np.zeros(4 * 100 + 1, np.uint8)[1:].view(np.uint32)  # always copied, so always brought back
        await add.submit(x=x, by=5, threads=100)
        return x

    assert set(asyncio.run(main()).tolist()) == {5}


def test_a_cancelled_await_forgets_only_the_wait(slow):
    async def main():
        event, x = slow()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(event, 0.005)
        task = asyncio.ensure_future(event)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await event
        return x

    assert np.array_equal(asyncio.run(main()).numpy(), slow_values())


def test_a_loop_may_be_closed_while_work_runs(slow):
    async def start():
        event, x = slow()
        asyncio.ensure_future(event)  # noqa: RUF006
        await asyncio.sleep(0)
        return event, x

    event, x = asyncio.run(start())  # cancels the task, closes the loop
    event.wait()

    async def again():
        await event

    asyncio.run(again())
    assert np.array_equal(x.numpy(), slow_values())


def test_loops_of_several_threads_await_one_event(slow):
    event, _ = slow()
    seen = []

    async def main():
        await event
        seen.append(event.done)

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 8


def test_await_needs_a_running_loop(slow):
    event, _ = slow()
    with pytest.raises(RuntimeError):
        event.__await__()
    event.wait()


def test_the_device_may_be_closed_while_it_is_awaited():
    async def main():
        device = vf.Device()
        kernel = vf.Kernel(SLOW, device=device)
        x = vf.asarray(np.zeros(THREADS, np.uint32), device=device)
        event = kernel.submit(x=x, turns=30_000, threads=THREADS)
        for held in (x, kernel, device):
            held.close()
        waits = asyncio.ensure_future(event)
        await asyncio.sleep(0)
        del event
        await waits

    for _ in range(3):
        asyncio.run(main())


# ---------------------------------------------------------------- a lost device


def test_a_lost_device_is_said_by_done_wait_and_await():
    async def main(event):
        await event

    with vf.Device() as device:
        kernel = vf.Kernel(SLOW, device=device)
        x = vf.asarray(np.zeros(THREADS, np.uint32), device=device)
        first = kernel.submit(x=x, turns=10, threads=THREADS)
        first.wait()
        event = kernel.submit(x=x, turns=30_000, threads=THREADS)
        native._testing.inject_fault("vkQueueSubmit", -4)
        with pytest.raises(vf.DeviceLostError):
            kernel.submit(x=x, turns=1, threads=THREADS)
        native._testing.clear_faults()
        assert first.done, "what was done before the loss stays done"
        for ask in (lambda: event.done, event.wait, lambda: asyncio.run(main(event))):
            with pytest.raises(vf.DeviceLostError):
                ask()
        assert "lost" in repr(event)


def test_a_loss_wakes_who_awaits():
    async def main():
        with vf.Device() as device:
            kernel = vf.Kernel(SLOW, device=device)
            x = vf.asarray(np.zeros(THREADS, np.uint32), device=device)
            events = [kernel.submit(x=x, turns=30_000, threads=THREADS) for _ in range(3)]
            waits = [asyncio.ensure_future(event) for event in events]
            await asyncio.sleep(0)
            native._testing.inject_fault("vkWaitSemaphores", -4)
            said = await asyncio.gather(*waits, return_exceptions=True)
            native._testing.clear_faults()
            return said

    said = asyncio.run(main())
    assert isinstance(said[-1], vf.DeviceLostError)
    assert said[-1].code == "DEVICE_LOST"


# ---------------------------------------------------------------- readbacks


def test_a_future_gives_the_values_of_its_time(add, slow, device):
    values = np.arange(10_000, dtype=np.uint32)
    x = vf.asarray(values, device=device)
    slow()
    future = x.to_host_async()
    add(x=x, by=1, threads=x.size)
    got = future.result(timeout_s=600)
    assert got is future.result()
    assert future.done
    assert future.event.done
    assert np.array_equal(got, values)
    assert np.array_equal(x.numpy(), values + 1)
    got[:] = 7
    assert np.array_equal(x.numpy(), values + 1)
    del x, future
    gc.collect()
    assert set(got.tolist()) == {7}


def test_a_future_times_out_and_goes_on(slow, device):
    _, x = slow()
    future = x.to_host_async()
    with pytest.raises(vf.WaitTimeoutError):
        future.result(timeout_s=0.001)
    assert np.array_equal(future.result(), slow_values())


def test_futures_are_awaited(slow):
    async def main():
        _, x = slow()
        return await asyncio.gather(x.to_host_async(), x.to_host_async(after=x.event))

    first, second = asyncio.run(main())
    assert np.array_equal(first, second)
    assert np.array_equal(first, slow_values())


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.float64(3), np.arange(6, dtype=np.int8).reshape(2, 3)])
def test_futures_of_any_shape(device, values):
    got = vf.asarray(values, device=device).to_host_async().result()
    assert got.shape == np.shape(values)
    assert got.dtype == values.dtype
    assert np.array_equal(got, values)


def test_futures_of_strided_arrays(device):
    if not device.limits["host_import_alignment"]:
        pytest.skip("needs a device that imports host memory")
    values = np.arange(60, dtype=np.int32).reshape(6, 10)
    for view in (values[::2, ::-3], values.T, values[1:, 3:7]):
        assert np.array_equal(vf.from_host(view, device=device).to_host_async().result(), view)


# ---------------------------------------------------------------- the end of the process, and forks


def run_python(code):
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=300
    )


START = f"""
import asyncio, os, sys, threading
import numpy as np, vulkan_forge as vf
kernel = vf.Kernel('''{SLOW}''')
x = vf.asarray(np.zeros({THREADS}, np.uint32))
event = kernel.submit(x=x, turns=30_000, threads={THREADS})
"""


@pytest.mark.parametrize("ending", ["", "sys.exit(0)", "os._exit(0)", "del vf, x, kernel"])
def test_the_process_may_end_while_work_is_awaited(ending):
    done = run_python(
        START
        + f"""
async def main():
    asyncio.ensure_future(event)
    await asyncio.sleep(0)
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
print("left", flush=True)
{ending}
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "left\n"
    assert "Fatal" not in done.stderr


def test_a_forked_child_is_refused():
    done = run_python(
        START
        + """
async def main():
    asyncio.ensure_future(event)  # starts the watcher's thread, which the child does not have
    await asyncio.sleep(0)
asyncio.run(main())
child = os.fork()
if child == 0:
    for ask in (lambda: event.done, event.wait, lambda: asyncio.new_event_loop().run_until_complete(event)):
        try:
            ask()
        except vf.ForkError:
            continue
        os._exit(1)
    os._exit(0)  # as multiprocessing ends: a driver may wait at exit for a lock that a thread held at the fork
assert os.waitpid(child, 0)[1] == 0
event.wait()
print("done")
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
