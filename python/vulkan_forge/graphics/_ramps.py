"""Colormaps as arrays of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.graphics._colormaps import colors_of
from vulkan_forge.graphics._colors import on_paper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def to_colors(colormap: Any) -> NDArray[np.float32]:
    """(n, 3), 0 to 255, as terrain shows them: "gray", what terrain takes, or an array of numbers up to 255."""
    import numpy as np

    if isinstance(colormap, str) and colormap == "gray":
        return np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)
    if isinstance(colormap, str) or callable(colormap):
        return on_paper(colors_of(colormap).astype(np.float32))
    colors = np.asarray(colormap)
    if colors.ndim != 2 or colors.shape[0] < 2 or colors.shape[1] not in (3, 4) or colors.dtype.kind not in "fiu":
        raise ShapeError.build(
            "BAD_SHAPE", "a colormap", expected="a name, or numbers (n >= 2, 3)", got=f"{colors.dtype} {colors.shape}"
        )
    most = 1.0 if colors.dtype != np.uint8 and colors.max() <= 1 else 255.0  # (1, 0, 0) is red, as for terrain
    if not ((colors >= 0) & (colors <= most)).all():
        raise InputError.build(
            "INVALID_ARGUMENT", "a colormap's colours", expected="0 to 255", got=f"{colors.min()} to {colors.max()}"
        )
    return on_paper((colors * (255 / most)).astype(np.float32))
