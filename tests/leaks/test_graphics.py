"""Pictures, terrain, rasters and image files leave nothing behind."""

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import TOLERANCE_OF_COMPILERS, assert_clean, heights, once_a_device, raises
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import graphics
from vulkan_forge.graphics import Terrain, TerrainStyle, png, raster

pytestmark = pytest.mark.gpu


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
    target = graphics.Target(16, 16, device=device)
    pipeline = graphics.Pipeline(
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
    with graphics.Figure(48, 32, background="transparent", device=device) as made:
        for opacity in (1.0, 0.5):
            options = {"opacity": opacity, "device": device}
            made.add(
                graphics.Mesh(places, faces, **options),
                graphics.Points(places, colors=rng.random((60, 3)), size=rng.uniform(0, 30, 60), **options),
                graphics.Lines(places, dash=(5, 3), **options),
            )
        made.render()
        made.read("depth"), made.read("id")
        native._testing.inject_fault("vkQueueSubmit", -1, 0, 1)
        raises(MemoryError, made.render)
        native._testing.clear_faults()
        made.render()
    texture, corners = np.zeros((8, 8, 4), np.uint8), rng.random((60, 2))
    graphics.Mesh(places, faces, uv=corners, texture=texture, device=device).close()


SHADED = """layout(binding = 0) readonly buffer T { float table[]; };
layout(binding = 1) uniform sampler2D picture;
layout(location = 0) out vec4 color; layout(location = 1) out uint id;
void main() { color = vec4(table[0]) + texelFetch(picture, ivec2(0), 0); id = 3u; }"""


@once_a_device
def shaded_on(device):
    return graphics.Pipeline(
        vertex="layout(location = 0) in vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }",
        fragment=SHADED,
        state=graphics.DrawState(depth_test=False),
        device=device,
    )


def draws_with_everything(device):
    """Attachments, samples, blocks, textures, arrays of the device and of the host, graphs, reads of each kind."""
    target = graphics.Target(16, 16, format={"color": "rgba16f", "id": "r32ui"}, stencil=True, device=device)
    other = graphics.Target(16, 16, format="r32f", samples=4, device=device)
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
    raises(vf.InputError, graphics.Target, 4, 4, format="r32ui", samples=4, device=device)


CASES = [renderer, renderer_with_terrain, scene, figure, target_and_pipeline, draws_with_everything]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device, TOLERANCE_OF_COMPILERS)


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
