"""Rasters as map pictures, with a legend."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vulkan_forge.bitmap_font import draw_text, text_size
from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError
from vulkan_forge.graphics._raster_arguments import choice, flag, heights_of, integer, number, pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge.graphics._raster_arguments import Heights

    Picture = NDArray[np.uint8]

PAPER, INK = (255, 255, 255), (28, 32, 40)
BAR, GAP, TICK = 18, 10, 4  # pixels at scale 1: the legend's bar, what is free around it, its ticks
TICKS_WANTED = 6
LEAST_HEIGHT = 96  # of a picture with a legend


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
) -> Picture:
    """Draw a raster as a map, a pixel a cell, with a legend beside it.

    Args:
        values: (rows, columns), as the module says; NaN are holes.
        colormap: "gray", a name of `colormap_supported()`, or colours (n, 3), 0 to 255.
        limits: The values of the first and the last colour; None: the lowest and the highest there are.
        shade: A hillshade (1 to 255) of the same shape, which darkens the colours; its holes do nothing.
        legend: Draw the colours with their values at the right.
        title: A line of ASCII above the legend, with a unit perhaps.
        hole: The colour of holes.
        scale: Pixels a cell along each side, and of a letter's dots.

    Returns:
        RGBA, uint8 of shape (height, width, 4), ready for `numpy_to_png`.

    Raises:
        InputError: A wrong number, colormap, dtype or shape (subclasses say which).

    Example:
        >>> from vulkan_forge.graphics import raster
        >>> y, x = np.mgrid[-2:2:120j, -2:2:160j]
        >>> heights = (900 * np.exp(-x**2 - y**2)).astype(np.float32)
        >>> shade = raster.hillshade(heights, 30, compute_edges=True)
        >>> image = raster.picture(heights, colormap="terrain", shade=shade, title="metres")
        >>> vf.numpy_to_png("map.png", image)
        >>> image.shape[0], image.shape[1] > 160
        (120, True)
    """
    import numpy as np

    cells = np.asarray(heights_of(values))
    if cells.size == 0:
        raise ShapeError.build("BAD_SHAPE", "picture of no cells", expected="one or more", got=str(cells.shape))
    size = integer(scale, "scale", least=1, most=64)
    if not isinstance(title, str):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "title has the wrong type", expected="a str", got=type(title).__name__
        )
    lut = _colors(colormap)
    low, high = _limits(cells, limits)
    colors = _map(cells, lut, low, high, hole, shade)
    colors = np.repeat(np.repeat(colors, size, axis=0), size, axis=1)
    if flag(legend, "legend"):
        colors = np.concatenate([colors, _legend(len(colors), lut, low, high, title, size)], axis=1)
    opaque = np.full((*colors.shape[:2], 1), 255, np.uint8)
    return np.concatenate([colors, opaque], axis=2)


def _colors(colormap: str | NDArray[Any]) -> NDArray[np.float32]:
    """(n, 3), 0 to 255."""
    import numpy as np

    from vulkan_forge._vulkan_forge import colormap_supported, raster_colors

    if isinstance(colormap, str):
        names = ["gray", *colormap_supported()]
        name = choice(colormap, "colormap", names)
        if name == "gray":
            return np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)
        return raster_colors(name)[:, :3].astype(np.float32)
    lut = np.asarray(colormap)
    if lut.ndim != 2 or lut.shape[0] < 2 or lut.shape[1] not in (3, 4) or lut.dtype.kind not in "fiu":
        raise ShapeError.build(
            "BAD_SHAPE", "a colormap", expected="a name, or numbers (n >= 2, 3)", got=f"{lut.dtype} {lut.shape}"
        )
    if not ((lut >= 0) & (lut <= 255)).all():
        raise InputError.build(
            "INVALID_ARGUMENT", "a colormap's colours", expected="0 to 255", got=f"{lut.min()} to {lut.max()}"
        )
    return lut[:, :3].astype(np.float32)


def _limits(cells: NDArray[np.float32], limits: tuple[float, float] | None) -> tuple[float, float]:
    import numpy as np

    if limits is not None:
        low, high = (number(end, "limits") for end in pair(limits, "limits"))
        if not low < high:
            raise InputError.build("INVALID_ARGUMENT", "limits are in disorder", expected="low < high", got=str(limits))
        return low, high
    known = cells[np.isfinite(cells)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _map(
    cells: NDArray[np.float32],
    lut: NDArray[np.float32],
    low: float,
    high: float,
    hole: tuple[int, int, int],
    shade: Heights | None,
) -> Picture:
    import numpy as np

    is_known = ~np.isnan(cells)
    place = np.clip((np.where(is_known, cells, low) - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    place *= len(lut) - 1
    index = np.minimum(place.astype(np.int32), len(lut) - 2)
    part = (place - index)[..., None]
    colors = lut[index] * (1 - part) + lut[index + 1] * part
    if shade is not None:
        light = np.asarray(heights_of(shade))
        if light.shape != cells.shape:
            raise ShapeError.build(
                "BAD_SHAPE", "shade has another shape", expected=str(cells.shape), got=str(light.shape)
            )
        colors *= np.where(np.isnan(light), 255, np.clip(light, 0, 255))[..., None] * np.float32(1 / 255)
    return np.where(is_known[..., None], np.rint(colors), np.asarray(hole, np.float32)).astype(np.uint8)


def _ticks(low: float, high: float) -> list[float]:
    """Round values between the two."""
    wide = (high - low) / TICKS_WANTED
    power = 10.0 ** math.floor(math.log10(wide))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= wide * 0.999)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [k * step for k in range(first, last + 1)]


def _legend(height: int, lut: NDArray[np.float32], low: float, high: float, title: str, scale: int) -> Picture:
    import numpy as np

    labels = [(value, f"{value:.6g}") for value in _ticks(low, high)]
    wide = max([text_size(text, scale)[0] for _, text in labels] + [0])
    line = text_size("0", scale)[1]
    width = max((3 * GAP + BAR + TICK) * scale + wide, text_size(title, scale)[0] + 2 * GAP * scale)
    panel = np.full((height, width, 3), PAPER, np.uint8)
    top = (GAP * scale + (line + 4 * scale if title else 0)) if height >= LEAST_HEIGHT else 0
    bottom = height - (GAP * scale if height >= LEAST_HEIGHT else 0)
    left, right = GAP * scale, (GAP + BAR) * scale
    if title:
        draw_text(panel, left, GAP * scale // 2, title, INK, scale)
    length = max(bottom - top - 1, 1)
    places = np.arange(max(bottom - top, 1))[::-1] / length * (len(lut) - 1)
    panel[top:bottom, left:right] = np.rint(lut[np.rint(places).astype(int)])[: max(bottom - top, 0), None]
    free = height
    for value, text in labels:
        y = bottom - 1 - round((value - low) / (high - low) * length)
        if y + line // 2 > free or not 0 <= y < height:
            continue  # no room below the label before
        free = y - line // 2
        panel[y : y + scale, right : right + TICK * scale] = INK
        draw_text(panel, right + (TICK + 3) * scale, min(max(y - line // 2, 0), height - line), text, INK, scale)
    return panel
