"""What tests of leaks share: a device of each kind, and a fresh start."""

import pytest

from leaks import forget
from vulkan_forge import _vulkan_forge as native


@pytest.fixture(params=["shared", "staging"])
def device(request):
    with native._testing.open_device(force_staging=request.param == "staging") as device:
        yield device


@pytest.fixture(autouse=True)
def _forget_kernels():
    yield
    forget()
