"""What fails leaves nothing behind: constructions, refused calls, memory that runs out."""

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import (
    SIZE,
    TOLERANCE,
    TOLERANCE_OF_COMPILERS,
    assert_clean,
    heights,
    kernel_and_picture,
    kernel_on,
    raises,
    values,
)
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu


def failed_constructions(device):
    raises(vf.LimitError, vf.Buffer, 1 << 60, device=device)
    raises(vf.ShaderError, vf.Kernel, "void main() { broken }", device=device)
    raises(vf.ShaderError, vf.Kernel, b"no SPIR-V", device=device)
    raises(vf.DtypeError, vf.asarray, np.ones(SIZE, ">f4"), device=device)
    raises(vf.LimitError, vf.Renderer, 1 << 30, 1, device=device)
    raises(vf.InputError, vf.Renderer, 0, 1, device=device)
    raises(vf.InputError, vf.Scene, 8, 8, 5000, device=device)
    raises(vf.InputError, vf.TerrainSpike, 8, 8, 8, "jet", device=device)
    raises(vf.NoDeviceError, vf.Device, "no such device")
    raises(TypeError, vf.empty, None, device=device)


def refused_calls(device):
    run, x = kernel_on(device), vf.asarray(values(), device=device)
    raises(vf.BindingError, run, threads=1)
    raises(vf.BindingError, run, x=values(), y=values(), threads=1)
    raises(vf.DtypeError, run, x=values().astype(np.float64), threads=1)
    raises(vf.InputError, run, x=values())
    raises(vf.InputError, run.prepare, x=x)
    made = vf.Renderer(8, 8, device=device)
    made.add_terrain(heights(), (1, 1))
    raises(RuntimeError, made.add_terrain, heights(), (0, 1))
    raises(OSError, made.render_png, "/nonexistent/a.png")
    spike = vf.TerrainSpike(8, 8, 8, device=device)
    raises(RuntimeError, spike.set_height_from_r32f, heights().T[::2])
    raises(RuntimeError, spike.set_camera_look_at, (0, 0, 0), (0, 0, 0))
    raises(OSError, spike.render_png, "/nonexistent/a.png")


def faults_half_way(device):
    """Out of memory at each place in turn."""
    for failing in (
        "vmaCreateBuffer",
        "vmaCreateImage",
        "vkQueueSubmit",
        "vkCreateShaderModule",
        "vkBeginCommandBuffer",
    ):
        for skip in range(3):
            native._testing.inject_fault(failing, -1, skip, 3)
            try:
                kernel_and_picture(device)
            except MemoryError:
                pass
            finally:
                native._testing.clear_faults()


CASES = [failed_constructions, refused_calls, faults_half_way]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device, TOLERANCE_OF_COMPILERS if case is faults_half_way else TOLERANCE)
