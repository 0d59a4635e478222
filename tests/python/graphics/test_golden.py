"""Pictures held against committed ones in tests/golden; `./dev golden` shows the differences side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import graphics

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden"
# lavapipe made the committed pictures: its own differ by rounding alone. Other rasterisers place edges and filter
# otherwise, so single pixels may differ freely there and the picture as a whole may not.
LAVAPIPE_MOST = 2
OTHERS_MEAN = 0.6


def ridges(rows: int, columns: int) -> np.ndarray:
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    height = 300 * np.exp(-(((x - 0.5) ** 2 + (y - 0.35) ** 2) / 0.02))
    return (height + 60 * np.sin(18 * x) * np.cos(11 * y)).astype(np.float32)


def triangle() -> np.ndarray:
    return vf.Renderer(96, 64).render_triangle_rgba()


def terrain(colormap: str = "viridis", **style: object) -> np.ndarray:
    renderer = vf.Renderer(192, 128)
    renderer.add_terrain(ridges(90, 120), (30, 30), 2.0, colormap)
    renderer.set_sun(35, 300)
    renderer.set_style(**style)
    return renderer.render_rgba()


def terrain_with_hole() -> np.ndarray:
    height = ridges(90, 120)
    height[30:50, 60:90] = np.nan
    renderer = vf.Renderer(192, 128)
    renderer.add_terrain(height, (30, 30), 1.0, "terrain")
    return renderer.render_rgba()


def land() -> np.ndarray:
    height = ridges(90, 120)
    height[60:75, 20:40] = np.nan
    return graphics.Terrain(height, 30, exaggeration=2, water=-20, contours=100).render(240, 150)


def scene() -> np.ndarray:
    scene = vf.TerrainSpike(192, 128, 64, "terrain")
    y, x = np.mgrid[-1:1:65j, -1:1:65j]
    scene.set_height_from_r32f((0.6 * np.exp(-5 * (x**2 + y**2)) - 0.3 + 0.1 * np.sin(7 * x)).astype(np.float32))
    scene.set_camera_look_at((0.8, 2.2, 3.4), (0, -0.2, 0), (0, 1, 0), 42, 0.1, 50)
    return scene.render_rgba()


def own_shaders() -> np.ndarray:
    pipeline = graphics.Pipeline(
        vertex="""layout(location = 0) in vec3 position; layout(location = 1) in vec3 tint;
                  layout(location = 0) out vec3 color; layout(push_constant) uniform Push { mat4 view_proj; };
                  void main() { gl_Position = view_proj * vec4(position, 1.0); color = tint; }""",
        fragment="""layout(location = 0) in vec3 color; layout(location = 0) out vec4 ink;
                    void main() { ink = vec4(color, 1.0); }""",
        state=graphics.DrawState(cull="back"),
    )
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
    faces = np.array(
        [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
         [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]],
        np.uint32,
    )  # fmt: skip
    target = graphics.Target(96, 96, samples=4)
    matrix = vf.camera_view_proj((3, 2.5, 4), (0, 0, 0), (0, 1, 0), 40, 1, 0.1, 100)
    vertices = {"position": corners, "tint": (corners + 1) / 2}
    target.draw(pipeline, vertices=vertices, indices=faces, clear=(0, 0, 0, 0), view_proj=matrix)
    return target.read()


def figure() -> np.ndarray:
    """All kinds of objects: a shaded hill, a sheet that is seen through, a dashed track, points of two sizes."""
    y, x = np.mgrid[-2:2:41j, -2:2:41j]
    places = np.stack([x, y, np.exp(-(x**2) - y**2)], axis=2)
    at = (np.arange(40)[:, None] * 41 + np.arange(40)).ravel()
    faces = np.concatenate([np.stack([at, at + 1, at + 42], 1), np.stack([at, at + 42, at + 41], 1)])
    sheet = np.array([[-2, -2, 0.4], [2, -2, 0.4], [2, 2, 0.4], [-2, 2, 0.4]], np.float64)
    made = graphics.Figure(192, 128, background="transparent", camera=graphics.Camera(azimuth=205, elevation=30))
    made.add(
        graphics.Mesh(places.reshape(-1, 3), faces, colors="tan"),
        graphics.Mesh(sheet, np.array([[0, 1, 2], [0, 2, 3]]), colors="steelblue", opacity=0.5, shading="flat"),
        graphics.Lines(places[20], width=3, colors="crimson", dash=(8, 4), caps="round"),
        graphics.Lines(places[[0, 0, -1, -1], [0, -1, -1, 0]], width=4, joins="miter", closed=True),
        graphics.Points(places[::8, ::8].reshape(-1, 3), size=4, colors="navy"),
        graphics.Points(places[20, 20][None], size=24, colors="orange", opacity=0.7),
    )
    return made.render()


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "triangle": triangle,
    "terrain_viridis": terrain,
    "terrain_magma_bare": lambda: terrain("magma", shadows=False, sky=False, walls=False),
    "terrain_hole": terrain_with_hole,
    "land": land,
    "scene": scene,
    "scene_before_heights": lambda: vf.Scene(160, 120, 64).render_rgba(),
    "own_shaders": own_shaders,
    "figure": figure,
}


def note_for_the_page(name: str, got: np.ndarray, want: np.ndarray | None) -> None:
    if not os.environ.get("VULKAN_FORGE_GOLDEN"):
        return
    folder = ROOT / "build" / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    vf.numpy_to_png(folder / f"{name}.got.png", got)
    if want is not None and want.shape == got.shape:
        vf.numpy_to_png(folder / f"{name}.expected.png", want)
        far = np.abs(want.astype(int) - got.astype(int))
        far[..., 3] = 255
        vf.numpy_to_png(folder / f"{name}.diff.png", np.minimum(far * 16, 255).astype(np.uint8))


@pytest.mark.gpu
@pytest.mark.parametrize("name", PICTURES)
def test_golden(name: str) -> None:
    got = PICTURES[name]()
    path = GOLDEN / f"{name}.png"
    want = vf.png_to_numpy(path) if path.exists() else None
    note_for_the_page(name, got, want)
    assert want is not None, f"no {path.name} yet: look at the picture with ./dev golden, then --accept {name}"
    assert got.shape == want.shape
    far = np.abs(got.astype(int) - want.astype(int))
    if "llvmpipe" in vf.default_device().name:
        assert far.max() <= LAVAPIPE_MOST
    else:
        assert far.mean() <= OTHERS_MEAN
