from collections.abc import Iterator

import pytest

import vulkan_forge as vf
from graphs import ADD, SCALE, SHIFT_AT
from vulkan_forge import _vulkan_forge as native


@pytest.fixture
def staging() -> Iterator[vf.Device]:
    """A device that behaves as a discrete card does: its memory is out of the host's sight."""
    with native._testing.open_device(force_staging=True) as device:
        yield device


@pytest.fixture
def shared() -> Iterator[vf.Device]:
    """A device that works on NumPy's own memory."""
    with native._testing.open_device() as device:
        if not device.shares_memory_with_host or not device.limits["host_import_alignment"]:
            pytest.skip("needs a device that shares memory with the host")
        yield device


@pytest.fixture(params=["shared", "staging"])
def any_device(request: pytest.FixtureRequest) -> vf.Device:
    return request.getfixturevalue(request.param)


@pytest.fixture
def scale(device: vf.Device) -> vf.Kernel:
    return vf.Kernel(SCALE, name="scale")


@pytest.fixture
def add(device: vf.Device) -> vf.Kernel:
    return vf.Kernel(ADD, name="add")


@pytest.fixture
def shift(device: vf.Device) -> vf.Kernel:
    return vf.Kernel(SHIFT_AT, name="shift")
