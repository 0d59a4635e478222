"""Devices leave nothing behind, closed, dropped, lost or never opened."""

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import DOUBLE, TOLERANCE_OF_COMPILERS, assert_clean, kernel_and_picture, raises, values
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu


def open_and_close():
    vf.Device().close()


def open_and_use():
    with vf.Device() as made:
        kernel_and_picture(made)


def open_and_drop():
    kept = vf.asarray(values(), device=vf.Device())
    np.asarray(kept)


def open_and_lose():
    with vf.Device() as made:
        run = vf.Kernel(DOUBLE, device=made)
        native._testing.inject_fault("vkQueueSubmit", -4)
        raises(vf.DeviceLostError, run, x=values(), threads=64)
        native._testing.clear_faults()


def open_and_fail():
    native._testing.inject_fault("vmaCreateAllocator", -1)
    raises(vf.OutOfMemoryError, vf.Device)
    native._testing.clear_faults()


def release_and_open():
    vf.release_default_device()
    vf.asarray(values())


CASES = [open_and_close, open_and_use, open_and_drop, open_and_lose, open_and_fail, release_and_open]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of_devices(case):
    assert_clean(case, None, TOLERANCE_OF_COMPILERS)
    vf.release_default_device()
