"""Leaks: what is made and dropped 50 times leaves device objects, file descriptors and memory as they were."""

import functools
import gc
import os
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf

CYCLES = 50
# Resident memory that 50 cycles together may keep, for allocators and drivers keep some pages. One lost 256 KiB array a
# cycle makes 12 MiB.
TOLERANCE = 6 << 20
# A device opened anew keeps a little in the drivers, whose compilers never give all of it back. An allowance, not a
# figure: a device that leaked any of its own buffers would show in counts() first.
TOLERANCE_OF_COMPILERS = TOLERANCE + CYCLES * (200 << 10)
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")  # it keeps freed blocks: resident memory says nothing
SIZE = 1 << 16  # floats: 256 KiB

DOUBLE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }
"""


def counts(device):
    gc.collect()
    device.wait_idle()
    return {key: value for key, value in device.counts().items() if key != "pooled_bytes"}


def descriptors():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_clean(cycle, device=None, tolerance=TOLERANCE):
    for _ in range(5):  # caches, pools and lazily made things fill
        cycle()
    before = (counts(device) if device else None, descriptors())
    grown = []
    for _ in range(3):  # allocators and drivers grow once in a while, a leak grows every time
        memory = resident()
        for _ in range(CYCLES):
            cycle()
        gc.collect()
        left = (counts(device) if device else None, descriptors())
        assert left == before, f"objects and file descriptors are {left}, were {before}"
        grown.append(resident() - memory)
        if grown[-1] < tolerance or SANITIZED:
            return
    raise AssertionError(f"resident memory grew by {grown} bytes in 50 cycles each, allowed are {tolerance}")


MADE = []


def once_a_device(make):
    """What all cycles of a test share; forget() drops it after the test."""
    MADE.append(functools.cache(make))
    return MADE[-1]


def forget():
    for made in MADE:
        made.cache_clear()


@once_a_device
def kernel_on(device):
    return vf.Kernel(DOUBLE, device=device)


def kernel_and_picture(device):
    vf.Kernel(DOUBLE, device=device)(x=values(), threads=SIZE)
    vf.Renderer(32, 32, device=device).render_triangle_rgba()


def values(count=SIZE):
    return np.ones(count, np.float32)


def heights(side=64):
    return np.add.outer(np.arange(side), np.arange(side)).astype(np.float32)


def raises(error, use, *arguments, **options):
    with pytest.raises(error):
        use(*arguments, **options)
