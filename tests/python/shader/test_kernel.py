"""Kernels called from Python: what they compute, over which grid, in whose memory."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from kernels import ONES, SAXPY, inputs, saxpy

pytestmark = pytest.mark.gpu


@settings(max_examples=40, deadline=None)
@given(
    count=st.sampled_from([1, 2, 63, 64, 65, 127, 1023, 1024, 4097]) | st.integers(1, 20_000),
    alpha=st.floats(-100, 100, width=32),
    seed=st.integers(0, 100),
)
def test_saxpy_matches_numpy(count, alpha, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, count), np.float32)
    wanted = y + np.float32(alpha) * x
    saxpy()(x=x, y=y, n=count, alpha=alpha, threads=count)
    np.testing.assert_allclose(y, wanted, rtol=1e-6, atol=1e-5)  # fused multiply-add rounds once


def test_ndarrays_arrays_and_buffers_alike(any_device):
    kernel = vf.Kernel(SAXPY, device=any_device)
    x, y = inputs()
    wanted = y + 2 * x
    buffer = vf.Buffer(y.nbytes, device=any_device)
    buffer.write(y)
    kernel(x=vf.asarray(x, device=any_device), y=buffer, n=100, alpha=2.0, threads=100)
    np.testing.assert_allclose(np.frombuffer(buffer.read(), np.float32), wanted, rtol=1e-6)
    array = vf.asarray(y, device=any_device)
    kernel(x=x, y=array, n=np.uint8(100), alpha=np.float64(2), threads=100)
    np.testing.assert_allclose(np.asarray(array), wanted, rtol=1e-6)
    kernel(x=buffer.array(np.float32), y=y, n=0, alpha=2, threads=(100, 1, 1))
    np.testing.assert_array_equal(y, inputs()[1])


def test_ndarrays_are_used_in_place(shared):
    kernel = vf.Kernel(SAXPY, device=shared)
    start = 64 * 4 if shared.limits["storage_offset_alignment"] > 16 else 4
    x, y = page_aligned(1000)[start:], page_aligned(1000)[start:]
    x[:], y[:] = 3, 1
    before = vf.transfer_counters()
    kernel(x=x, y=y, n=len(y), alpha=2.0, threads=len(y))
    assert vf.transfer_counters() == before
    assert (y == 7).all()
    assert shared.counts()["imports"] == 0


def page_aligned(count):
    raw = np.zeros(count * 4 + 4096, np.uint8)
    start = -raw.ctypes.data % 4096
    return raw[start : start + count * 4].view(np.float32)


def test_ndarrays_are_copied_there_and_back_where_the_host_does_not_share(staging):
    kernel = vf.Kernel(SAXPY, device=staging)
    x, y = np.full(1000, 3, np.float32), np.ones(1000, np.float32)
    before = vf.transfer_counters()
    kernel(x=x, y=y, n=1000, alpha=2.0, threads=1000)
    after = vf.transfer_counters()
    assert (y == 7).all()
    assert after["uploaded_bytes"] - before["uploaded_bytes"] == 8000
    assert after["downloaded_bytes"] - before["downloaded_bytes"] == 4000  # x is only read
    assert staging.counts()["buffers"] == 0


@pytest.mark.parametrize("offset", [1, 2, 3, 5, 8, 13, 100])
def test_unaligned_ndarrays(any_device, offset):
    kernel = vf.Kernel(SAXPY, device=any_device)
    raw = np.zeros(4096, np.uint8)
    x = np.frombuffer(bytes(offset) + np.full(300, 3, np.float32).tobytes(), np.float32, offset=offset)
    y = raw[offset : offset + 1200].view(np.float32)
    y[:] = 1
    kernel(x=x, y=y, n=300, alpha=2.0, threads=300)
    assert (y == 7).all()
    assert not raw[:offset].any()
    assert not raw[offset + 1200 :].any()


def test_a_written_array_keeps_what_the_kernel_leaves_alone(any_device):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) writeonly buffer Y { uint y[]; };
        void main() { y[gl_GlobalInvocationID.x * 2] = 9; }""",
        device=any_device,
    )
    y = np.arange(10, dtype=np.uint32)
    kernel(y=y, threads=5)
    assert y.tolist() == [9, 1, 9, 3, 9, 5, 9, 7, 9, 9]


def test_the_same_array_twice(any_device):
    y = vf.asarray(np.ones(64, np.float32), device=any_device)
    vf.Kernel(SAXPY, device=any_device)(x=y, y=y, n=64, alpha=2.0, threads=64)
    assert y.tolist() == [3] * 64


BY_TURNS = """layout(local_size_x = 1) in;
layout(binding = 0) buffer X { uint x[]; };
layout(binding = 1) buffer Y { uint y[]; };
void main() { uint i = gl_GlobalInvocationID.x * 2; x[i] += 7; y[i + 1] += 9; }"""


def test_what_is_written_under_two_names_arrives_from_both(any_device):
    """Each had a copy of its own, and the one that was brought back last had nothing of the other's."""
    kernel = vf.Kernel(BY_TURNS, device=any_device)
    raw = np.ones(11, np.uint32)
    for y in (raw[:10], raw[1:]):
        y[:] = 1
        kernel(x=y, y=y, threads=5)
        assert y.tolist() == [8, 10] * 5
        event = kernel.submit(x=y, y=y, threads=5)
        event.wait()
        assert y.tolist() == [15, 19] * 5


def test_copies_that_would_be_brought_back_over_each_other_are_refused(staging):
    kernel = vf.Kernel(BY_TURNS, device=staging)
    raw = np.zeros(20, np.uint32)
    kernel(x=raw[:10], y=raw[10:], threads=5)
    assert raw.tolist() == [7, 0] * 5 + [0, 9] * 5
    with pytest.raises(vf.InputError, match=r"arguments x and y overlap.*vf\.asarray"):
        kernel(x=raw[:10], y=raw[2:12], threads=5)
    assert raw.tolist() == [7, 0] * 5 + [0, 9] * 5
    both = vf.asarray(np.zeros(74, np.uint32), device=staging)  # as the message says
    kernel(x=both[:70], y=both[64:], threads=5)
    assert both.tolist() == [7, 0] * 5 + [0] * 54 + [0, 9] * 5


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_dispatch_takes_as_many_groups_as_the_device_says(device, axis):
    most = device.limits["max_groups"][axis]
    count = min(most, 1 << 17)
    kernel = vf.Kernel(
        f"""layout(local_size_x = 1) in;
        layout(binding = 0) buffer X {{ uint x[]; }};
        void main() {{ x[gl_WorkGroupID.{"xyz"[axis]}] += gl_WorkGroupID.{"xyz"[axis]}; }}"""
    )
    groups = [1, 1, 1]
    groups[axis] = count
    x = np.zeros(count, np.uint32)
    kernel(x=x, groups=groups)
    np.testing.assert_array_equal(x, np.arange(count))
    if most >= 1 << 32:
        return
    groups[axis] = most + 1
    with pytest.raises(vf.LimitError, match="too large for one dispatch") as caught:
        kernel(x=x, groups=groups)
    assert int(caught.value.details["limit"]) == most
    np.testing.assert_array_equal(x, np.arange(count))


def test_a_grid_in_three_axes():
    kernel = vf.Kernel(
        """layout(local_size_x = 4, local_size_y = 2) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() {
          uvec3 i = gl_GlobalInvocationID;
          if (i.x < 5 && i.y < 3) x[(i.z * 3 + i.y) * 5 + i.x] = i.x + 10 * i.y + 100 * i.z;
        }"""
    )
    assert kernel.workgroup == (4, 2, 1)
    z, y, x = np.indices((2, 3, 5))
    for grid in ({"threads": (5, 3, 2)}, {"groups": [2, 2, 2]}, {"threads": np.array([5, 3, 2])}):
        got = np.zeros((2, 3, 5), np.uint32)
        kernel(x=got, **grid)
        np.testing.assert_array_equal(got, x + 10 * y + 100 * z)


def test_the_group_count_shows(device):
    kernel = vf.Kernel(ONES.replace("= 1u", "= gl_NumWorkGroups.x"))
    x = np.zeros(4, np.uint32)
    kernel(x=x, groups=4)
    assert x.tolist() == [4] * 4


def test_nothing_runs_for_an_empty_grid_or_array():
    x = np.zeros(4, np.uint32)
    kernel = vf.Kernel(ONES)
    for grid in ({"threads": 0}, {"groups": 0}, {"threads": (4, 0)}, {"groups": (4, 1, 0)}):
        kernel(x=x, **grid)
    assert not x.any()


def test_empty_arrays_with_an_empty_grid_or_refused():
    empty = np.zeros(0, np.float32)
    for values in (empty, vf.asarray(empty)):
        try:
            saxpy()(x=values, y=values, n=0, alpha=1.0, threads=0)
        except vf.ShapeError as error:
            assert error.code == "TOO_SMALL"  # noqa: PT017
            assert "too small" in str(error)  # noqa: PT017


def test_a_kernel_that_is_closed_while_it_runs_writes_into_no_other_memory():
    """Drivers that end long loops have kernels set a word when they do; its memory is nobody else's meanwhile."""
    for _ in range(3):
        kernel = vf.Kernel(
            """layout(local_size_x = 64) in;
            layout(binding = 0) buffer X { uint x[]; };
            layout(push_constant) uniform Push { uint rounds; };
            void main() {
              uint sum = 0u;
              for (uint k = 0u; k < rounds; ++k) sum += (k ^ sum) & 1u | 1u;
              x[gl_GlobalInvocationID.x] = sum;
            }"""
        )
        event = kernel.submit(x=vf.asarray(np.zeros(4096, np.uint32)), rounds=70_000, threads=4096)
        kernel.close()
        del kernel
        others = [vf.Buffer(4, intent="shared") for _ in range(4)]
        for other in others:
            other.write(bytes(4))
        with contextlib.suppress(vf.UnsupportedError):  # the driver's loops end early
            event.wait()
        assert [other.read() for other in others] == [bytes(4)] * 4
