"""Analysis of elevation models on the device: slopes, light, ruggedness, contours, and what is seen from where.

Heights are 2-D, row 0 north and column 0 west: `Array` or ndarray of float32, or of another real dtype, which is
converted first; what does not lie in C order is copied. NaN, what a masked array masks and, where it is given,
`nodata` are holes. Results are float32 `Array` of the same shape with `fill` in the holes (NaN unless another value is
asked for) and, as in GDAL's gdaldem, wherever the window of 3 x 3 cells touches a hole or reaches beyond the raster;
with `compute_edges` such windows count: rows and columns beyond the raster go on as they came, holes are as high as
the middle. `cell` is a cell's width, or its width and height, in the units of the heights; `scale` divides slopes
further (111120 for cells in degrees and heights in metres, 370400 for feet).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from vulkan_forge._vulkan_forge import raster_contours, raster_sky, raster_viewshed, raster_window
from vulkan_forge.errors import InputError, LimitError
from vulkan_forge.graphics._raster_arguments import (
    bytes_or_floats,
    cell_of,
    cells_of,
    choice,
    each_of,
    flag,
    heights_of,
    holes_of,
    integer,
    number,
    pair,
)
from vulkan_forge.graphics.raster_picture import picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from vulkan_forge._vulkan_forge import Array
    from vulkan_forge.graphics._raster_arguments import Cell, Heights

__all__ = [
    "Contour",
    "aspect",
    "contours",
    "curvature",
    "hillshade",
    "picture",
    "roughness",
    "sky_view",
    "slope",
    "tpi",
    "tri",
    "viewshed",
]

METHODS = ("horn", "zevenbergen_thorne")
EARTH_RADIUS = 6_371_000.0  # metres
MOST_LEVELS = 16_384
LEAST_SLOPE, MOST_SLOPE = 1e-18, 1e18  # of a unit of height in a cell: float32 has no squares of others


def hillshade(
    heights: Heights,
    cell: Cell = 1.0,
    *,
    azimuth: float = 315.0,
    altitude: float = 45.0,
    z_factor: float = 1.0,
    scale: float = 1.0,
    method: str = "horn",
    shading: str = "plain",
    nodata: float | None = None,
    fill: float | None = None,
    compute_edges: bool = False,
    dtype: DTypeLike = "float32",
) -> Array:
    """Shaded relief, as `gdaldem hillshade`.

    Args:
        heights: (rows, columns), as the module says.
        cell: Width of a cell, or width and height.
        azimuth: Where the sun stands, in degrees clockwise from north.
        altitude: Its height over the horizon, in degrees.
        z_factor: What heights are multiplied by.
        scale: What slopes are divided by.
        method: "horn" (Horn 1981) or "zevenbergen_thorne" (1987, better for smooth terrain).
        shading: "plain"; "multidirectional" (suns in 225, 270, 315 and 360 degrees, Mark 1992; has no azimuth);
            "combined" (with the slope's own darkness); "igor" (as dark as steep and turned away; has no altitude).
        nodata: The height of holes.
        fill: What holes get; None: NaN in float32, 0 in uint8.
        compute_edges: Windows that reach beyond the raster or over holes count.
        dtype: "float32", or "uint8" as in gdaldem's files, rounded.

    Returns:
        1 (dark) to 255, for "igor" 0 to 255.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).
        UnsupportedError: uint8 on a device without 8-bit storage.

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> ramp = np.arange(5, dtype=np.float32) * np.ones((4, 1), np.float32)  # rises eastward
        >>> np.asarray(raster.hillshade(ramp))[1].round().tolist()
        [nan, 218.0, 218.0, 218.0, nan]
    """
    kind = choice(shading, "shading", ("plain", "multidirectional", "combined", "igor"))
    turned = math.radians(number(azimuth, "azimuth"))
    raised = math.radians(number(altitude, "altitude", least=-90, most=90))
    east, north = math.sin(turned), math.cos(turned)
    up, level = math.sin(raised), math.cos(raised)
    stored = bytes_or_floats(dtype)
    if stored.kind == "u":
        fill = number(0.0 if fill is None else fill, "fill", least=0, most=255)
    measure = "hillshade" if kind == "plain" else kind
    sun = (east, north, 0.0, 0.0) if kind == "igor" else (level * east, level * north, up, level)
    return _window(heights, measure, cell, method, z_factor, scale, nodata, fill, compute_edges, a=sun, dtype=stored)


def slope(
    heights: Heights,
    cell: Cell = 1.0,
    *,
    unit: str = "degrees",
    z_factor: float = 1.0,
    scale: float = 1.0,
    method: str = "horn",
    nodata: float | None = None,
    fill: float | None = None,
    compute_edges: bool = False,
) -> Array:
    """Steepness, as `gdaldem slope`.

    Args:
        heights: (rows, columns), as the module says.
        cell: Width of a cell, or width and height.
        unit: "degrees" or "percent".
        z_factor: What heights are multiplied by.
        scale: What slopes are divided by.
        method: "horn" or "zevenbergen_thorne".
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Returns:
        0 for level ground to 90 degrees, or percent: 100 where ground rises as far as it goes.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> ramp = 0.5 * np.arange(5, dtype=np.float32) * np.ones((4, 1), np.float32)
        >>> np.asarray(raster.slope(ramp, unit="percent"))[1].tolist()
        [nan, 50.0, 50.0, 50.0, nan]
    """
    measure = "slope_" + choice(unit, "unit", ("degrees", "percent"))
    return _window(heights, measure, cell, method, z_factor, scale, nodata, fill, compute_edges)


def aspect(
    heights: Heights,
    cell: Cell = 1.0,
    *,
    convention: str = "azimuth",
    zero_for_flat: bool = False,
    method: str = "horn",
    nodata: float | None = None,
    fill: float | None = None,
    compute_edges: bool = False,
) -> Array:
    """Where slopes face, as `gdaldem aspect`.

    Args:
        heights: (rows, columns), as the module says.
        cell: Width of a cell, or width and height. gdaldem takes every cell as square.
        convention: "azimuth" counts clockwise from north, "trigonometric" counter-clockwise from east.
        zero_for_flat: Level ground gets 0 instead of -9999.
        method: "horn" or "zevenbergen_thorne".
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Returns:
        Degrees, 0 up to 360, of the direction downhill; -9999 on level ground.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> ramp = np.arange(5, dtype=np.float32) * np.ones((4, 1), np.float32)  # faces west
        >>> np.asarray(raster.aspect(ramp, compute_edges=True))[0].tolist()
        [270.0, 270.0, 270.0, 270.0, 270.0]
    """
    words = {"azimuth": "aspect", "trigonometric": "aspect_trigonometric"}
    measure = words[choice(convention, "convention", tuple(words))]
    flat = 0.0 if flag(zero_for_flat, "zero_for_flat") else -9999.0
    return _window(heights, measure, cell, method, 1.0, 1.0, nodata, fill, compute_edges, a=(flat, 0.0, 0.0, 0.0))


def curvature(
    heights: Heights,
    cell: Cell = 1.0,
    *,
    kind: str = "total",
    z_factor: float = 1.0,
    nodata: float | None = None,
    fill: float | None = None,
    compute_edges: bool = False,
) -> Array:
    """How ground bends, by the surface of Zevenbergen and Thorne 1987 through the window.

    Args:
        heights: (rows, columns), as the module says.
        cell: Width of a cell, or width and height.
        kind: "total", positive on summits and ridges; "profile", along the slope, positive where it steepens downhill;
            "plan", across the slope, with the sign of the paper: negative where flow spreads.
        z_factor: What heights are multiplied by.
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Returns:
        Curvature in 1 / unit of `cell` (some programs show a hundred times that); "profile" and "plan" are 0 on level
        ground.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> y, x = np.mgrid[-2:3, -2:3].astype(np.float32)
        >>> float(np.asarray(raster.curvature(-(x**2 + y**2)))[2, 2])
        4.0
    """
    measure = "curvature_" + choice(kind, "kind", ("total", "profile", "plan"))
    width, height = cell_of(cell)
    east, north = _slopes(number(z_factor, "z_factor"), (width, height), 1.0)
    bends = (east / width, north / height, east / (4 * height), 0.0)
    method = "zevenbergen_thorne"
    return _window(heights, measure, cell, method, z_factor, 1.0, nodata, fill, compute_edges, b=bends)


def tri(
    heights: Heights,
    *,
    method: str = "riley",
    nodata: float | None = None,
    fill: float | None = None,
    compute_edges: bool = False,
) -> Array:
    """Terrain ruggedness index, as `gdaldem TRI`.

    Args:
        heights: (rows, columns), as the module says.
        method: "riley" (Riley, DeGloria and Elliot 1999, on land): the root of the summed squares of the differences to
            the eight neighbours; "wilson" (Wilson et al. 2007, for sea floors): their mean size.
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> spike = np.zeros((3, 3), np.float32)
        >>> spike[1, 1] = 2
        >>> float(np.asarray(raster.tri(spike, method="wilson"))[1, 1])
        2.0
    """
    measure = "tri_" + choice(method, "method", ("riley", "wilson"))
    return _window(heights, measure, 1.0, "horn", 1.0, 1.0, nodata, fill, compute_edges)


def tpi(
    heights: Heights, *, nodata: float | None = None, fill: float | None = None, compute_edges: bool = False
) -> Array:
    """Topographic position index, as `gdaldem TPI`: how far a cell lies over the mean of its eight neighbours.

    Args:
        heights: (rows, columns), as the module says.
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Raises:
        InputError: A wrong number, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> pit = np.ones((3, 3), np.float32)
        >>> pit[1, 1] = 0
        >>> float(np.asarray(raster.tpi(pit))[1, 1])
        -1.0
    """
    return _window(heights, "tpi", 1.0, "horn", 1.0, 1.0, nodata, fill, compute_edges)


def roughness(
    heights: Heights, *, nodata: float | None = None, fill: float | None = None, compute_edges: bool = False
) -> Array:
    """Roughness, as `gdaldem roughness`: the highest less the lowest of nine cells (Wilson et al. 2007).

    Args:
        heights: (rows, columns), as the module says.
        nodata: The height of holes.
        fill: What holes get; None: NaN.
        compute_edges: Windows that reach beyond the raster or over holes count.

    Raises:
        InputError: A wrong number, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> float(np.asarray(raster.roughness(np.arange(9, dtype=np.float32).reshape(3, 3)))[1, 1])
        8.0
    """
    return _window(heights, "roughness", 1.0, "horn", 1.0, 1.0, nodata, fill, compute_edges)


class Contour(NamedTuple):
    """A line of equal height.

    Attributes:
        level: Its height.
        points: float64 of shape (n, 2): column and row, counted from the middle of the cell in the northwest. Higher
            ground lies to the left of the way along them. A ring repeats its first point at its end.
        closed: Whether it is a ring.
    """

    level: float
    points: NDArray[np.float64]
    closed: bool


def contours(
    heights: Heights,
    levels: Sequence[float] | NDArray[Any] | None = None,
    *,
    interval: float | None = None,
    base: float = 0.0,
    nodata: float | None = None,
) -> list[Contour]:
    """Lines of equal height, by marching squares between the middles of cells.

    In a saddle the mean of the four heights decides which corners hang together. Cells with a hole at a corner have no
    lines, so lines end there. What touches a cell as high as its level in a single point is no line. The device finds
    the pieces, the host joins them.

    Args:
        heights: (rows, columns), as the module says.
        levels: Heights to draw, in any order, as exact as float64 also far from zero; or
        interval: a line each so many units of height,
        base: counted from here.
        nodata: The height of holes.

    Returns:
        The lines, by ascending level.

    Raises:
        InputError: A wrong number, dtype or shape (subclasses say which), or not one of `levels` and `interval`.
        LimitError: More than 16384 levels.
        StateError: In a recording of a graph.

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> hill = np.zeros((3, 3), np.float32)
        >>> hill[1, 1] = 2
        >>> (ring,) = raster.contours(hill, [1.0])
        >>> ring.closed, ring.points.tolist()
        (True, [[1.0, 0.5], [0.5, 1.0], [1.0, 1.5], [1.5, 1.0], [1.0, 0.5]])
    """
    import numpy as np

    heights = cells_of(heights)
    hole, _ = holes_of(nodata, None)
    chosen = _levels(heights, levels, interval, base, hole)
    cells, zero, hole = _near_zero(heights, hole)
    points, starts, indices = raster_contours(cells, (chosen - zero).tolist(), hole)
    points, starts = _without_repeats(points, starts)
    lines = []
    for index, start, end in zip(indices.tolist(), starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        line = points[start:end]
        if len(line) < 2:  # it only touched a cell as high as its level
            continue
        closed = len(line) > 2 and bool(np.array_equal(line[0], line[-1]))
        lines.append(Contour(float(chosen[index]), line, closed))
    return lines


def _without_repeats(
    points: NDArray[np.float64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Lines without points that repeat the one before, as they do round a cell that is as high as the level."""
    import numpy as np

    is_new = np.ones(len(points), bool)
    is_new[1:] = (points[1:] != points[:-1]).any(axis=1)
    is_new[starts[:-1]] = True
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_new)])
    return points[is_new], before[starts]


def _levels(
    cells: Heights,
    levels: Sequence[float] | NDArray[Any] | None,
    interval: float | None,
    base: float,
    hole: float,
) -> NDArray[np.float64]:
    import numpy as np

    if (levels is None) == (interval is None):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "contours need levels or an interval",
            expected="one of both",
            got="both" if interval is not None else "neither",
        )
    if levels is not None:
        chosen = np.unique(np.asarray([number(level, "level") for level in each_of(levels, "levels")], np.float64))
    else:
        # fractions: quotients of doubles overflow, and far from zero they are off by whole steps
        step = Fraction(number(interval, "interval", above=0))  # type: ignore[arg-type]
        start = Fraction(number(base, "base"))
        low, high = map(Fraction, _range(cells, hole))
        first, last = math.ceil((low - start) / step), math.floor((high - start) / step)
        _check_count(last - first + 1)
        chosen = np.unique(np.asarray([float(start + step * k) for k in range(first, last + 1)], np.float64))
    _check_count(len(chosen))
    return chosen


def _check_count(levels: int) -> None:
    if levels > MOST_LEVELS:
        raise LimitError.build(
            "LIMIT_EXCEEDED",
            "too many levels of contours",
            expected=f"at most {MOST_LEVELS}",
            got=str(levels) if levels < 10**9 else "more than 10^9",
            mend="ask for some at a time, or for a wider interval",
        )


def _near_zero(heights: Heights, hole: float) -> tuple[Heights, float, float]:
    """float32 cells relative to a height, so that they keep their digits; that height, and what means a hole."""
    import numpy as np

    if np.dtype(heights.dtype).itemsize < 4 or heights.dtype == np.float32:
        return heights_of(heights), 0.0, hole
    low, high = _range(heights, hole)
    if np.dtype(heights.dtype).kind in "iu" and max(-low, high) <= 1 << 24:  # float32 holds them all
        return heights_of(heights), 0.0, hole
    zero = float(round((low + high) / 2)) if abs(low + high) > high - low else 0.0
    values = np.asarray(heights).astype(np.float64)
    values[_are_holes(np.asarray(heights), hole)] = np.nan
    values -= zero
    with np.errstate(over="ignore"):  # what is infinite in float32 is a hole
        return np.ascontiguousarray(values, np.float32), zero, math.nan


def _are_holes(values: NDArray[Any], hole: float) -> NDArray[np.bool_]:
    """Cells of the height that means a hole: as given, or as float32 has it, which rasters are often made of."""
    import numpy as np

    if values.dtype.kind != "f":
        return np.asarray(values == hole)
    with np.errstate(over="ignore"):
        rounded = np.float32(hole)
    return np.asarray((values == hole) | (values == rounded))


def _range(cells: Heights, hole: float) -> tuple[float, float]:
    """The lowest and the highest height; (0, -1) where there is none."""
    import numpy as np

    values = np.asarray(cells)
    most = float(np.finfo(np.float32).max)  # of larger ones the device makes holes
    known = (values >= -most) & (values <= most)
    known &= ~_are_holes(values, hole)
    heights = values[known]
    return (float(heights.min()), float(heights.max())) if heights.size else (0.0, -1.0)


def viewshed(
    heights: Heights,
    observer: tuple[int, int],
    cell: Cell = 1.0,
    *,
    observer_height: float = 2.0,
    target_height: float = 0.0,
    max_distance: float | None = None,
    bend: float = 6.0 / 7.0,
    result: str = "visible",
    nodata: float | None = None,
    fill: float | None = None,
) -> Array:
    """Which cells an observer sees.

    Every cell has its own line of sight, looked at wherever it crosses a row or a column of cells, with heights linear
    between two cells (R3 of Franklin and Ray 1994). That is exact, and costs a step for each cell on the way: limit the
    distance on large rasters.

    Args:
        heights: (rows, columns), as the module says. Holes hide nothing.
        observer: Row and column of the cell where the observer stands.
        cell: Width of a cell, or width and height.
        observer_height: Of the eye over ground.
        target_height: Of what is looked at, over ground.
        max_distance: Cells farther off are not seen; None: all are looked at.
        bend: How much of the earth's curvature counts, for heights in metres: 6/7 with the refraction of light in air
            (as gdal_viewshed has it), 1 without, 0 for a plane.
        result: "visible", or "needed": how high above the ground of a cell something must be to be seen.
        nodata: The height of holes.
        fill: What holes get, with "needed" cells beyond the distance, and where the observer stands in a hole all
            cells; None: NaN.

    Returns:
        1 where a cell is seen and 0 where it is not, or heights.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).
        RangeError: The observer stands outside.
        LimitError: Lines of more than 32000 cells.

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> wall = np.zeros((1, 6), np.float32)
        >>> wall[0, 3] = 5
        >>> np.asarray(raster.viewshed(wall, (0, 0))).tolist()
        [[1.0, 1.0, 1.0, 1.0, 0.0, 0.0]]
    """
    row, column = (integer(at, "observer", least=-(2**62), most=2**62) for at in pair(observer, "observer"))
    far = math.inf if max_distance is None else number(max_distance, "max_distance", least=0)
    needed = choice(result, "result", ("visible", "needed")) == "needed"
    return raster_viewshed(
        heights_of(heights),
        (row, column),
        cell=cell_of(cell),
        above=(number(observer_height, "observer_height"), number(target_height, "target_height")),
        reach=far,
        bend=number(bend, "bend") / (2 * EARTH_RADIUS),
        needed=needed,
        holes=holes_of(nodata, fill),
    )


def sky_view(
    heights: Heights,
    cell: Cell = 1.0,
    *,
    kind: str = "factor",
    directions: int = 16,
    radius: int = 10,
    z_factor: float = 1.0,
    nodata: float | None = None,
    fill: float | None = None,
) -> Array:
    """How much of the sky a cell sees over the horizons around it.

    Along each direction the steepest of the cells nearest to the ray counts; beyond the raster and in holes there is
    nothing.

    Args:
        heights: (rows, columns), as the module says.
        cell: Width of a cell, or width and height.
        kind: "factor" (sky-view factor, Zaksek, Ostir and Kokalj 2011): 1 less the mean sine of the horizons'
            elevations; "ambient": the mean of their squared cosines, the light of an even sky on level ground (Dozier
            and Frew 1990), which is ambient occlusion; "openness" (positive openness, Yokoyama et al. 2002): mean
            degrees from the zenith down to the horizons, more than 90 on summits.
        directions: How many, evenly around.
        radius: How far each looks, in cells.
        z_factor: What heights are multiplied by.
        nodata: The height of holes.
        fill: What holes get; None: NaN.

    Returns:
        0 to 1 (all of the sky), or degrees.

    Raises:
        InputError: A wrong number, word, dtype or shape (subclasses say which).
        LimitError: directions * (radius + 1) beyond 32000.

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> float(np.asarray(raster.sky_view(np.zeros((9, 9), np.float32)))[4, 4])
        1.0
    """
    return raster_sky(
        heights_of(heights),
        choice(kind, "kind", ("factor", "ambient", "openness")),
        directions=integer(directions, "directions", least=1, most=32_000),
        radius=integer(radius, "radius", least=1, most=32_000),
        cell=cell_of(cell),
        z_factor=number(z_factor, "z_factor"),
        holes=holes_of(nodata, fill),
    )


def _window(
    heights: Heights,
    measure: str,
    cell: Cell,
    method: str,
    z_factor: float,
    scale: float,
    nodata: float | None,
    fill: float | None,
    compute_edges: bool,
    *,
    a: tuple[float, ...] = (0.0,) * 4,
    b: tuple[float, ...] = (0.0,) * 4,
    dtype: Any = "float32",
) -> Array:
    is_zt = choice(method, "method", METHODS) == "zevenbergen_thorne"
    weights = (2 if is_zt else 8) * number(scale, "scale", above=0)
    return raster_window(
        heights_of(heights),
        measure,
        zevenbergen_thorne=is_zt,
        edges=flag(compute_edges, "compute_edges"),
        per=_slopes(number(z_factor, "z_factor"), cell_of(cell), weights),
        holes=holes_of(nodata, fill),
        a=a,
        b=b,
        dtype=dtype,
    )


def _slopes(factor: float, cell: tuple[float, float], weights: float) -> tuple[float, float]:
    """The slopes east and north that a unit of height makes, which float32 and their squares must hold."""
    sides = [weights * side for side in cell]
    east, north = (factor / side if side > 0 else math.inf for side in sides)
    if factor != 0 and not all(LEAST_SLOPE <= abs(slope) <= MOST_SLOPE for slope in (east, north)):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "cell is too small or too large for float32",
            expected=f"z_factor / (scale * cell) between {LEAST_SLOPE * 8:g} and {MOST_SLOPE:g}",
            got=f"a cell of {cell[0]:g} x {cell[1]:g}",
            mend="give the cell in units nearer to those of the heights",
        )
    return east, north
