"""Kernels that are put off: on CPU drivers the host computes an expression until compiling it is worth it."""

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp

pytestmark = pytest.mark.gpu
LARGE = 1 << 22  # elements that are no small work any more


@pytest.fixture
def device():
    with vf.Device() as device:
        yield device


def puts_off(device):
    """Whether the device is a CPU driver that rounds as the host does; others compile at once."""
    needed = ("shaderRoundingModeRTEFloat32", "shaderSignedZeroInfNanPreserveFloat32")
    return device.info["device_type"] == "Cpu" and all(map(device.has, needed))


def two(device):
    rng = np.random.default_rng(5)
    values = [rng.standard_normal(LARGE, np.float32) for _ in range(2)]
    return values, [vf.asarray(v, device=device) for v in values]


def pipelines(device):
    return device.counts()["pipelines"]


def test_what_comes_once_is_not_compiled(device):
    (a, b), (x, y) = two(device)
    before = pipelines(device)
    np.testing.assert_array_equal(np.asarray(vnp.maximum((x * y + x) * 2 - y, x)), np.maximum((a * b + a) * 2 - b, a))
    assert (pipelines(device) == before) == puts_off(device)


def test_what_comes_again_and_again_is_compiled_and_gives_the_same_bits(device):
    _, (x, y) = two(device)
    before, seen = pipelines(device), []
    while pipelines(device) == before:
        seen.append(np.asarray((x - y) * x + y * 0.5 - x / (y * y + 1))[::97].copy())
        assert len(seen) < 1000, "never compiled"
    assert (len(seen) > 1) == puts_off(device)
    compiled = pipelines(device)
    seen.append(np.asarray((x - y) * x + y * 0.5 - x / (y * y + 1))[::97].copy())
    assert all(np.array_equal(seen[0], one) for one in seen[1:])
    np.asarray((x - y) * x + y * 0.25 - x / (y * y + 2))  # the same structure
    assert pipelines(device) == compiled


def test_a_profile_shows_the_kernel(device):
    _, (x, y) = two(device)
    with vf.profile(device=device) as profile:
        np.asarray(x * y - x)
    assert [row.name for row in profile.rows if row.name != "copy"] == ["multiply_subtract"]
    compiled = pipelines(device)
    np.asarray(y * x - y)
    assert pipelines(device) == compiled
