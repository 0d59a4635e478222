"""Elevation models in files: NumPy's, gray PNG, and what rasterio reads."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from vulkan_forge.cli._files import NO_ARRAY
from vulkan_forge.errors import FileError, UnsupportedError
from vulkan_forge.graphics._geodesy import metres_per_degree

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

EXPECTED = "a .npy or .png file, or a raster that rasterio reads (.tif)"
UNITS_M = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us survey foot": 0.304800609601, "us-ft": 0.304800609601}


class Elevation(NamedTuple):
    """Heights with what their file says of them."""

    heights: NDArray[np.float32]  # row 0 north; NaN where there is no data
    cell: tuple[float, float] | None  # width and height in metres, or the file's own units; None: it does not say
    profile: dict[str, Any] | None  # of rasterio, to write results with


def read_elevation(path: str) -> Elevation:
    """Reads a file by its suffix."""
    suffix = Path(path).suffix.lower()
    if suffix == ".npy":
        return Elevation(_read_npy(path), None, None)
    if suffix == ".png":
        return Elevation(_read_png(path), None, None)
    return _read_raster(path)


def _refuse(path: str, why: str, expected: str = EXPECTED, mend: str = "") -> NoReturn:
    raise FileError.build(
        "FILE_READ", "failed to read elevation", expected=expected, got=f"'{path}' ({why})", mend=mend
    )


def _read_npy(path: str) -> NDArray[np.float32]:
    import numpy as np

    try:
        with Path(path).open("rb") as file:
            is_archive = file.read(2) == b"PK"
        values = None if is_archive else np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        _refuse(path, error.strerror or "no NumPy file")
    except NO_ARRAY:
        _refuse(path, "no NumPy file, or one of Python objects")
    if values is None:
        _refuse(path, "several arrays, as np.savez writes them", expected="one array, as np.save writes it")
    if values.ndim != 2 or values.dtype.kind not in "fiu" or values.size == 0:
        _refuse(path, f"{values.dtype} {values.shape}", expected="real numbers with two axes")
    with np.errstate(over="ignore"):  # -1.8e308 is the nodata of many programs
        return np.ascontiguousarray(values, np.float32)


def _read_png(path: str) -> NDArray[np.float32]:
    import numpy as np

    from vulkan_forge.graphics import read_png

    image = read_png(path)
    if image.mode not in ("gray", "gray+alpha"):
        _refuse(path, f"{image.mode} of {image.bits} bits", expected="a gray PNG, best of 16 bits")
    heights = image.pixels.astype(np.float32)
    if image.mode == "gray+alpha":
        return np.where(heights[..., 1] > 0, heights[..., 0], np.float32(np.nan))
    if image.transparent is not None:
        heights[image.pixels == image.transparent[0]] = np.nan
    return heights


def _read_raster(path: str) -> Elevation:
    import numpy as np

    try:
        Path(path).stat()
    except OSError as error:
        _refuse(path, error.strerror or "cannot be read")
    rasterio = import_rasterio(path)
    try:
        with without_place(rasterio), rasterio.open(path) as source:
            cells = source.read(1, masked=True)
            if cells.dtype.kind not in "fiu":
                _refuse(path, str(cells.dtype), expected="real numbers")
            values, scale, offset = cells.data, source.scales[0], source.offsets[0]
            if (scale, offset) != (1.0, 0.0):
                values = values.astype(np.float64) * scale + offset
            with np.errstate(over="ignore"):
                heights = np.where(np.ma.getmaskarray(cells), np.float32(np.nan), values.astype(np.float32))
            cell = _cell_of(path, source)
            unit = (source.units[0] or "").lower()
            heights *= np.float32(UNITS_M.get(unit, 1.0))
            if is_from_south(source.transform):
                heights = heights[::-1]
            return Elevation(np.ascontiguousarray(heights), cell, dict(source.profile))
    except rasterio.errors.RasterioError as error:
        _refuse(path, str(error).partition("\n")[0])


def import_rasterio(path: str) -> Any:
    """The module; says how to get it where it is not there."""
    try:
        importlib.import_module("rasterio.errors")
        return importlib.import_module("rasterio")
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            f"'{path}' needs rasterio",
            expected="the extra geo",
            got=str(error),
            mend="pip install 'vulkan-forge[geo]', or convert it to .npy",
        ) from error


@contextlib.contextmanager
def without_place(rasterio: Any) -> Iterator[None]:
    """Rasters that say nothing of their place are no reason to warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        yield


def is_from_south(transform: Any) -> bool:
    """Whether row 0 is south; rasters that say nothing of their place begin in the north, as pictures do."""
    return bool(transform.e > 0 and not transform.is_identity)


def _cell_of(path: str, source: Any) -> tuple[float, float] | None:
    """Width and height of a cell in metres, in the middle of the raster; as they are where the file knows no units."""
    transform = source.transform
    if transform.is_identity:
        return None
    if abs(transform.b) + abs(transform.d) > 1e-9 * abs(transform.a):
        _refuse(path, "a raster that is turned", expected="rows from west to east", mend="gdalwarp it first")
    wide, high = abs(transform.a), abs(transform.e)
    if source.crs is None:
        return wide, high
    if source.crs.is_geographic:
        east, north = metres_per_degree((source.bounds.top + source.bounds.bottom) / 2)
        return wide * east, high * north
    factor = source.crs.linear_units_factor[1] if source.crs.is_projected else 1.0
    return wide * factor, high * factor
