"""A machine without a driver, or without a loader: whatever needs a device says what to install."""

import pytest

from processes import succeeds

pytestmark = pytest.mark.gpu


NO_DRIVER = {"VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent", "VULKAN_FORGE_VALIDATION": "0"}
NEEDS_DEVICE = """
import io, contextlib
import numpy as np
import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.cli import main
LOADER = {loader}
if LOADER:
    native._testing.inject_fault("volkInitialize", -1, 0, 1000)
for make in (
    lambda: vf.Kernel("void main() {{}}"), lambda: vf.Renderer(8, 8), lambda: vf.asarray([1.0]), lambda: vf.Buffer(4),
    lambda: vf.from_host(np.ones(3)), lambda: vf.from_dlpack(np.ones(3)), vf.Device, vf.default_device,
    lambda: vf.render_triangle_rgba(8, 8), lambda: vf.Scene(8, 8), lambda: vf.TerrainSpike(8, 8),
    lambda: vf.make_terrain(8, 8),
):
    for _ in range(2):
        try:
            make()
        except vf.NoDeviceError as error:
            text = str(error)
            assert "No suitable GPU adapter" in text, text
            assert "install" in text and "mesa-vulkan-drivers" in text, text
            assert error.code in ("NO_DRIVER", "NO_DEVICE")
        else:
            raise AssertionError("no error")
said = io.StringIO()
with contextlib.redirect_stdout(said):
    try:
        code = main(["doctor"])
    except SystemExit as end:
        code = end.code
assert "install" in said.getvalue(), said.getvalue()
assert vf.enumerate_adapters() == []
print("good")
"""


def test_without_a_driver():
    assert succeeds(NEEDS_DEVICE.format(loader=False), env=NO_DRIVER) == "good\n"


def test_without_a_loader():
    assert succeeds(NEEDS_DEVICE.format(loader=True)) == "good\n"
