"""What `Terrain` takes, checked and brought into the native class's terms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError
from vulkan_forge.graphics._raster_arguments import cell_of, check_heights, is_nan, number, pair, refuse_masked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_COPIED = 4 << 20  # cells; larger rasters are used where they lie: a copy would take as long as their picture


def heights_of(dem: Any) -> NDArray[np.float32]:
    """float32 in C order; small rasters are copied, so that nobody changes them later."""
    import numpy as np

    check_heights(dem)
    if 0 in dem.shape:
        raise ShapeError.build(
            "BAD_SHAPE",
            "heights have the wrong shape",
            expected="2 axes, none of them empty",
            got=str(tuple(dem.shape)),
        )
    cells = np.asarray(dem)
    with np.errstate(over="ignore", invalid="ignore"):
        if isinstance(dem, np.ma.MaskedArray):
            return np.ascontiguousarray(np.ma.filled(dem.astype(np.float32), np.nan))
        if cells.size <= MOST_COPIED:
            return np.array(cells, dtype=np.float32, order="C")
        return np.ascontiguousarray(cells, dtype=np.float32)


def nodata_of(nodata: float | None) -> float:
    """Rounded as heights are, so that it equals theirs; NaN: none."""
    import numpy as np

    if nodata is None or is_nan(nodata):
        return math.nan
    with np.errstate(over="ignore"):
        return float(np.float32(number(nodata, "nodata")))


def extent_of(extent: Any) -> tuple[float, float, float, float]:
    try:
        west, east, south, north = extent
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "extent has the wrong type", expected="(west, east, south, north)", got=repr(extent)
        ) from error
    west, east, south, north = (number(edge, "extent") for edge in (west, east, south, north))
    if not (west < east and south < north):
        raise InputError.build(
            "INVALID_ARGUMENT", "extent is empty", expected="west < east and south < north", got=repr(extent)
        )
    return west, east, south, north


def place_of(
    shape: tuple[int, ...], cell: Any, units: str, origin: Any, extent: Any
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Cell and northwestern corner in map coordinates."""
    rows, columns = shape
    if extent is not None:
        if cell is not None or origin is not None:
            raise InputError.build(
                "INVALID_ARGUMENT", "too much is said of the place", expected="extent, or cell and origin", got="both"
            )
        west, east, south, north = extent_of(extent)
        return ((east - west) / columns, (north - south) / rows), (west, north)
    if cell is None and units == "degrees":
        raise InputError.build(
            "INVALID_ARGUMENT", "cells in degrees need a size", expected="cell= or extent=", got="neither"
        )
    width, height = cell_of(30.0 if cell is None else cell)
    if origin is None:
        return (width, height), (0.0, rows * height)
    west, north = (number(one, "origin") for one in pair(origin, "origin"))
    return (width, height), (west, north)


def latitude_of(
    given: float | None, placed: Any, corner: tuple[float, float], cell: tuple[float, float], shape: tuple[int, ...]
) -> float:
    if given is not None:
        return number(given, "latitude", least=-90, most=90)
    if placed is None:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "cells in degrees need a latitude",
            expected="origin=, extent= or latitude=",
            got="none",
            mend="metres per degree of longitude depend on it",
        )
    return number(corner[1] - shape[0] * cell[1] / 2, "the raster's middle latitude", least=-90, most=90)


def points_of(points: Any, columns: tuple[int, ...]) -> NDArray[np.float64]:
    import numpy as np

    try:
        given = np.asarray(np.ma.filled(points, np.nan) if isinstance(points, np.ma.MaskedArray) else points)
        places = given.astype(np.float64, casting="same_kind") if given.dtype.kind != "O" else given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "points have the wrong type", expected="real numbers", got=type(points).__name__
        ) from error
    if places.ndim != 2 or places.shape[1] not in columns:
        raise ShapeError.build(
            "BAD_SHAPE", "points", expected=f"(N, {' or '.join(map(str, columns))})", got=str(places.shape)
        )
    return places


def pixels_of(image: Any) -> NDArray[np.uint8]:
    """uint8 (height, width, 4)."""
    import numpy as np

    refuse_masked(image, "drape", mend="give it an alpha that is 0 there")
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or 0 in pixels.shape:
        raise ShapeError.build("BAD_SHAPE", "drape", expected="(height, width, 3 or 4)", got=str(pixels.shape))
    if pixels.dtype.kind == "f":
        if not bool(np.all((pixels >= 0) & (pixels <= 1))):
            raise InputError.build("INVALID_ARGUMENT", "drape", expected="floats from 0 to 1", got="others")
        pixels = np.round(pixels * 255).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise DtypeError.build("BAD_DTYPE", "drape", expected="uint8, or floats from 0 to 1", got=str(pixels.dtype))
    if pixels.shape[2] == 3:
        pixels = np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)
    return np.ascontiguousarray(pixels)
