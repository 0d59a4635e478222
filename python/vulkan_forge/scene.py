"""A terrain to look at in one call."""

from __future__ import annotations

import operator

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.triangle import check_size

__all__ = ["make_terrain"]


def make_terrain(width: int, height: int, grid: int = 128) -> _vulkan_forge.TerrainSpike:
    """Make a `TerrainSpike`, and refuse the grids that its constructor would round up.

    Args:
        width: Columns of the picture.
        height: Rows of the picture.
        grid: Vertices a side of the mesh, >= 2.

    Raises:
        InputError: width or height is not at least 1, or grid not at least 2.
        NoDeviceError: There is no Vulkan device.

    Example:
        >>> import vulkan_forge as vf
        >>> vf.make_terrain(64, 48, grid=32).render_rgba().shape
        (48, 64, 4)
    """
    width, height = check_size(width, height)
    try:
        vertices = operator.index(grid)
    except TypeError:
        raise ArgumentTypeError.build("BAD_TYPE", "grid must be an integer", got=type(grid).__name__) from None
    if vertices < 2:
        raise InputError.build("INVALID_ARGUMENT", "grid must be >= 2", got=str(vertices))
    return _vulkan_forge.TerrainSpike(width, height, vertices)
