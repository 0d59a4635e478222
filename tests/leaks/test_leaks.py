"""Made and dropped 50 times, each class leaves device objects, file descriptors and memory as they were."""

import asyncio
import contextlib
import functools
import gc
import itertools
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from bert_models import write_bert
from llm_models import write_gguf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import llm
from vulkan_forge.graphics import Terrain, TerrainStyle, png, raster

pytestmark = pytest.mark.gpu

CYCLES = 50
# Of all 50 cycles together: allocators and drivers keep some pages. One lost 256 KiB array a cycle makes 12 MiB.
RSS_TOLERANCE = 6 << 20
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")  # it keeps freed blocks: resident memory says nothing
SIZE = 1 << 16  # floats: 256 KiB
# A device opened anew keeps a little in the drivers, whose compilers never give all of it back. An allowance, not a
# figure: a device that leaked any of its own buffers would show in counts() first.
DRIVER_KEEPS_PER_DEVICE = 200 << 10

DOUBLE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }
"""


@pytest.fixture(params=["shared", "staging"])
def device(request):
    with native._testing.open_device(force_staging=request.param == "staging") as device:
        yield device


def counts(device):
    gc.collect()
    device.wait_idle()
    return {key: value for key, value in device.counts().items() if key != "pooled_bytes"}


def descriptors():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_clean(cycle, device=None, tolerance=RSS_TOLERANCE):
    for _ in range(5):  # caches, pools and lazily made things fill
        cycle()
    before = (counts(device) if device else None, descriptors())
    grown = []
    for _ in range(3):  # allocators and drivers grow once in a while, a leak grows every time
        memory = resident()
        for _ in range(CYCLES):
            cycle()
        gc.collect()
        assert (counts(device) if device else None, descriptors()) == before
        grown.append(resident() - memory)
        if grown[-1] < tolerance or SANITIZED:
            return
    raise AssertionError(f"resident memory grew by {grown} bytes in 50 cycles each, allowed are {tolerance}")


def values(count=SIZE):
    return np.ones(count, np.float32)


def heights(side=64):
    return np.add.outer(np.arange(side), np.arange(side)).astype(np.float32)


@functools.cache
def kernel_on(device):
    return vf.Kernel(DOUBLE, device=device)


@pytest.fixture(autouse=True)
def _forget_kernels():
    yield
    kernel_on.cache_clear()
    watched_on.cache_clear()
    listed_on.cache_clear()
    shaded_on.cache_clear()


# ---------------------------------------------------------------- what each class does in a cycle


def buffer(device):
    made = vf.Buffer(SIZE, device=device)
    made.write(b"bytes")
    made.read()
    made.array(np.uint8)


def buffers_of_each_intent(device):
    for intent in ("device", "upload", "readback", "shared"):
        with vf.Buffer(SIZE, intent=intent, device=device) as made:
            made.write(bytes(SIZE))


def array_from_values(device):
    vf.asarray(values(), device=device).tolist()[:1]


def array_from_strides(device):
    vf.asarray(values(2 * SIZE)[::-2], device=device)


def array_from_host(device):
    made = vf.from_host(values(), device=device)
    with made.map() as view:
        view[0] = 2


def array_from_dlpack(device):
    vf.from_dlpack(values(), device=device)
    vf.from_dlpack(values(), device=device, copy=True)


def array_empty(device):
    vf.empty(SIZE, device=device)


def array_closed_by_with(device):
    with vf.asarray(values(), device=device) as made:
        made.numpy()


def array_in_a_cycle(device):
    ring = [vf.asarray(values(), device=device)]
    ring.append(ring)
    del ring
    gc.collect()


def views(device):
    made = vf.asarray(values(), device=device)
    kept = [np.asarray(made), made.numpy(), np.asarray(made)[3:9], np.array(made)]
    if device.shares_memory_with_host:
        kept += [memoryview(made), np.asarray(memoryview(made)), made.__array_interface__]
    with made.map() as view:
        view[:] = 1
    kept.append(view)
    made.close()


def dlpack_capsules(device):
    made = vf.asarray(values(), device=device)
    for options in ({}, {"max_version": (1, 0)}):
        made.__dlpack__(copy=True, **options)
        if device.shares_memory_with_host:
            made.__dlpack__(**options)
    np.from_dlpack(made, copy=True)


def kernel(device):
    vf.Kernel(DOUBLE, device=device)(x=values(), threads=SIZE)


NUMBERS = itertools.count()


def kernel_of_new_text(device):
    vf.Kernel(DOUBLE.replace("2.0", f"{next(NUMBERS)}.5"), device=device)


def kernel_calls(device):
    run = kernel_on(device)
    x = vf.asarray(values(), device=device)
    raw = np.zeros(SIZE * 4 + 1, np.uint8)[1:].view(np.float32)
    for argument in (x, values(), raw, vf.Buffer(SIZE, device=device)):
        run(x=argument, threads=64)


def call(device):
    prepared = kernel_on(device).prepare(x=vf.asarray(values(), device=device), threads=SIZE)
    prepared()
    prepared()


def call_never_run(device):
    kernel_on(device).prepare(x=vf.asarray(values(), device=device), threads=SIZE)


def events(device):
    run, x = kernel_on(device), vf.asarray(values(), device=device)
    raw = np.zeros(SIZE * 4 + 1, np.uint8)[1:].view(np.float32)
    started = [run.submit(x=argument, threads=64) for argument in (x, values(), raw)]
    started.append(run.submit(x=x, threads=64, after=started))
    run.submit(x=raw, threads=64)  # nobody waits for it
    asyncio.run(awaited(started))
    x.event.wait()


def copies(device):
    x, y = vf.asarray(values(), device=device), vf.asarray(values(), device=device)
    vf.copy_async(x, y)
    vf.copy_async(y, x).wait()


def profile(device):
    with vf.profile(device=device) as p:
        kernel_on(device)(x=vf.asarray(values(), device=device), threads=64)
    p.table()
    str(device.memory_report())


async def awaited(events):
    kept = [asyncio.ensure_future(event) for event in events]
    kept[0].cancel()
    await asyncio.gather(*kept, return_exceptions=True)


def host_futures(device):
    x = vf.asarray(values(), device=device)
    x.to_host_async().result()
    x.to_host_async()  # nobody asks for it
    asyncio.run(awaited([x.to_host_async()]))


def recorder(device):
    made, x = vf.Recorder(device=device), vf.asarray(values(), device=device)
    with made, made.scope("scope"):
        for _ in range(3):
            made.run(kernel_on(device), x=x, threads=64)
        made.fill(x, 0)
        made.copy(x, vf.asarray(values(), device=device))
    made.times()


def recorder_dropped_half_way(device):
    made, x = vf.Recorder(device=device), vf.asarray(values(), device=device)
    with contextlib.suppress(ZeroDivisionError), made, made.scope("scope"):
        made.run(kernel_on(device), x=x, threads=64)
        _ = 1 / 0


def graph(device):
    x, other = (vf.asarray(values(), device=device) for _ in range(2))
    with vf.record() as made:
        kernel_on(device)(x=vf.param("data", x), threads=SIZE)
        made.fill(other, 0)
        made.copy(x, other)
    made.run()
    made.run(data=vf.asarray(values(), device=device))
    made.run(timed=bool(device.limits["timestamp_period_ns"]))
    made.submit(x=other)


def graph_half_way(device):
    x = vf.asarray(values(), device=device)
    with contextlib.suppress(ZeroDivisionError), vf.record():
        kernel_on(device)(x=x, threads=SIZE)
        1 / 0  # noqa: B018
    with vf.record() as never_run:
        kernel_on(device)(x=x, threads=SIZE)
    del never_run
    vf.record()


def graph_in_a_cycle(device):
    x = vf.asarray(values(), device=device)
    with vf.record() as made:
        kernel_on(device)(x=x, threads=SIZE)
    made.run()
    held = [made]
    held.append(held)


def texture(device):
    made = vf.Texture(np.zeros((64, 64), np.float32), device=device, filter="nearest")
    made.write(made.read())
    vf.Texture.zeros((4, 5, 6), "rgba8", kind="3d", device=device)
    vf.Sampler(filter="linear")


@functools.cache
def watched_on(device):
    return vf.Kernel(DOUBLE.replace("< x.length()", "< 8"), device=device, debug=True)


def kernel_that_checks(device):
    run, x = watched_on(device), np.zeros(4, np.float32)
    raises(vf.RangeError, run, x=x, threads=64)
    raises(vf.RangeError, run.prepare(x=vf.asarray(x, device=device), threads=64))


LISTS = """layout(local_size_x = 64) in;
layout(constant_id = 0) const uint COUNT = 2;
layout(binding = 0) buffer X { float v[]; } xs[COUNT];
layout(binding = 9) uniform sampler2D maps[2];
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < 8) xs[1].v[i] += xs[0].v[i] + texelFetch(maps[1], ivec2(0), 0).r;
}
"""


@functools.cache
def listed_on(device):
    return vf.Kernel(LISTS, device=device), vf.Kernel(LISTS, device=device, debug=True)


def lists_and_graphs_of_them(device):
    plain, watched = listed_on(device)
    maps = [vf.Texture(np.ones((4, 4), np.float32), device=device) for _ in range(2)]
    xs = [vf.asarray(np.ones(4, np.float32), device=device) for _ in range(2)]
    plain(xs=[np.ones(8, np.float32)] * 2, maps=maps, threads=8)
    plain.submit(xs=[np.ones(8, np.float32)] * 2, maps=maps, threads=8)
    raises(vf.ShapeError, plain, xs=xs[:1], maps=maps, threads=8)
    with vf.record() as made:
        plain(xs=xs, maps=maps, threads=8)
        watched(xs=xs, maps=vf.param("maps", maps), threads=8)
    for _ in range(2):
        raises(vf.RangeError, made.run, maps=maps[::-1])
    made.submit(maps=[vf.Texture(np.ones((4, 4), np.float32), device=device)] * 2)


def renderer(device):
    vf.Renderer(64, 64, device=device).render_triangle_rgba()


def renderer_with_terrain(device):
    made = vf.Renderer(64, 64, device=device)
    for name in vf.colormap_supported():
        made.add_terrain(heights(), (1, 1), 1.0, name)
        made.upload_height_r32f()
        made.read_full_height_texture()
        made.normalize_terrain("zscore")
        made.render_rgba()
    made.add_terrain(heights(32), (1, 1))
    made.close()


def scene(device):
    for make in (vf.Scene, vf.TerrainSpike):
        with make(48, 32, 16, device=device) as made:
            made.render_rgba()
        for name in vf.colormap_supported():
            made = make(48, 32, 16, name, device=device)
            made.set_height_from_r32f(heights())
            made.set_camera_look_at((0, 2, 3), (0, 0, 0))
            made.debug_uniforms_f32()
            made.render_rgba()


def target_and_pipeline(device):
    target = graphics().Target(16, 16, device=device)
    pipeline = graphics().Pipeline(
        vertex="layout(location = 0) in vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }",
        fragment="layout(location = 0) out vec4 color; void main() { color = vec4(1.0); }",
        device=device,
    )
    corners = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)
    target.draw(pipeline, vertices={"at": corners}, indices=np.arange(3, dtype=np.uint32), clear=(0, 0, 0, 1))
    target.read()
    target.read_depth()


def figure(device):
    """Meshes, points and lines, opaque and seen through, in one picture; and one that a fault keeps from being made."""
    rng = np.random.default_rng(0)
    places, faces = rng.normal(size=(60, 3)), rng.integers(0, 60, (40, 3))
    with graphics().Figure(48, 32, background="transparent", device=device) as made:
        for opacity in (1.0, 0.5):
            options = {"opacity": opacity, "device": device}
            made.add(
                graphics().Mesh(places, faces, **options),
                graphics().Points(places, colors=rng.random((60, 3)), size=rng.uniform(0, 30, 60), **options),
                graphics().Lines(places, dash=(5, 3), **options),
            )
        made.render()
        made.read("depth"), made.read("id")
        native._testing.inject_fault("vkQueueSubmit", -1, 0, 1)
        raises(MemoryError, made.render)
        native._testing.clear_faults()
        made.render()
    texture, corners = np.zeros((8, 8, 4), np.uint8), rng.random((60, 2))
    graphics().Mesh(places, faces, uv=corners, texture=texture, device=device).close()


SHADED = """layout(binding = 0) readonly buffer T { float table[]; };
layout(binding = 1) uniform sampler2D picture;
layout(location = 0) out vec4 color; layout(location = 1) out uint id;
void main() { color = vec4(table[0]) + texelFetch(picture, ivec2(0), 0); id = 3u; }"""


@functools.cache
def shaded_on(device):
    return graphics().Pipeline(
        vertex="layout(location = 0) in vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }",
        fragment=SHADED,
        state=graphics().DrawState(depth_test=False),
        device=device,
    )


def draws_with_everything(device):
    """Attachments, samples, blocks, textures, arrays of the device and of the host, graphs, reads of each kind."""
    target = graphics().Target(16, 16, format={"color": "rgba16f", "id": "r32ui"}, stencil=True, device=device)
    other = graphics().Target(16, 16, format="r32f", samples=4, device=device)
    other.clear(1.0)
    corners = vf.asarray(np.array([[-1, -1], [3, -1], [-1, 3]], np.float32), device=device)
    counts = vf.asarray(np.array([3, 1, 0, 0], np.uint32), device=device)
    picture, table = other.texture(), vf.asarray(np.ones(4, np.float32), device=device)
    pipeline = shaded_on(device)
    for block in (table, np.ones(4, np.float32)):
        target.draw(pipeline, vertices={"at": corners}, indirect=counts, clear={"id": 1}, table=block, picture=picture)
    pixels = vf.empty((16, 16), dtype=np.uint32, device=device)
    with vf.record() as made:
        target.clear({})
        target.draw(pipeline, vertices={"at": corners}, table=vf.param("data", table), picture=picture)
        target.read("id", out=pixels)
    made.run()
    made.run(data=vf.asarray(np.zeros(4, np.float32), device=device))
    for which in ("color", "id", "depth", "stencil"):
        target.read(which, region=(1, 2, 3, 4))
        target.read_async(which).result()
        target.read_async(which)  # nobody asks for it
    raises(vf.BindingError, target.draw, pipeline, vertices={"at": corners}, table=table)
    raises(vf.InputError, graphics().Target, 4, 4, format="r32ui", samples=4, device=device)


def graphics():
    from vulkan_forge import graphics

    return graphics


def raises(error, use, *arguments, **options):
    with pytest.raises(error):
        use(*arguments, **options)


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


@functools.cache
def small_model():
    return write_gguf(Path(tempfile.mkdtemp(prefix="vf-llm-")) / "m.gguf")


def model_file(device):
    with llm.Gguf(small_model()) as gguf:
        gguf.metadata()
        gguf.tensor("output_norm.weight")
    made = llm.Gguf(small_model())
    del made


def engine(device):
    """Made on the host's side, used, given up with a session half way, and never closed."""
    scheduler, batcher = llm.FcfsSchedulerConfig(max_sessions=1), llm.DynamicChunkBatcherConfig(max_batch_tokens=32)
    config = llm.EngineConfig(model=small_model(), max_context=32, scheduler=scheduler, batcher=batcher)
    with llm.InferenceEngine(config, device) as made:
        made.generate([3, 4], llm.SamplingParams(max_tokens=2))
    made = llm.InferenceEngine(config, device)
    made.add_session([3, 4], llm.SamplingParams(max_tokens=9))
    made.step()
    del made


@functools.cache
def small_encoder():
    return write_bert(Path(tempfile.mkdtemp(prefix="vf-bert-")) / "model")


def embedder(device):
    config = llm.EmbedderConfig(model=small_encoder())
    with llm.Embedder(config, device) as made:
        made.embed(["sea", "sky"])
    made = llm.Embedder(config, device)
    del made


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
                kernel(device)
                renderer(device)
            except MemoryError:
                pass
            finally:
                native._testing.clear_faults()


CASES = [
    buffer,
    buffers_of_each_intent,
    array_from_values,
    array_from_strides,
    array_from_host,
    array_from_dlpack,
    array_empty,
    array_closed_by_with,
    array_in_a_cycle,
    views,
    dlpack_capsules,
    kernel,
    kernel_of_new_text,
    kernel_calls,
    call,
    call_never_run,
    events,
    host_futures,
    copies,
    profile,
    recorder,
    recorder_dropped_half_way,
    graph,
    graph_half_way,
    graph_in_a_cycle,
    texture,
    kernel_that_checks,
    lists_and_graphs_of_them,
    renderer,
    renderer_with_terrain,
    scene,
    figure,
    target_and_pipeline,
    draws_with_everything,
    failed_constructions,
    refused_calls,
    model_file,
    engine,
    embedder,
    faults_half_way,
]
DRIVER_COMPILES = {
    kernel,
    kernel_of_new_text,
    renderer_with_terrain,
    renderer,
    scene,
    figure,
    target_and_pipeline,
    draws_with_everything,
    faults_half_way,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    extra = CYCLES * DRIVER_KEEPS_PER_DEVICE if case in DRIVER_COMPILES else 0
    assert_clean(lambda: case(device), device, RSS_TOLERANCE + extra)


def open_and_close():
    vf.Device().close()


def open_and_use():
    with vf.Device() as made:
        kernel_and_picture(made)


def open_and_drop():
    kept = vf.asarray(values(), device=vf.Device())
    np.asarray(kept)


def open_and_lose():
    with vf.Device() as made:
        run = vf.Kernel(DOUBLE, device=made)
        native._testing.inject_fault("vkQueueSubmit", -4)
        raises(vf.DeviceLostError, run, x=values(), threads=64)
        native._testing.clear_faults()


def open_and_fail():
    native._testing.inject_fault("vmaCreateAllocator", -1)
    raises(vf.OutOfMemoryError, vf.Device)
    native._testing.clear_faults()


def release_and_open():
    vf.release_default_device()
    vf.asarray(values())


def kernel_and_picture(made):
    vf.Kernel(DOUBLE, device=made)(x=values(), threads=SIZE)
    vf.Renderer(32, 32, device=made).render_triangle_rgba()


DEVICES = [open_and_close, open_and_use, open_and_drop, open_and_lose, open_and_fail, release_and_open]


@pytest.mark.parametrize("case", DEVICES, ids=lambda case: case.__name__)
def test_nothing_is_left_of_devices(case):
    assert_clean(case, None, RSS_TOLERANCE + CYCLES * DRIVER_KEEPS_PER_DEVICE)
    vf.release_default_device()


def rasters(device):
    cells = vf.asarray(heights(), device=device)
    np.asarray(raster.hillshade(cells, compute_edges=True))
    raster.contours(cells, interval=9)
    np.asarray(raster.viewshed(cells, (3, 4)))
    np.asarray(raster.sky_view(cells, radius=3))
    raises(vf.RangeError, raster.viewshed, cells, (-1, 0))


def test_nothing_is_left_of_rasters(device):
    assert_clean(lambda: rasters(device), device)


def terrains(device):
    holes = heights()
    holes[3:9, 3:9] = np.nan
    terrain = Terrain(holes, 30, device=device, water=20, contours=True)
    terrain.drape(np.zeros((8, 8, 4), np.uint8)).render(32, 24)
    terrain.read("normal")
    terrain.style = TerrainStyle(shadows="hard", sky=False)
    terrain.render(24, 16, supersample=1)
    terrain.figure(16, 16).render()
    with terrain:
        raises(vf.InputError, terrain.render, 0, 0)
    raises(vf.StateError, terrain.render)


def test_nothing_is_left_of_terrain(device):
    assert_clean(lambda: terrains(device), device)


ONNX_MODEL = (
    '<ir_version: 8, opset_import: ["": 17]> g (float[N] x) => (float[N] y) { a = Softsign(x) y = CumSum(a, z) }'
)


def test_nothing_is_left_of_onnx_sessions(device):
    import onnx
    from onnx.parser import parse_model

    from vulkan_forge.onnx import InferenceSession

    native._testing.device_alone(True, device)  # or a busy device would get another pipeline some time
    model = parse_model(ONNX_MODEL)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0), "z"))
    x = np.ones(SIZE, np.float32)

    def cycle():
        with InferenceSession(model, device) as session:
            session.run(None, {"x": x})
            session.run(None, {"x": x[:9]}, arrays=True)
            raises(vf.DtypeError, session.run, None, {"x": x.astype(np.float64)})
        raises(vf.InputError, InferenceSession, b"nothing", device)

    assert_clean(cycle, device)


def test_pictures_in_files(tmp_path):
    pixels = np.zeros((64, 64, 4), np.uint8)

    def cycle():
        vf.numpy_to_png(tmp_path / "a.png", pixels)
        vf.png_to_numpy(tmp_path / "a.png")
        vf.encode_png(pixels, level="small", text={"Title": "a"})
        png.read_png(tmp_path / "a.png")
        with png.PngWriter(tmp_path / "a.png", 64, 64) as writer:
            writer.write(pixels)
        png.PngWriter(tmp_path / "b.png", 64, 64).write(pixels[:9])
        raises(RuntimeError, vf.png_to_numpy, tmp_path / "none.png")
        raises(RuntimeError, vf.numpy_to_png, tmp_path / "none" / "a.png", pixels)

    assert_clean(cycle)


def test_a_leak_is_found():
    kept = []
    if not SANITIZED:
        with pytest.raises(AssertionError):
            assert_clean(lambda: kept.append(np.ones(4 * SIZE)))
    with vf.Device() as device, pytest.raises(AssertionError):
        assert_clean(lambda: kept.append(vf.Buffer(16, device=device)), device)
    files = []
    with pytest.raises(AssertionError):
        assert_clean(lambda: files.append(os.dup(0)))
    for file in files:
        os.close(file)
