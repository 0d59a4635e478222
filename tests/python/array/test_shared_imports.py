"""Imports of the same host memory are one memory, whatever Arrays they are."""

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

SCALE = """layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = 2.0 * x[i]; }
"""
INCREASE = """layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < x.length()) x[i] += 1.0; }
"""


@pytest.fixture(autouse=True)
def _imports(device):
    if device.limits["host_import_alignment"] == 0:
        pytest.skip("the device imports no host memory")


def aligned(count, fill):
    """Floats that start where kernels of every device can read them."""
    room = np.full(count + 64, fill, np.float32)
    return room[-(room.ctypes.data // 4) % 64 :][:count]


@pytest.fixture
def two():
    """Two Arrays over one ndarray."""
    values = aligned(4096, 1)
    return values, vf.from_host(values), vf.from_host(values)


def test_values_put_off_are_those_from_before_a_write_by_another_import(two):
    _, a, b = two
    later, sums = a + 1, compute.reduce(a)
    b[:] = 9
    assert later.tolist() == [2.0] * 4096
    assert float(sums) == 4096
    assert a.tolist() == [9.0] * 4096


def test_an_import_made_later_knows_of_values_put_off():
    values = np.ones(64, np.float32)
    a = vf.from_host(values)
    later = a * 3
    vf.from_host(values)[:] = 5
    assert later.tolist() == [3.0] * 64


def test_an_expression_that_reads_what_it_is_written_to_by_another_import(two):
    values, a, b = two
    values[:] = np.arange(4096)
    b[1:] = a[:-1] + 0
    assert b.tolist() == [0.0, *range(4095)]


def test_tensors_of_one_memory(two):
    values, *_ = two
    a, b = vf.from_dlpack(values), vf.from_dlpack(values)
    later = a + 1
    b += 5
    assert later.tolist() == [2.0] * 4096


def test_barriers_stand_between_imports_of_one_memory(two):
    _, a, b = two
    y = vf.empty(4096)
    increase, scale = vf.Kernel(INCREASE), vf.Kernel(SCALE)
    with vf.record() as graph:
        increase(x=a, threads=4096)
        scale(x=b, y=y, threads=4096)
    assert graph.barriers == 1
    graph.run()
    assert y.tolist() == [4.0] * 4096
    with vf.record() as graph:  # parts that do not meet need none
        increase(x=a[:1024], threads=1024)
        scale(x=b[2048:], y=y[:2048], threads=2048)
    assert graph.barriers == 0


def test_the_host_waits_for_what_another_import_writes():
    values = aligned(1 << 20, 0)
    a, b = vf.from_host(values), vf.from_host(values)
    increase = vf.Kernel(INCREASE)
    for turn in range(1, 20):
        increase.submit(x=a, threads=values.size)
        assert np.asarray(b)[-1] == turn
        increase.submit(x=vf.from_host(values[: 1 << 19]), threads=1 << 19)  # this import is gone at once
        c = vf.from_host(values[:4])
        assert np.asarray(c)[0] == 2 * turn


def test_copies_between_imports_of_one_memory_are_refused(two):
    _, a, b = two
    with pytest.raises(vf.InputError, match="overlap"):
        vf.copy_async(a[:100], b[50:150])
    with pytest.raises(vf.InputError, match="share memory"), vf.record() as graph:
        graph.copy(a, b)
    vf.copy_async(a[:100], b[100:200]).wait()
