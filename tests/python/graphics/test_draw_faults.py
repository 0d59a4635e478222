"""When a call of Vulkan fails under a draw: an exception, and never a blank frame in place of a picture."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import vulkan_forge as vf
from drawing import FULL, cover
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu

testing = native._testing
OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY, DEVICE_LOST = -1, -2, -4
PLACED = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"


@pytest.fixture(autouse=True)
def _no_faults_left():
    vf.release_default_device()
    yield
    testing.clear_faults()
    vf.release_default_device()


def drawn(device, **options):
    """A target with a good picture in it, and a draw that would change it."""
    target = graphics.Target(4, 4, device=device, **options)
    pipeline = graphics.Pipeline(
        vertex=PLACED, fragment="layout(location = 0) out vec4 color; void main() { color = vec4(1.0); }", device=device
    )
    target.clear((1, 0, 0, 1))
    vertices = {"position": vf.asarray(FULL, device=device)}
    return target, lambda: target.draw(pipeline, vertices=vertices, clear=(0, 0, 0, 0))


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vkWaitSemaphores"])
def test_a_lost_device_raises_from_the_draw_and_from_every_read(call):
    with vf.Device() as device:
        target, draw = drawn(device)
        if call == "vkWaitSemaphores":  # the wait is skipped where the work is done already
            testing.inject_fault("vkGetSemaphoreCounterValue", DEVICE_LOST, 0, 1)
        testing.inject_fault(call, DEVICE_LOST, 0, 1)
        with pytest.raises(vf.DeviceLostError):
            draw()
        testing.clear_faults()
        for again in (draw, target.read, target.read_async, lambda: target.read("depth")):
            with pytest.raises(vf.DeviceLostError):
                again()


@pytest.mark.parametrize("result", [OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY])
@pytest.mark.parametrize(
    "call", ["vkQueueSubmit", "vkEndCommandBuffer", "vkBeginCommandBuffer", "vkCreateGraphicsPipelines"]
)
def test_out_of_memory_leaves_the_picture_and_the_next_draw_works(call, result):
    with vf.Device() as device:
        target, draw = drawn(device)
        testing.inject_fault(call, result, 0, 1)
        with pytest.raises(vf.OutOfMemoryError):
            draw()
        testing.clear_faults()
        assert (target.read() == [255, 0, 0, 255]).all()
        draw()
        assert (target.read() == 255).all()


def test_a_first_draw_that_fails_leaves_no_picture_at_all():
    with vf.Device() as device:
        target = graphics.Target(4, 4, device=device)
        pipeline = cover(device=device)
        testing.inject_fault("vkQueueSubmit", OUT_OF_DEVICE_MEMORY, 0, 1)
        with pytest.raises(vf.OutOfMemoryError):
            target.draw(pipeline, count=3, clear=(0, 0, 0, 0), ink=(1, 1, 1, 1))
        testing.clear_faults()
        with pytest.raises(vf.StateError, match="a draw that raised has drawn nothing"):
            target.read()
        with pytest.raises(vf.BindingError):
            target.draw(pipeline, count=3, clear=(0, 0, 0, 0))
        with pytest.raises(vf.StateError, match="nothing was drawn"):
            target.read()


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vmaCreateBuffer"])
def test_a_read_that_fails_raises_and_the_next_one_gives_the_picture(call):
    with testing.open_device(force_staging=True) as device:
        target, _ = drawn(device)
        testing.inject_fault(call, OUT_OF_DEVICE_MEMORY, 0, 10)
        for read in (target.read, target.read_async):
            with pytest.raises(vf.OutOfMemoryError):
                read()
        testing.clear_faults()
        assert (target.read() == [255, 0, 0, 255]).all()


def test_a_target_that_cannot_be_made_leaves_nothing():
    with vf.Device() as device:
        graphics.Target(4, 4, format=("rgba8", "r32f"), device=device).clear(0.0)
        gc.collect()
        device.wait_idle()
        before = device.counts()["images"]
        for skip in range(3):
            testing.inject_fault("vmaCreateImage", OUT_OF_DEVICE_MEMORY, skip, 1)
            with pytest.raises(vf.OutOfMemoryError):
                graphics.Target(4, 4, format=("rgba8", "r32f"), device=device)
            testing.clear_faults()
            gc.collect()
            assert device.counts()["images"] == before


@pytest.mark.parametrize("call", ["vkCreateShaderModule", "vkCreatePipelineLayout", "vkCreateDescriptorSetLayout"])
def test_a_pipeline_that_cannot_be_made_raises(call):
    with vf.Device() as device:
        target = graphics.Target(2, 2, format="r32f", device=device)
        fragment = """layout(binding = 0) readonly buffer T { float table[]; };
        layout(location = 0) out float color; void main() { color = table[0]; }"""
        table = vf.asarray(np.ones(1, np.float32), device=device)
        testing.inject_fault(call, OUT_OF_HOST_MEMORY, 0, 1)
        with pytest.raises(vf.OutOfMemoryError):
            target.draw(cover(fragment, device=device), count=3, table=table)
        testing.clear_faults()
        target.draw(cover(fragment, device=device), count=3, table=table)
        assert (target.read() == 1).all()


def test_a_graph_that_fails_leaves_the_picture():
    with vf.Device() as device:
        target, draw = drawn(device)
        with vf.record() as graph:
            draw()
        testing.inject_fault("vkQueueSubmit", OUT_OF_DEVICE_MEMORY, 0, 1)
        with pytest.raises(vf.OutOfMemoryError):
            graph.run()
        testing.clear_faults()
        assert (target.read() == [255, 0, 0, 255]).all()
        graph.run()
        assert (target.read() == 255).all()


def test_closed_objects_say_so():
    target, pipeline = graphics.Target(2, 2), cover()
    pipeline.close()
    with pytest.raises(vf.StateError, match="close"):
        target.draw(pipeline, count=3, ink=(0, 0, 0, 0))
    target.close()
    for use in (target.read, target.read_async, target.texture, lambda: target.clear(0.0)):
        with pytest.raises(vf.StateError, match="close"):
            use()
