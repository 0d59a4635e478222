"""Terrain pictures beside those of matplotlib, NumPy, and PyVista and pygfx where they are installed.

./dev bench terrain [--with-peers]. Each picture starts from the array: light, shadows and drawing are all in it, as is
bringing it to the device. On a shared machine processor time says more than the clock; both are printed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import header
from vulkan_forge import graphics

SIZES = ((1024, 1024), (3840, 2160))
PLAIN: dict[str, Any] = {"shadows": "hard", "sky": False, "ground": 0}


def fractal(side: int, seed: int = 7) -> Any:
    """Mountains with as much form as there are cells."""
    rng = np.random.default_rng(seed)
    wave = np.hypot(*np.meshgrid(np.fft.rfftfreq(side), np.fft.fftfreq(side)))
    wave[0, 0] = 1
    heights = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) * wave**-2.0, s=(side, side))
    heights -= heights.min()
    return (1500 / heights.max() * heights).astype(np.float32)


def spent(action: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Best clock and processor time of an action, in seconds; of a first one nothing is taken."""
    action()
    clocks, processors = [], []
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        action()
        clocks.append(time.perf_counter() - clock)
        processors.append(time.process_time() - processor)
    return min(clocks), min(processors)


def show(name: str, times: tuple[float, float], note: str = "") -> None:
    clock, processor = times
    print(f"{name:58s} {clock * 1e3:8.0f} ms   processor {processor * 1e3:8.0f} ms   {note}", flush=True)


def ours(dem: Any, width: int, height: int, supersample: int, **options: Any) -> Any:
    with (
        graphics.Terrain(dem, 30, **options) as terrain,
        terrain.figure(width, height, supersample=supersample) as figure,
    ):
        return figure.render()


def by_matplotlib(dem: Any, width: int, height: int) -> Any:
    """Its relief from above: colours and light, no shadows, no perspective."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot
    from matplotlib.colors import LightSource

    figure = pyplot.figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(LightSource(315, 45).shade(dem, pyplot.cm.terrain, vert_exag=2, dx=30, dy=30, blend_mode="soft"))
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba()).copy()
    pyplot.close(figure)
    return picture


def by_matplotlib_surface(dem: Any, width: int, height: int) -> Any:
    """Its block in perspective, of every eighth cell: with all of them it takes minutes."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(width / 100, height / 100), dpi=100)
    axes: Any = figure.add_subplot(projection="3d")
    y, x = np.mgrid[: dem.shape[0], : dem.shape[1]]
    axes.plot_surface(x, y, dem, cmap="terrain", rcount=dem.shape[0] // 8, ccount=dem.shape[1] // 8, linewidth=0)
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba()).copy()
    pyplot.close(figure)
    return picture


def by_numpy(dem: Any, width: int, height: int) -> Any:
    """Horn's light on colours, from above, at the raster's own size."""
    rows = dem[:-2] + 2 * dem[1:-1] + dem[2:]
    columns = dem[:, :-2] + 2 * dem[:, 1:-1] + dem[:, 2:]
    east, north = (rows[:, 2:] - rows[:, :-2]) / 240, (columns[:-2] - columns[2:]) / 240
    light = np.maximum((np.float32(0.7071) + (east - north) / 2) / np.sqrt(1 + east * east + north * north), 0)
    colors = graphics.Terrain(np.zeros((1, 1))).colors
    at = ((dem[1:-1, 1:-1] - dem.min()) * np.float32(255 / np.ptp(dem))).astype(np.uint8)
    return (colors[at][..., :3] * light[..., None]).astype(np.uint8)


def by_pyvista(dem: Any, width: int, height: int) -> Any:
    import pyvista

    grid = pyvista.ImageData(dimensions=(*dem.shape[::-1], 1), spacing=(30, 30, 1))
    grid["height"] = dem[::-1].ravel()
    plotter = pyvista.Plotter(off_screen=True, window_size=[width, height])
    plotter.add_mesh(grid.warp_by_scalar("height", factor=2), scalars="height", cmap="terrain")
    picture = plotter.screenshot(return_img=True)
    plotter.close()
    return picture


def by_pygfx(dem: Any, width: int, height: int) -> Any:
    import pygfx
    from rendercanvas.offscreen import RenderCanvas

    canvas = RenderCanvas(size=(width, height), pixel_ratio=1)
    renderer = pygfx.renderers.WgpuRenderer(canvas)
    y, x = np.mgrid[: dem.shape[0], : dem.shape[1]].astype(np.float32)
    index = np.arange(dem.size, dtype=np.uint32).reshape(dem.shape)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    points = np.stack([30 * x, -30 * y, 2 * dem], -1).reshape(-1, 3)
    scene, sun = pygfx.Scene(), pygfx.DirectionalLight()
    sun.local.position = (-1, 1, 1)
    scene.add(
        pygfx.Mesh(pygfx.Geometry(indices=quads, positions=points), pygfx.MeshPhongMaterial(color="#cba")),
        pygfx.AmbientLight(),
        sun,
    )
    camera = pygfx.PerspectiveCamera(30, width / height)
    camera.show_object(scene, view_dir=(0, 1, -1), up=(0, 0, 1))
    renderer.render(scene, camera)
    return np.asarray(renderer.snapshot())


PEERS: list[tuple[str, str, Callable[[Any, int, int], Any], int]] = [
    ("NumPy, light and colours from above", "numpy", by_numpy, 3),
    ("matplotlib, LightSource and imshow from above", "matplotlib", by_matplotlib, 1),
    ("matplotlib, plot_surface of every 8th cell", "matplotlib", by_matplotlib_surface, 1),
    ("PyVista, no shadows", "pyvista", by_pyvista, 1),
    ("pygfx, no shadows", "pygfx", by_pygfx, 1),
]

FIRST = """
import time, numpy as np
start = time.perf_counter()
from vulkan_forge import graphics
dem = np.random.default_rng(0).random((512, 512), np.float32)
made = time.perf_counter()
graphics.Terrain(dem, 30).render(1024, 1024)
print(time.perf_counter() - start)
"""


def first_picture() -> None:
    """Of a fresh process, with the driver's cache of compiled shaders and without."""
    for name, more in (("warm caches", {}), ("cold caches", {"MESA_SHADER_CACHE_DISABLE": "true"})):
        command, environment = [sys.executable, "-c", FIRST], {**os.environ, **more}
        runs = [
            float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
            for _ in range(6)
        ]
        print(f"{'first picture of a process, full, 1024 x 1024, ' + name:58s} {min(runs) * 1e3:8.0f} ms", flush=True)


def loop() -> None:
    """A camera that goes round: 200 pictures to NumPy."""
    with graphics.Terrain(fractal(1024), 30, **PLAIN) as terrain:
        figure = terrain.figure(512, 512, supersample=1)
        cameras = [graphics.Camera(azimuth=180 + 1.8 * i) for i in range(200)]

        def around() -> None:
            for camera in cameras:
                figure.camera = camera
                figure.render()

        clock, processor = spent(around, 1)
        name = "loop of 200 pictures, 512 x 512, plain"
        print(f"{name:58s} {200 / clock:8.1f} a second   processor {processor * 5:6.2f} ms each")


def main() -> None:
    header(vf.default_device())
    for side in (2048, 4096):
        dem = fractal(side)
        for width, height in SIZES:
            title, turns = f"{side}^2 to {width} x {height}", 12 if width == 1024 else 4
            plain = spent(lambda w=width, h=height, d=dem: ours(d, w, h, 1, **PLAIN), turns)
            show(f"{title}, plain", plain, "hard shadows")
            full = spent(lambda w=width, h=height, d=dem: ours(d, w, h, 2), turns)
            show(f"{title}, full", full, "soft shadows, sky, ground, 2 x 2 samples")
            for name, module, draw, rounds in PEERS:
                if importlib.util.find_spec(module) is None or (side, width) != (2048, 1024):
                    continue
                show(f"  {name}", spent(lambda p=draw, w=width, h=height, d=dem: p(d, w, h), rounds))
    loop()
    first_picture()


if __name__ == "__main__":
    main()
