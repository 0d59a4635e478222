"""Meshes, points and lines beside PyVista and pygfx or, where those are not installed, matplotlib; pictures of 1024^2.

./dev bench meshes [--with-peers]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import best, header, row
from vulkan_forge import graphics

try:
    import pyvista
except ImportError:
    pyvista = None
try:
    import pygfx
    from rendercanvas.offscreen import RenderCanvas
except ImportError:
    pygfx = None

SIZE = 1024


def surface(side: int) -> tuple[Any, Any]:
    """Waves: (side - 1)^2 * 2 triangles."""
    y, x = np.mgrid[-3 : 3 : side * 1j, -3 : 3 : side * 1j].astype(np.float32)
    z = np.sin(2 * x) * np.cos(3 * y) / 4 + np.exp(-(x**2) - y**2)
    at = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel().astype(np.uint32)
    faces = np.concatenate([np.stack([at, at + 1, at + side], 1), np.stack([at + 1, at + side + 1, at + side], 1)])
    return np.ascontiguousarray(np.stack([x, y, z], axis=2).reshape(-1, 3)), faces


def cloud(count: int) -> tuple[Any, Any]:
    """A spiral galaxy."""
    rng = np.random.default_rng(1)
    r = rng.exponential(1, count)
    a = 3 * np.log1p(r) + rng.integers(0, 2, count) * np.pi + rng.normal(0, 0.3, count)
    places = np.stack([r * np.cos(a), r * np.sin(a), rng.normal(0, 0.08, count)], axis=1).astype(np.float32)
    colors = (255 * np.clip(np.stack([1.2 - r / 4, 0.7 - r / 9, 0.3 + r / 5], axis=1), 0, 1)).astype(np.uint8)
    return places, np.concatenate([colors, np.full((count, 1), 255, np.uint8)], axis=1)


def tracks(count: int) -> Any:
    """Random walks of 1000 steps."""
    steps = np.random.default_rng(2).normal(0, 1, (count // 1000, 1000, 3))
    return np.cumsum(steps, axis=1)


def ours(*objects: Any, supersample: int = 2) -> Callable[[], Any]:
    return graphics.Figure(SIZE, SIZE, supersample=supersample).add(*objects).render


def in_pyvista(add: Callable[[Any], None]) -> Callable[[], Any]:
    plotter = pyvista.Plotter(off_screen=True, window_size=(SIZE, SIZE))
    plotter.enable_anti_aliasing("ssaa")
    add(plotter)
    plotter.show(auto_close=False)

    def draw() -> Any:
        plotter.camera.azimuth += 0.01  # else nothing is drawn again
        plotter.render()
        return plotter.screenshot(return_img=True)

    return draw


def in_pygfx(thing: Any) -> Callable[[], Any]:
    """With its own antialiasing, on the device that it chooses."""
    canvas = RenderCanvas(size=(SIZE, SIZE), pixel_ratio=1)
    renderer, scene = pygfx.renderers.WgpuRenderer(canvas), pygfx.Scene()
    scene.add(pygfx.Background.from_color("#fff"), thing, pygfx.AmbientLight(), pygfx.DirectionalLight())
    camera = pygfx.PerspectiveCamera(30, 1)
    camera.show_object(thing, view_dir=(0, 1, -1), up=(0, 0, 1))
    canvas.request_draw(lambda: renderer.render(scene, camera))

    def draw() -> Any:
        return np.asarray(canvas.draw())

    return draw


def beside_pygfx(name: str, mine: float, make: Callable[[], Any]) -> None:
    if not pygfx:
        return
    draw = in_pygfx(make())
    if np.ptp(draw()[..., :3]) == 0:
        print(f"{name}: pygfx draws nothing")  # it logs errors of the device and returns a blank picture
    else:
        row(name, mine, "pygfx", best(draw, 3))


def in_matplotlib(add: Callable[[Any], None]) -> Callable[[], Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    canvas = FigureCanvasAgg(Figure((SIZE / 100, SIZE / 100), dpi=100))
    add(canvas.figure.add_subplot(projection="3d"))

    def draw() -> Any:
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    return draw


def meshes() -> None:
    for side in (225, 708):
        places, faces = surface(side)
        mine = best(ours(graphics.Mesh(places, faces)), 7)
        name = f"mesh of {len(faces) / 1e6:.1f} M triangles"
        print(f"{name}, 1 sample a pixel: {best(ours(graphics.Mesh(places, faces), supersample=1), 7) * 1e3:.1f} ms")
        if pyvista:
            data = pyvista.PolyData.from_regular_faces(places, faces)
            row(name, mine, "PyVista", best(in_pyvista(lambda p, d=data: p.add_mesh(d, smooth_shading=True)), 3))
        elif side < 300:
            draw = in_matplotlib(lambda axes, v=places, f=faces: axes.plot_trisurf(*v.T, triangles=f))
            row(name, mine, "matplotlib", best(draw, 1, warm=False))
        else:
            print(f"{name}: {mine * 1e3:.1f} ms")
        beside_pygfx(
            name,
            mine,
            lambda v=places, f=faces: pygfx.Mesh(pygfx.Geometry(indices=f, positions=v), pygfx.MeshPhongMaterial()),
        )


def points() -> None:
    for count in (1_000_000, 10_000_000):
        places, colors = cloud(count)
        mine = best(ours(graphics.Points(places, colors=colors, size=1.0)), 5)
        name = f"{count / 1e6:.0f} M points of a pixel"
        if pyvista:
            add = lambda p, v=places, c=colors: p.add_points(v, scalars=c[:, :3], rgb=True, point_size=1)
            row(name, mine, "PyVista", best(in_pyvista(add), 3))
        elif count <= 1_000_000:
            draw = in_matplotlib(
                lambda axes, v=places, c=colors: axes.scatter(*v.T, c=c / 255, s=0.5, depthshade=False)
            )
            row(name, mine, "matplotlib", best(draw, 1, warm=False))
        else:
            print(f"{name}: {mine * 1e3:.1f} ms")
        beside_pygfx(
            name,
            mine,
            lambda v=places, c=colors: pygfx.Points(
                pygfx.Geometry(positions=v, colors=(c / 255).astype(np.float32)),
                pygfx.PointsMaterial(color_mode="vertex", size=1),
            ),
        )


def lines() -> None:
    walks = tracks(100_000)
    places, starts = np.ascontiguousarray(walks.reshape(-1, 3)), np.arange(len(walks)) * 1000
    mine = best(ours(graphics.Lines(places, starts, width=2)), 5)
    print(f"the same with dashes: {best(ours(graphics.Lines(places, starts, width=2, dash=(6, 4))), 5) * 1e3:.1f} ms")
    name = f"{len(places) / 1e6:.1f} M segments of lines"
    if pyvista:
        cells = np.column_stack([np.full(len(walks), 1000), starts[:, None] + np.arange(1000)]).ravel()
        data = pyvista.PolyData(places, lines=cells)
        row(name, mine, "PyVista", best(in_pyvista(lambda p: p.add_mesh(data, line_width=2, color="black")), 3))
    else:
        draw = in_matplotlib(lambda axes: [axes.plot(*walk.T) for walk in walks])
        row(name, mine, "matplotlib", best(draw, 1, warm=False))
    apart = np.insert(walks, walks.shape[1], np.nan, axis=1).reshape(-1, 3).astype(np.float32)
    beside_pygfx(
        name,
        mine,
        lambda: pygfx.Line(pygfx.Geometry(positions=apart), pygfx.LineMaterial(thickness=2, color="black")),
    )


def translucent() -> None:
    places, faces = surface(225)
    for layers in (1, 4):
        objects = [graphics.Mesh(places + np.float32([0, 0, i]), faces, opacity=0.5) for i in range(layers)]
        print(f"{layers} x 0.1 M translucent triangles: {best(ours(*objects), 5) * 1e3:.1f} ms")


def main() -> None:
    header(vf.default_device())
    meshes()
    points()
    lines()
    translucent()


if __name__ == "__main__":
    main()
