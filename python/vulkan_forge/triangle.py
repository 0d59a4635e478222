"""The triangle, the shortest proof that a device draws."""

from __future__ import annotations

import operator
import os
from typing import TYPE_CHECKING

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.types import PathLikeStr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def check_size(width: int, height: int) -> tuple[int, int]:
    """Return a picture's size as two ints; refuse what is not an integer or not at least 1."""
    try:
        size = operator.index(width), operator.index(height)
    except TypeError:
        got = f"{type(width).__name__}, {type(height).__name__}"
        raise ArgumentTypeError.build("BAD_TYPE", "width and height must be integers", got=got) from None
    if min(size) < 1:
        raise InputError.build("INVALID_ARGUMENT", "width and height must be > 0", got=f"{size[0]} x {size[1]}")
    return size


def render_triangle_rgba(width: int, height: int) -> NDArray[np.uint8]:
    """Draw a triangle with a red, a green and a blue corner on white.

    Args:
        width: Columns.
        height: Rows.

    Returns:
        C-contiguous uint8 array of shape (height, width, 4), row 0 on top, sRGB.

    Raises:
        InputError: width or height is not at least 1.
        NoDeviceError: There is no Vulkan device.

    Example:
        >>> import vulkan_forge as vf
        >>> vf.render_triangle_rgba(64, 48).shape
        (48, 64, 4)
    """
    width, height = check_size(width, height)
    with _vulkan_forge.Renderer(width, height) as renderer:
        return renderer.render_triangle_rgba()


def render_triangle_png(path: PathLikeStr, width: int, height: int) -> None:
    """Write the picture of `render_triangle_rgba` to a PNG file.

    Args:
        path: File to write; its name ends in .png.
        width: Columns.
        height: Rows.

    Raises:
        InputError: width or height is not at least 1, or the name has another ending.
        FileError: The file cannot be written.
        NoDeviceError: There is no Vulkan device.
    """
    width, height = check_size(width, height)
    try:
        name = os.fsdecode(path)
    except TypeError:
        got = type(path).__name__
        raise ArgumentTypeError.build(
            "BAD_TYPE", "path has the wrong type", expected="a str, bytes or os.PathLike", got=got
        ) from None
    if not name.lower().endswith(".png"):
        raise InputError.build("INVALID_ARGUMENT", "path must end in .png", got=repr(name))
    with _vulkan_forge.Renderer(width, height) as renderer:
        renderer.render_triangle_png(name)
