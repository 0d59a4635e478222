"""Building blocks in teams of other sizes than the device's subgroups."""

from collections.abc import Iterator

import numpy as np
import pytest

from vulkan_forge import _vulkan_forge as native
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


@pytest.fixture(params=[1, 2, 4, 16, 32, 64, 128])
def lanes(request: pytest.FixtureRequest) -> Iterator[int]:
    native._testing.emulate_lanes(request.param)
    yield request.param
    native._testing.emulate_lanes(0)


def test_reduce(lanes):
    x = np.random.default_rng(lanes).integers(-1000, 1000, 40_003).astype(np.int32)
    for op in ("sum", "max", "argmin"):
        assert np.asarray(compute.reduce(x, op)) == getattr(np, op)(x)
    y = x[:40_000].reshape(100, 400)
    np.testing.assert_array_equal(np.asarray(compute.reduce(y, "sum", axis=1)), y.sum(1))
    np.testing.assert_array_equal(np.asarray(compute.reduce(y, "sum", axis=0)), y.sum(0))


def test_scan(lanes):
    x = np.random.default_rng(lanes).integers(-1000, 1000, 40_003).astype(np.int32)
    np.testing.assert_array_equal(np.asarray(compute.scan(x)), np.cumsum(x))
    largest = np.maximum.accumulate(x[::-1])[::-1]
    np.testing.assert_array_equal(np.asarray(compute.scan(x, "max", reverse=True)), largest)
