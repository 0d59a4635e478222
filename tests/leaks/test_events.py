"""Work that the host does not wait for leaves nothing behind: events, copies, futures."""

import asyncio

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import SIZE, assert_clean, kernel_on, values

pytestmark = pytest.mark.gpu


async def awaited(events):
    kept = [asyncio.ensure_future(event) for event in events]
    kept[0].cancel()
    await asyncio.gather(*kept, return_exceptions=True)


def events(device):
    run, x = kernel_on(device), vf.asarray(values(), device=device)
    raw = np.zeros(SIZE * 4 + 1, np.uint8)[1:].view(np.float32)
    started = [run.submit(x=argument, threads=64) for argument in (x, values(), raw)]
    started.append(run.submit(x=x, threads=64, after=started))
    run.submit(x=raw, threads=64)  # nobody waits for it
    asyncio.run(awaited(started))
    x.event.wait()


def host_futures(device):
    x = vf.asarray(values(), device=device)
    x.to_host_async().result()
    x.to_host_async()  # nobody asks for it
    asyncio.run(awaited([x.to_host_async()]))


def copies(device):
    x, y = vf.asarray(values(), device=device), vf.asarray(values(), device=device)
    vf.copy_async(x, y)
    vf.copy_async(y, x).wait()


CASES = [events, host_futures, copies]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device)
