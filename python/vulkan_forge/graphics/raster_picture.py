"""Rasters as map pictures, with a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.graphics._ramps import to_colors
from vulkan_forge.graphics._raster_arguments import cells_of, flag, heights_of, integer, number, pair
from vulkan_forge.graphics._ticks import LEAST_WIDTH, MOST_WIDTH
from vulkan_forge.graphics.furniture import ColorBar, FurnitureStyle, _color, furnish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge.graphics._raster_arguments import Heights

    Picture = NDArray[np.uint8]


def picture(
    values: Heights,
    *,
    colormap: str | NDArray[Any] = "viridis",
    limits: tuple[float, float] | None = None,
    shade: Heights | None = None,
    legend: bool = True,
    title: str = "",
    hole: tuple[int, int, int] = (255, 255, 255),
    scale: int = 1,
    unit: str = "",
    dpi: float | None = None,
) -> Picture:
    """Draw a raster as a map, a pixel a cell, with a legend beside it.

    Args:
        values: (rows, columns), as the module says; NaN and what is masked are holes.
        colormap: "gray", "relief", a name of `colormap_supported()` or of matplotlib's, a colormap of matplotlib, or
            colours (n, 3 or 4). What is seen through shows light paper.
        limits: The values of the first and the last colour, 1e-300 to 1e300 apart; None: the lowest and the highest
            there are.
        shade: A hillshade (1 to 255) of the same shape, which darkens the colours; its holes do nothing.
        legend: Draw the colours with their values at the right, as `ColorBar` does.
        title: What the values are; it stands above the legend.
        hole: The colour of holes, (r, g, b), 0 to 255.
        scale: Pixels a cell along each side.
        unit: Of the values, such as "m".
        dpi: Pixels an inch in print: letters then have 8 points; None: by the number of pixels.

    Returns:
        RGBA, uint8 of shape (height, width, 4), ready for `numpy_to_png`. With a legend it is wider than the map, and
        higher where the legend needs that.

    Raises:
        InputError: A wrong number, colormap, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> y, x = np.mgrid[-2:2:120j, -2:2:160j]
        >>> heights = (900 * np.exp(-x**2 - y**2)).astype(np.float32)
        >>> shade = raster.hillshade(heights, 30, compute_edges=True)
        >>> image = raster.picture(heights, colormap="terrain", shade=shade, title="Height", unit="m")
        >>> vf.numpy_to_png("map.png", image)
        >>> image.shape[0], image.shape[1] > 160
        (120, True)
    """
    import numpy as np

    cells = _exact(values)
    if cells.size == 0:
        raise ShapeError.build("BAD_SHAPE", "picture of no cells", expected="one or more", got=str(cells.shape))
    size = integer(scale, "scale", least=1, most=64)
    hole = _color("hole", hole)
    lut = to_colors(colormap)
    low, high = _limits(cells, limits)
    colors = _map(cells, lut, low, high, hole, shade)
    image = np.full((*colors.shape[:2], 4), 255, np.uint8)
    image[..., :3] = colors
    image = np.repeat(np.repeat(image, size, axis=0), size, axis=1)
    bar = ColorBar(lut, (low, high), label=title, unit=unit, outside=True)
    return furnish(image, bar, style=FurnitureStyle(dpi=dpi)) if flag(legend, "legend") else image


def _exact(values: Heights) -> NDArray[np.floating[Any]]:
    """Cells with their own digits; what is masked is NaN, and what float32 cannot hold infinite, as everywhere."""
    import numpy as np

    cells = np.asarray(cells_of(values))
    if cells.dtype == np.float32 or cells.dtype.itemsize < 4:
        return cells.astype(np.float32)
    exact = cells.astype(np.float64)
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    return np.where(np.isinf(rounded), rounded, exact)


def _limits(cells: NDArray[np.floating[Any]], limits: tuple[float, float] | None) -> tuple[float, float]:
    import numpy as np

    if limits is not None:
        return _given(limits)
    known = cells[np.isfinite(cells)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    around = 0.0 if low < high else max(0.5, abs(low) * 1e-6)
    return low - around, high + around


def _given(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = (number(end, "limits") for end in pair(limits, "limits"))
    if not low < high:
        raise InputError.build("INVALID_ARGUMENT", "limits are in disorder", expected="low < high", got=str(limits))
    if not LEAST_WIDTH <= high - low <= MOST_WIDTH:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "limits are too near or too far",
            expected=f"{LEAST_WIDTH:g} to {MOST_WIDTH:g} apart",
            got=str(limits),
        )
    return low, high


def _map(
    cells: NDArray[np.floating[Any]],
    lut: NDArray[np.float32],
    low: float,
    high: float,
    hole: tuple[int, int, int],
    shade: Heights | None,
) -> Picture:
    import numpy as np

    is_known = ~np.isnan(cells)
    # float32 has neither the limits nor what lies between near ones
    place = np.clip(np.subtract(cells, low, dtype=np.float64) / (high - low), 0, 1)
    place = np.where(is_known, place, 0) * (len(lut) - 1)
    index = np.minimum(place.astype(np.int32), len(lut) - 2)
    part = (place - index).astype(np.float32)[..., None]
    colors = lut[index] * (1 - part) + lut[index + 1] * part
    if shade is not None:
        light = np.asarray(heights_of(shade))
        if light.shape != cells.shape:
            raise ShapeError.build(
                "BAD_SHAPE", "shade has another shape", expected=str(cells.shape), got=str(light.shape)
            )
        colors *= np.where(np.isnan(light), 255, np.clip(light, 0, 255))[..., None] * np.float32(1 / 255)
    return np.where(is_known[..., None], np.rint(colors), np.asarray(hole, np.float32)).astype(np.uint8)
