"""Each entry point that waits lets other Python threads run meanwhile: one counts while the main thread is inside."""

import functools
import sys
import threading
import time

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu

LEAST_S = 0.04  # shorter calls end before the other thread is awake
LONG = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint rounds; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  float v = x[i];
  for (uint k = 0u; k < rounds; ++k) v = fract(v * 1.0001 + 0.5);
  x[i] = v;
}
"""


@pytest.fixture(autouse=True)
def _switch_often():
    """Python's own switches, at a call's edges, then count for little; inside a call only a release lets others run."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


class Counter:
    """Counts in pure Python for as long as it gets the GIL."""

    def __init__(self):
        self.count, self.going = 0, True
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while self.going:
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        self.thread.join()


def progress(call):
    """(seconds inside the call, steps the other thread made meanwhile, steps it makes alone in that time)."""
    with Counter() as counter:
        alone = free_rate(counter)
        before, started = counter.count, time.perf_counter()
        call()
        seconds, steps = time.perf_counter() - started, counter.count - before
    return seconds, steps, alone * seconds


def free_rate(counter):
    """Steps a second while this thread only waits."""
    lock = threading.Lock()
    lock.acquire()
    before, started = counter.count, time.perf_counter()
    lock.acquire(timeout=0.02)
    return (counter.count - before) / (time.perf_counter() - started)


def several(call, times):
    for _ in range(times):
        call()


def assert_releases(make, attempts=4):
    """Other programs may starve the counting thread: then again. A call that holds the GIL fails every time."""
    for left in reversed(range(attempts)):
        try:
            return assert_releases_now(make)
        except AssertionError:
            if not left:
                raise


def assert_releases_now(make):
    """make(scale) gives a call that takes longer with scale; grown until it is long enough to tell."""
    scale, repeats, call = 1, 1, None
    while True:
        try:
            larger = make(scale)
            seconds, steps, alone = progress(functools.partial(several, larger, repeats))
            call = larger
        except (vf.OutOfMemoryError, vf.LimitError):
            repeats *= 2  # the device takes no more: the largest that it does, several times
            seconds, steps, alone = progress(functools.partial(several, call, repeats))
        if seconds >= LEAST_S or scale >= 1024:
            break
        scale *= 2
    assert seconds >= LEAST_S, f"too short to tell: {seconds * 1e3:.1f} ms"
    # Held throughout, the other thread stands still but for the switches at the calls' edges.
    edges = alone / seconds * 2 * repeats * sys.getswitchinterval()
    assert steps > 0.1 * alone + edges, f"{steps} steps in {seconds * 1e3:.0f} ms; {alone:.0f} were possible"


@functools.cache
def long_kernel():
    return vf.Kernel(LONG)


@functools.cache
def rounds_of(seconds=0.05):
    """How many rounds of LONG over 64 Ki floats keep this device busy that long."""
    x, rounds = vf.asarray(np.ones(1 << 16, np.float32)), 16
    while rounds < 60_000:
        started = time.perf_counter()
        long_kernel()(x=x, rounds=rounds, threads=1 << 16)
        if time.perf_counter() - started > seconds:
            break
        rounds *= 2
    return min(rounds, 60_000)


def kernel_call(scale):
    x = vf.asarray(np.ones(scale << 16, np.float32))
    return lambda: long_kernel()(x=x, rounds=rounds_of(), threads=scale << 16)


def kernel_call_on_ndarray(scale):
    x = np.ones(scale << 16, np.float32)
    return lambda: long_kernel()(x=x, rounds=rounds_of(), threads=scale << 16)


def prepared_call(scale):
    x = vf.asarray(np.ones(scale << 16, np.float32))
    return long_kernel().prepare(x=x, rounds=rounds_of(), threads=scale << 16)


def recorder_block(scale):
    x, recorder = vf.asarray(np.ones(1 << 16, np.float32)), vf.Recorder()

    def record():
        with recorder:
            for _ in range(scale):
                recorder.run(long_kernel(), x=x, rounds=rounds_of(), threads=1 << 16)

    return record


def event_wait(scale):
    x = vf.asarray(np.ones(scale << 16, np.float32))
    return lambda: long_kernel().submit(x=x, rounds=rounds_of(), threads=scale << 16).wait()


def graph_run(scale):
    x = vf.asarray(np.ones(1 << 16, np.float32))
    with vf.record() as graph:
        for _ in range(scale):
            long_kernel()(x=x, rounds=rounds_of(), threads=1 << 16)
    return graph.run


def graph_times(scale):
    if not vf.default_device().limits["timestamp_period_ns"]:
        pytest.skip("this device has no timestamps")
    x = vf.asarray(np.ones(1 << 16, np.float32))
    with vf.record() as graph:
        for _ in range(scale):
            long_kernel()(x=x, rounds=rounds_of(), threads=1 << 16)

    def times():
        graph.submit(timed=True)
        graph.times()

    return times


def host_future(scale):
    x = vf.asarray(np.ones(scale << 16, np.float32))

    def read():
        long_kernel().submit(x=x, rounds=rounds_of(), threads=scale << 16)
        x.to_host_async().result()

    return read


def kernel_compile(scale):
    # New text each time: what is in the cache is not compiled.
    steps = "\n".join(f"v = fract(v * {k}.5 + {time.perf_counter_ns() % 997}.25);" for k in range(500 * scale))
    source = LONG.replace("x[i] = v;", steps + "\nx[i] = v;")
    return lambda: vf.Kernel(source)


def big(scale):
    return np.ones(scale << 24, np.uint8)  # 16 MiB


def asarray(scale):
    values = big(scale)
    return lambda: vf.asarray(values)


def asarray_of_strides(scale):
    values = big(2 * scale)[::2]
    return lambda: vf.asarray(values)


def numpy_copy(scale):
    x = vf.asarray(big(scale))
    return x.numpy


@functools.cache
def staging():
    return native._testing.open_device(force_staging=True)


def staged_upload(scale):
    values = big(scale)
    return lambda: vf.asarray(values, device=staging())


def staged_view(scale):
    x = vf.asarray(big(scale), device=staging())
    return lambda: np.asarray(x)


def map_of_staged(scale):
    x = vf.asarray(big(scale), device=staging())

    def write():
        with x.map() as view:
            view[0] = 2

    return write


def staged_kernel(scale):
    kernel = vf.Kernel(LONG, device=staging())
    x = np.ones(scale << 20, np.float32)
    return lambda: kernel(x=x, rounds=1, threads=1 << 20)  # the time goes into moving x


def dlpack_copy(scale):
    x = vf.asarray(big(scale))
    return lambda: x.__dlpack__(copy=True)


def from_dlpack_copy(scale):
    values = big(scale)
    return lambda: vf.from_dlpack(values, copy=True)


def buffer_write(scale):
    data, buffer = big(scale), vf.Buffer(scale << 24)
    return lambda: buffer.write(data)


def buffer_read(scale):
    buffer = vf.Buffer(scale << 24)
    buffer.write(big(scale))
    return buffer.read


def texture_write(scale):
    texels = np.zeros((1024 * scale, 2048), np.float32)
    texture = vf.Texture(texels)
    return lambda: texture.write(texels)


def texture_read(scale):
    return vf.Texture(np.zeros((1024 * scale, 2048), np.float32)).read


def open_device(scale):
    def open_many():
        for _ in range(scale):
            vf.Device().close()

    return open_many


def triangle(scale):
    side = min(512 * scale, 8192)
    return vf.Renderer(side, side).render_triangle_rgba


def terrain_picture(scale):
    renderer = vf.Renderer(256 * scale, 256)
    renderer.add_terrain(np.random.default_rng(0).random((256, 256), np.float32), (1, 1))
    return renderer.render_rgba


def scene_picture(scale):
    scene = vf.Scene(256 * scale, 256)
    scene.render_rgba()
    return scene.render_rgba


def scene_heights(scale):
    scene, heights = vf.Scene(8, 8), np.zeros((1024 * scale, 1024))  # doubles are cast on the way
    return lambda: scene.set_height_from_r32f(heights)


def add_terrain(scale):
    renderer, heights = vf.Renderer(8, 8), np.random.default_rng(0).random((256 * scale, 1024))
    return lambda: renderer.add_terrain(heights, (1, 1))


def normalize(scale):
    renderer = vf.Renderer(8, 8)
    renderer.add_terrain(np.random.default_rng(0).random((256 * scale, 1024)), (1, 1))
    return lambda: renderer.normalize_terrain("zscore")


def draw(scale):
    """Vertices that cannot be imported, and indices that are looked through: both take their time before the draw."""
    target, pipeline = graphics.Target(8, 8), long_pipeline()
    unaligned = np.zeros((scale << 21) + 1, np.uint8)[1:].view(np.float32).reshape(-1, 2)
    indices = np.zeros(scale << 20, np.uint32)
    return lambda: target.draw(pipeline, vertices={"at": unaligned}, indices=indices)


@functools.cache
def long_pipeline():
    return graphics.Pipeline(
        vertex="layout(location = 0) in vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }",
        fragment="layout(location = 0) out vec4 color; void main() { color = vec4(1.0); }",
    )


def pipeline_compile(scale):
    steps = "\n".join(f"v = fract(v * {k}.5 + {time.perf_counter_ns() % 997}.25);" for k in range(500 * scale))
    fragment = f"layout(location = 0) out float color; void main() {{ float v = 0.5; {steps} color = v; }}"
    return lambda: graphics.Pipeline(vertex="void main() { gl_Position = vec4(0.0); }", fragment=fragment)


def target_read(scale):
    target = graphics.Target(1024, 256 * scale)
    target.clear((0, 0, 0, 1))
    return target.read


def target_clear(scale):
    target = graphics.Target(1024, 256 * scale, format=("rgba32f", "rgba32f"))
    return lambda: target.clear(0.5)


def target_read_into_an_array(scale):
    target, array = graphics.Target(1024, 256 * scale), vf.empty((256 * scale, 1024, 4), dtype=np.uint8)
    target.clear((0, 0, 0, 1))

    def read():
        target.read(out=array)
        np.asarray(array)

    return read


def draw_with_blocks(scale):
    """A block that cannot be imported is sent before the draw."""
    target, pipeline = graphics.Target(8, 8), block_pipeline()
    table = np.zeros((scale << 22) + 1, np.uint8)[1:].view(np.float32)
    return lambda: target.draw(pipeline, count=3, table=table)


@functools.cache
def block_pipeline():
    return graphics.Pipeline(
        vertex="void main() { gl_Position = vec4(0.0); }",
        fragment="""layout(binding = 0) readonly buffer T { float table[]; };
        layout(location = 0) out vec4 color; void main() { color = vec4(table[0]); }""",
    )


def grid(scale):
    return lambda: vf.grid_generate(256 * scale, 1024)


def kernel_call_on_unaligned_ndarray(scale):
    x = np.ones((scale << 22) + 1, np.uint8)[1:].view(np.float32)
    return lambda: long_kernel()(x=x, rounds=1, threads=64)  # the time goes into moving x


def height_texture(scale):
    renderer = vf.Renderer(8, 8)
    renderer.add_terrain(np.zeros((1024 * scale, 1024), np.float32), (1, 1))

    def there_and_back():
        renderer.upload_height_r32f()
        renderer.read_full_height_texture()

    return there_and_back


def pixels(scale):
    return np.random.default_rng(0).integers(0, 256, (256 * scale, 1024, 4), dtype=np.uint8)


ENTRY_POINTS = [
    kernel_call,
    kernel_call_on_ndarray,
    prepared_call,
    recorder_block,
    event_wait,
    graph_run,
    graph_times,
    host_future,
    kernel_compile,
    asarray,
    asarray_of_strides,
    numpy_copy,
    staged_upload,
    staged_view,
    map_of_staged,
    staged_kernel,
    dlpack_copy,
    from_dlpack_copy,
    buffer_write,
    buffer_read,
    texture_write,
    texture_read,
    open_device,
    triangle,
    terrain_picture,
    scene_picture,
    scene_heights,
    add_terrain,
    normalize,
    height_texture,
    draw,
    pipeline_compile,
    target_read,
    target_clear,
    target_read_into_an_array,
    draw_with_blocks,
    grid,
    kernel_call_on_unaligned_ndarray,
]


@pytest.mark.parametrize("make", ENTRY_POINTS, ids=lambda make: make.__name__)
def test_other_threads_run_during(make):
    assert_releases(make)


def test_other_threads_run_during_png_files(tmp_path):
    file = tmp_path / "a.png"

    def encode(scale):
        picture = pixels(scale)
        return lambda: vf.encode_png(picture)

    def write(scale):
        picture = pixels(scale)
        return lambda: vf.numpy_to_png(file, picture)

    def read(scale):
        vf.numpy_to_png(file, pixels(scale))
        return lambda: vf.png_to_numpy(file)

    def render(scale):
        renderer = vf.Renderer(512 * scale, 512)
        return lambda: renderer.render_triangle_png(file)

    def render_scene(scale):
        scene = vf.TerrainSpike(512 * scale, 512)
        return lambda: scene.render_png(file)

    for make in (encode, write, read, render, render_scene):
        assert_releases(make)


def busy_with(x):
    """Keeps x in use by the device for a while, from another thread; gives the thread."""
    call = long_kernel().prepare(x=x, rounds=rounds_of(), threads=x.size)
    call()
    thread = threading.Thread(target=lambda: [call() for _ in range(4)])
    thread.start()
    return thread


@pytest.mark.parametrize("wait", ["asarray", "memoryview", "wait_idle", "counts"])
def test_other_threads_run_during_waits_for_the_device(wait):
    x = vf.asarray(np.ones(1 << 18, np.float32))
    if not x.device.shares_memory_with_host:
        pytest.skip("there, np.asarray is a copy")
    device = x.device
    waits = {
        "asarray": lambda: np.asarray(x),
        "memoryview": lambda: memoryview(x),
        "wait_idle": device.wait_idle,
        "counts": device.counts,
    }
    worker = busy_with(x)
    try:
        with Counter() as counter:
            before = counter.count
            while worker.is_alive():
                waits[wait]()
            assert counter.count > before + 1000
    finally:
        worker.join()


def found_out(call):
    try:
        assert_releases_now(lambda scale: functools.partial(call, scale))
    except AssertionError:
        return True
    return False


def test_the_proof_can_fail():
    """A call that holds the GIL is found out: sorting plain integers runs no Python code."""
    values = np.random.default_rng(0).integers(0, 1 << 30, 1 << 19).tolist()
    # On a busy machine the main thread may be late at the call's edges, which gives the other one time.
    assert any(found_out(lambda scale: sorted(values * scale)) for _ in range(5))
