"""Colours as users write them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.graphics._srgb import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Color = str | Sequence[float]

# The names of CSS that are drawn with most.
NAMES = {
    "black": 0x000000,
    "silver": 0xC0C0C0,
    "gray": 0x808080,
    "white": 0xFFFFFF,
    "maroon": 0x800000,
    "red": 0xFF0000,
    "purple": 0x800080,
    "magenta": 0xFF00FF,
    "green": 0x008000,
    "lime": 0x00FF00,
    "olive": 0x808000,
    "yellow": 0xFFFF00,
    "navy": 0x000080,
    "blue": 0x0000FF,
    "teal": 0x008080,
    "cyan": 0x00FFFF,
    "orange": 0xFFA500,
    "brown": 0xA52A2A,
    "pink": 0xFFC0CB,
    "gold": 0xFFD700,
    "crimson": 0xDC143C,
    "tomato": 0xFF6347,
    "steelblue": 0x4682B4,
    "skyblue": 0x87CEEB,
    "lightgray": 0xD3D3D3,
    "dimgray": 0x696969,
    "beige": 0xF5F5DC,
    "tan": 0xD2B48C,
    "forestgreen": 0x228B22,
}


def color_of(value: Color, name: str) -> tuple[float, float, float, float]:
    """(r, g, b, a), sRGB with straight alpha, 0 to 1."""
    if isinstance(value, str):
        return _named(value, name)
    try:
        parts = tuple(float(part) for part in value)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected=_KINDS, got=type(value).__name__
        ) from error
    if len(parts) not in (3, 4) or not all(math.isfinite(part) and 0 <= part <= 1 for part in parts):
        raise InputError.build("INVALID_ARGUMENT", f"{name} is no colour", expected=_KINDS, got=repr(value))
    r, g, b, a = (*parts, 1.0)[:4]
    return r, g, b, a


_KINDS = '3 or 4 numbers from 0 to 1, "#rrggbb", "#rrggbbaa", "transparent" or a name such as "white"'


def _named(value: str, name: str) -> tuple[float, float, float, float]:
    word = value.strip().lower()
    if word == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    if word in NAMES:
        word = f"#{NAMES[word]:06x}"
    if not re.fullmatch(r"#([0-9a-f]{6}|[0-9a-f]{8})", word):
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"{name} is no colour",
            expected=_KINDS,
            got=repr(value),
            mend=f"names are {', '.join(NAMES)}",
        )
    r, g, b, a = bytes.fromhex(f"{word[1:]}ff"[:8])
    return r / 255, g / 255, b / 255, a / 255


PAPER = (0.91, 0.90, 0.88)  # sRGB: what shines through colours of a legend


def linear(color: tuple[float, float, float, float]) -> tuple[float, ...]:
    """Linear light of a colour of sRGB; alpha stays."""
    return (*(decoded(part) for part in color[:3]), color[3])


def linear_table(colors: NDArray[np.uint8]) -> list[list[float]]:
    """Linear light of bytes (N, 4), light paper where they are seen through."""
    table = [decoded(value / 255) for value in range(256)]
    paper = [decoded(part) for part in PAPER]
    rows = []
    for *rgb, alpha in colors.tolist():
        share = alpha / 255
        rows.append([table[c] * share + p * (1 - share) for c, p in zip(rgb, paper, strict=True)] + [1.0])
    return rows


def on_paper(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 3) of sRGB, 0 to 255, of (n, 3 or 4): light paper where they are seen through."""
    rgb = colors[:, :3].copy()
    if colors.shape[1] == 3:
        return rgb
    for row in (colors[:, 3] < 255).nonzero()[0]:
        share = float(colors[row, 3]) / 255
        mixed = (
            decoded(c / 255) * share + decoded(p) * (1 - share) for c, p in zip(rgb[row].tolist(), PAPER, strict=True)
        )
        rgb[row] = [255 * encoded(light) for light in mixed]
    return rgb
