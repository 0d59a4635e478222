"""Elevation models on the device beside NumPy, contourpy and GDAL's programs, where they are installed.

./dev bench raster
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import best, best_of_both, header, row
from vulkan_forge.graphics import raster

try:
    import contourpy
except ImportError:
    contourpy = None

SIDES = (2048, 4096)


def terrain(side: int) -> Any:
    """Waves with noise: as many slopes as there are cells."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 1, (side, side)).astype(np.float32)
    return 300 * np.sin(x / 97) * np.cos(y / 131) + 40 * np.sin(x / 11 + y / 17) + noise


def numpy_hillshade(z: Any) -> Any:
    """Horn's, as one would write it."""
    rows = z[:-2] + 2 * z[1:-1] + z[2:]
    columns = z[:, :-2] + 2 * z[:, 1:-1] + z[:, 2:]
    east, north = (rows[:, 2:] - rows[:, :-2]) / 240, (columns[:-2] - columns[2:]) / 240
    light = (np.float32(0.7071) + (east - north) / 2) / np.sqrt(1 + east * east + north * north)
    return 1 + 254 * np.maximum(light, 0)


def numpy_slope(z: Any) -> Any:
    rows = z[:-2] + 2 * z[1:-1] + z[2:]
    columns = z[:, :-2] + 2 * z[:, 1:-1] + z[:, 2:]
    east, north = (rows[:, 2:] - rows[:, :-2]) / 240, (columns[:-2] - columns[2:]) / 240
    return np.degrees(np.arctan(np.sqrt(east * east + north * north)))


def numpy_roughness(z: Any) -> Any:
    def over(pick: Any) -> Any:
        rows = pick(pick(z[:-2], z[1:-1]), z[2:])
        return pick(pick(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])

    return over(np.maximum) - over(np.minimum)


def done(call: Callable[[], vf.Array]) -> Callable[[], None]:
    """Calls, and waits for the device."""

    def run() -> None:
        call()
        vf.default_device().wait_idle()

    return run


def windows(z: Any, cells: vf.Array, side: int) -> None:
    pairs: list[tuple[str, Callable[[], vf.Array], Callable[[], Any]]] = [
        ("hillshade", lambda: raster.hillshade(cells, 30), lambda: numpy_hillshade(z)),
        ("slope", lambda: raster.slope(cells, 30), lambda: numpy_slope(z)),
        ("roughness", lambda: raster.roughness(cells), lambda: numpy_roughness(z)),
    ]
    for name, ours, theirs in pairs:
        mine, other = best_of_both(done(ours), theirs, 7)
        row(f"{name} {side}^2, in memory", mine, "NumPy", other, f"{side**2 / mine / 1e6:6.0f} Mcell/s")


def dem_file(z: Any, folder: str) -> Path:
    """What GDAL's programs read."""
    dem, side = Path(folder, "a.dem"), len(z)
    z.tofile(dem)
    dem.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {side}\nlines = {side}\nbands = 1\ndata type = 4\nbyte order = 0\ninterleave = bsq\n"
        "map info = {Arbitrary, 1, 1, 0, 0, 30, 30}\n"
    )
    return dem


def process(command: list[str], rounds: int = 3) -> float:
    return best(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), rounds)


def gdaldem(z: Any, cells: vf.Array, side: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dem = dem_file(z, folder)
        for mode, ours in (("hillshade", raster.hillshade), ("slope", raster.slope)):
            theirs = process(["gdaldem", mode, str(dem), f"{folder}/out.dem", "-of", "ENVI", "-q"])
            mine = best(lambda ours=ours: np.asarray(ours(cells, 30)), 7)
            row(f"{mode} {side}^2", mine, "gdaldem, file to file", theirs, "its time holds a process and two files")


def contours(z: Any, cells: vf.Array, side: int) -> None:
    levels = np.arange(-300, 301, 50)

    def theirs() -> None:
        generator = contourpy.contour_generator(z=z, name="serial")
        for level in levels:
            generator.lines(level)

    mine, other = best_of_both(lambda: raster.contours(cells, levels), theirs, 3)
    row(f"contours {side}^2, {len(levels)} levels", mine, "contourpy", other)
    if shutil.which("gdal_contour"):
        with tempfile.TemporaryDirectory() as folder:
            heights = ["-fl", *map(str, levels), "-q"]
            theirs_file = process(["gdal_contour", *heights, str(dem_file(z, folder)), f"{folder}/out.gpkg"], 2)
        row(f"contours {side}^2, {len(levels)} levels", mine, "gdal_contour", theirs_file, "to a GeoPackage")


def views(side: int) -> None:
    z = terrain(side)
    cells, middle = vf.asarray(z), (side // 2, side // 2)
    seconds = {}
    for name, call in (
        ("viewshed, every line of sight", lambda: raster.viewshed(cells, middle, 30)),
        ("heights needed to be seen", lambda: raster.viewshed(cells, middle, 30, result="needed")),
        ("sky view, 16 directions, 10 cells", lambda: raster.sky_view(cells, 30)),
    ):
        seconds[name] = best(done(call), 3)
        print(f"{name} {side}^2: {seconds[name] * 1e3:.1f} ms")
    if shutil.which("gdal_viewshed"):
        with tempfile.TemporaryDirectory() as folder:
            eye = ["-ox", str(30 * middle[1] + 15), "-oy", str(-30 * middle[0] - 15), "-oz", "2", "-md", "0", "-q"]
            theirs = process(["gdal_viewshed", *eye, str(dem_file(z, folder)), f"{folder}/out.tif"])
        note = "from neighbour to neighbour, not line by line; its time holds a process and two files"
        row(f"viewshed {side}^2", seconds["viewshed, every line of sight"], "gdal_viewshed", theirs, note)


def main() -> None:
    header(vf.default_device())
    for side in SIDES:
        z = terrain(side)
        cells = vf.asarray(z)
        windows(z, cells, side)
        if side == SIDES[0] and shutil.which("gdaldem"):
            gdaldem(z, cells, side)
        if side == SIDES[0] and contourpy:
            contours(z, cells, side)
    for side in (512, 1024):
        views(side)


if __name__ == "__main__":
    main()
