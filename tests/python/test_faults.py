"""What happens when something breaks: calls of Vulkan are made to fail, each in the place where it would."""

import gc

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu


testing = native._testing
OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY, INITIALIZATION_FAILED, DEVICE_LOST = -1, -2, -3, -4
DOUBLE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }
"""


@pytest.fixture(autouse=True)
def _no_faults_left():
    vf.release_default_device()
    yield
    testing.clear_faults()
    vf.release_default_device()


def lose_in_kernel():
    kernel = vf.Kernel(DOUBLE)
    return lambda: kernel(x=np.ones(64, np.float32), threads=64)


def lose_in_prepared_call():
    call = vf.Kernel(DOUBLE).prepare(x=vf.asarray(np.ones(64, np.float32)), threads=64)
    return call


def lose_in_recorder():
    kernel, x, recorder = vf.Kernel(DOUBLE), vf.asarray(np.ones(64, np.float32)), vf.Recorder()

    def record():
        with recorder:
            recorder.run(kernel, x=x, threads=64)

    return record


def lose_in_triangle():
    return vf.Renderer(32, 32).render_triangle_rgba


def lose_in_terrain():
    renderer = vf.Renderer(32, 32)
    renderer.add_terrain(np.ones((4, 4), np.float32), (1, 1))
    return renderer.render_rgba


def lose_in_scene():
    return vf.Scene(32, 32, 16).render_rgba


def lose_in_draw():
    target = graphics.Target(8, 8)
    pipeline = graphics.Pipeline(vertex="void main() { gl_Position = vec4(0.0); }", fragment="void main() {}")
    return lambda: target.draw(pipeline, count=3, clear=(0, 0, 0, 1))


WORK = [
    lose_in_kernel,
    lose_in_prepared_call,
    lose_in_recorder,
    lose_in_triangle,
    lose_in_terrain,
    lose_in_scene,
    lose_in_draw,
]


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vkWaitSemaphores"])
@pytest.mark.parametrize("make", WORK, ids=lambda make: make.__name__)
def test_a_lost_device_says_so_and_the_next_default_device_works(make, call):
    work = make()
    if call == "vkWaitSemaphores":  # the wait is skipped where the work is done already
        testing.inject_fault("vkGetSemaphoreCounterValue", DEVICE_LOST, 0, 1)
    testing.inject_fault(call, DEVICE_LOST, 0, 1)
    with pytest.raises(vf.DeviceLostError) as caught:
        work()
    testing.clear_faults()
    error = caught.value
    assert (error.code, error.original_code) == ("DEVICE_LOST", DEVICE_LOST)
    assert error.details["vk_result"] == "VK_ERROR_DEVICE_LOST"
    assert isinstance(error, vf.DeviceError)
    assert "open a new one" in str(error)
    with pytest.raises(vf.DeviceLostError, match="lost earlier"):  # its objects stay refused, and safe
        work()
    x = np.ones(100, np.float32)
    vf.Kernel(DOUBLE)(x=x, threads=100)
    assert (x == 2).all()
    assert vf.Renderer(8, 8).render_triangle_rgba().any()


def test_a_lost_device_while_waiting():
    """The work is long, so that the wait itself is made and not skipped."""
    long = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() {
          uint i = gl_GlobalInvocationID.x;
          float v = x[i];
          for (int k = 0; k < 30000; ++k) v = fract(v * 1.0001 + 0.5);
          x[i] = v;
        }"""
    )
    x = vf.asarray(np.ones(1 << 14, np.float32))
    testing.inject_fault("vkWaitSemaphores", DEVICE_LOST)
    with pytest.raises(vf.DeviceLostError, match="vkWaitSemaphores failed") as caught:
        long(x=x, threads=1 << 14)
    assert caught.value.original_code == DEVICE_LOST
    testing.clear_faults()
    assert vf.asarray([1.0]).tolist() == [1.0]


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vkGetSemaphoreCounterValue"])
def test_a_device_lost_in_a_transfer(call):
    with testing.open_device(force_staging=True) as device:
        testing.inject_fault(call, DEVICE_LOST, 0, 1)
        with pytest.raises(vf.DeviceLostError):
            vf.asarray(np.ones(1 << 20), device=device).numpy()
        testing.clear_faults()
        for use in (
            lambda: vf.asarray([1.0], device=device),
            lambda: vf.Buffer(4, device=device),
            lambda: vf.Kernel(DOUBLE, device=device),
            lambda: vf.Renderer(4, 4, device=device),
            lambda: vf.Scene(4, 4, device=device),
        ):
            with pytest.raises(vf.DeviceLostError, match="close it and open a new one"):
                use()
    assert vf.asarray(np.ones(3)).tolist() == [1, 1, 1]


def test_views_of_a_lost_device_stay_readable():
    x = vf.asarray(np.arange(1000.0))
    if not x.device.shares_memory_with_host:
        pytest.skip("needs memory that the host sees")
    view = np.asarray(x)
    testing.inject_fault("vkQueueSubmit", DEVICE_LOST)
    with pytest.raises(vf.DeviceLostError):
        vf.Renderer(4, 4).render_triangle_rgba()
    testing.clear_faults()
    x.close()
    vf.release_default_device()
    gc.collect()
    vf.asarray(np.full(1000, -1.0))
    np.testing.assert_array_equal(view, np.arange(1000.0))


def test_what_was_lost_with_a_device_is_freed():
    with vf.Device() as device:
        kernel = vf.Kernel(DOUBLE, device=device)
        things = [vf.asarray(np.ones(100), device=device) for _ in range(10)]
        testing.inject_fault("vkQueueSubmit", DEVICE_LOST)
        with pytest.raises(vf.DeviceLostError):
            kernel(x=np.ones(64, np.float32), threads=64)
        testing.clear_faults()
        del things
        gc.collect()
        counts = device.counts()
        assert (counts["buffers"], counts["imports"], counts["waiting"]) == (0, 0, 0)


@pytest.mark.parametrize("result", [OUT_OF_DEVICE_MEMORY, OUT_OF_HOST_MEMORY])
def test_out_of_memory(result):
    device = vf.default_device()
    before = device.counts()
    for make in (lambda: vf.Buffer(1 << 22), lambda: vf.empty(1 << 20), lambda: vf.asarray(np.ones(1 << 20))):
        testing.inject_fault("vmaCreateBuffer", result, 0, 2)  # the second try follows a trim
        with pytest.raises(vf.OutOfMemoryError) as caught:
            make()
        testing.clear_faults()
        assert isinstance(caught.value, MemoryError)
        assert caught.value.original_code == result
        assert caught.value.code in {"OUT_OF_DEVICE_MEMORY", "OUT_OF_HOST_MEMORY"}
        assert "VK_ERROR_OUT_OF" in caught.value.details["vk_result"]
        assert int(caught.value.details["requested_bytes"]) >= 1 << 22
        assert "close arrays" in str(caught.value)
        after = device.counts()
        assert (after["buffers"], after["buffer_bytes"]) == (before["buffers"], before["buffer_bytes"])
    assert vf.asarray(np.ones(3)).tolist() == [1, 1, 1]


def test_memory_kept_for_reuse_gives_way():
    device = vf.default_device()
    vf.Buffer(1 << 20).close()
    assert device.counts()["pooled_bytes"] > 0
    testing.inject_fault("vmaCreateBuffer", OUT_OF_DEVICE_MEMORY, 0, 1)
    with vf.Buffer(3 << 20):
        assert device.counts()["pooled_bytes"] == 0


CALLS = [
    "vmaCreateBuffer",
    "vmaCreateImage",
    "vkCreateImageView",
    "vkCreateShaderModule",
    "vkCreateComputePipelines",
    "vkCreateGraphicsPipelines",
    "vkCreatePipelineLayout",
    "vkCreateDescriptorSetLayout",
    "vkCreateDescriptorPool",
    "vkAllocateDescriptorSets",
    "vkCreateCommandPool",
    "vkAllocateCommandBuffers",
    "vkBeginCommandBuffer",
    "vkEndCommandBuffer",
    "vkQueueSubmit",
    "vkCreateBuffer",
    "vkAllocateMemory",
    "vkBindBufferMemory",
    "vkGetMemoryHostPointerPropertiesEXT",
    "vkCreateQueryPool",
    "vkCreateSampler",
]


def everything(device):
    heights = np.add.outer(np.arange(8.0), np.arange(8.0)) / 8
    x = vf.asarray(np.ones(64, np.float32), device=device)
    kernel = vf.Kernel(DOUBLE, device=device)
    kernel(x=x, threads=64)
    kernel(x=np.ones(64, np.float32), threads=64)
    kernel.prepare(x=x, threads=64)()
    recorder = vf.Recorder(device=device)
    with recorder, recorder.scope("all"):
        recorder.run(kernel, x=x, threads=64)
    renderer = vf.Renderer(16, 16, device=device)
    renderer.render_triangle_rgba()
    renderer.add_terrain(heights, (1, 1))
    renderer.upload_height_r32f()
    renderer.read_full_height_texture()
    renderer.render_rgba()
    scene = vf.Scene(16, 16, 8, device=device)
    scene.render_rgba()
    scene.set_height_from_r32f(heights)
    scene.render_rgba()
    return x.tolist()


@pytest.mark.parametrize("staging", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_any_failing_call_raises_and_leaves_nothing_behind(call, staging):
    with testing.open_device(force_staging=staging) as device:
        everything(device)
        gc.collect()
        clean = device.counts()
        for skip in range(4):
            testing.inject_fault(call, OUT_OF_HOST_MEMORY, skip, 3)
            try:
                everything(device)
            except vf.VulkanForgeError as error:
                assert error.original_code == OUT_OF_HOST_MEMORY  # noqa: PT017
            finally:
                testing.clear_faults()
            gc.collect()
            after = device.counts()
            for key in ("buffers", "imports", "images", "waiting", "buffer_bytes"):
                assert after[key] == clean[key], (key, skip)
        assert everything(device) == [8.0] * 64


@pytest.mark.parametrize(
    "call",
    ["vkCreateDevice", "vkCreateSemaphore", "vmaCreateAllocator", "vkCreateInstance", "vkEnumeratePhysicalDevices"],
)
def test_a_device_that_does_not_open(call):
    gc.collect()
    testing.inject_fault(call, OUT_OF_HOST_MEMORY)
    opened = False
    try:
        vf.Device().close()
        opened = True
    except vf.OutOfMemoryError as error:
        assert error.original_code == OUT_OF_HOST_MEMORY  # noqa: PT017
    assert not opened or call == "vkCreateInstance"  # an instance may be alive already
    testing.clear_faults()
    with vf.Device() as device:
        assert vf.asarray([1.0], device=device).tolist() == [1.0]


def test_a_pipeline_cache_that_the_driver_refuses():
    testing.inject_fault("vkCreatePipelineCache", INITIALIZATION_FAILED, 0, 1)
    with vf.Device() as device:
        assert everything(device) == [8.0] * 64


def many(arrays):
    """More arrays than one kernel reads: two kernels, one behind the other."""
    total = arrays[0] * 2
    for array in arrays[1:]:
        total = total + array
    return total


def fail_the_second_pipeline():
    testing.inject_fault("vkCreateComputePipelines", OUT_OF_DEVICE_MEMORY, skip=1)


def test_what_a_failed_recording_computed_is_computed_anew():
    testing.device_alone(True)
    arrays = [vf.asarray(np.full(64, i, np.float32)) for i in range(20)]
    total = many(arrays)
    with pytest.raises(vf.OutOfMemoryError), vf.record():
        inside = total + 1
        fail_the_second_pipeline()
        vf.evaluate(inside)
    testing.clear_faults()
    assert total.tolist() == [sum(range(20))] * 64
    with pytest.raises(vf.StateError, match="recording that has ended"):
        inside.tolist()


def test_a_failed_assignment_leaves_values_that_are_right():
    testing.device_alone(True)
    arrays = [vf.asarray(np.full(64, i, np.float32)) for i in range(20)]
    target, part = vf.asarray(np.zeros((2, 64), np.float32)), arrays[1] * 3
    total = many([part, *arrays])
    fail_the_second_pipeline()
    with pytest.raises(vf.OutOfMemoryError):
        target[1] = total
    testing.clear_faults()
    target[1] = total
    assert target.tolist() == [[0] * 64, [6 + sum(range(20))] * 64]
    assert part.tolist() == [3] * 64
