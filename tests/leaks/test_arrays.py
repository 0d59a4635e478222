"""Buffers, arrays and views of their memory leave nothing behind."""

import gc

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import SIZE, assert_clean, values

pytestmark = pytest.mark.gpu


def buffer(device):
    made = vf.Buffer(SIZE, device=device)
    made.write(b"bytes")
    made.read()
    made.array(np.uint8)


def buffers_of_each_intent(device):
    for intent in ("device", "upload", "readback", "shared"):
        with vf.Buffer(SIZE, intent=intent, device=device) as made:
            made.write(bytes(SIZE))


def array_from_values(device):
    vf.asarray(values(), device=device).tolist()[:1]


def array_from_strides(device):
    vf.asarray(values(2 * SIZE)[::-2], device=device)


def array_from_host(device):
    made = vf.from_host(values(), device=device)
    with made.map() as view:
        view[0] = 2


def array_from_dlpack(device):
    vf.from_dlpack(values(), device=device)
    vf.from_dlpack(values(), device=device, copy=True)


def array_empty(device):
    vf.empty(SIZE, device=device)


def array_closed_by_with(device):
    with vf.asarray(values(), device=device) as made:
        made.numpy()


def array_in_a_cycle(device):
    ring = [vf.asarray(values(), device=device)]
    ring.append(ring)
    del ring
    gc.collect()


def views(device):
    made = vf.asarray(values(), device=device)
    kept = [np.asarray(made), made.numpy(), np.asarray(made)[3:9], np.array(made)]
    if device.shares_memory_with_host:
        kept += [memoryview(made), np.asarray(memoryview(made)), made.__array_interface__]
    with made.map() as view:
        view[:] = 1
    kept.append(view)
    made.close()


def dlpack_capsules(device):
    made = vf.asarray(values(), device=device)
    for options in ({}, {"max_version": (1, 0)}):
        made.__dlpack__(copy=True, **options)
        if device.shares_memory_with_host:
            made.__dlpack__(**options)
    np.from_dlpack(made, copy=True)


CASES = [
    buffer,
    buffers_of_each_intent,
    array_from_values,
    array_from_strides,
    array_from_host,
    array_from_dlpack,
    array_empty,
    array_closed_by_with,
    array_in_a_cycle,
    views,
    dlpack_capsules,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device)
