"""Colormaps as arrays of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.graphics._raster_arguments import choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def to_colors(colormap: Any) -> NDArray[np.float32]:
    """(n, 3), 0 to 255: of a name, a colormap of matplotlib, or an array of floats 0 to 1 or uint8."""
    import numpy as np

    from vulkan_forge._vulkan_forge import colormap_supported, raster_colors

    if isinstance(colormap, str):
        name = choice(colormap, "colormap", ["gray", *colormap_supported()])
        if name == "gray":
            return np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)
        return raster_colors(name)[:, :3].astype(np.float32)
    colors = np.asarray(colormap(np.linspace(0, 1, 256)) if callable(colormap) else colormap)
    if colors.ndim != 2 or colors.shape[0] < 2 or colors.shape[1] not in (3, 4) or colors.dtype.kind not in "fiu":
        raise ShapeError.build(
            "BAD_SHAPE", "a colormap", expected="a name, or numbers (n >= 2, 3)", got=f"{colors.dtype} {colors.shape}"
        )
    most = 1.0 if colors.dtype.kind == "f" and colors.max() <= 1 else 255.0
    if not ((colors >= 0) & (colors <= most)).all():
        raise InputError.build(
            "INVALID_ARGUMENT", "a colormap's colours", expected="0 to 255", got=f"{colors.min()} to {colors.max()}"
        )
    return (colors[:, :3] * (255 / most)).astype(np.float32)
