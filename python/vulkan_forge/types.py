"""Types for annotations: what pictures and paths look like to vulkan_forge."""

from __future__ import annotations

import os
from typing import Protocol, Union, runtime_checkable

__all__ = ["PathLikeStr", "SupportsPNG"]

PathLikeStr = Union["os.PathLike[str]", str]


@runtime_checkable
class SupportsPNG(Protocol):
    """Anything that renders itself into a PNG file, such as a Renderer.

    Example:
        >>> from vulkan_forge.types import SupportsPNG
        >>> class Blank:
        ...     def render_png(self, path): ...
        >>> isinstance(Blank(), SupportsPNG)
        True
    """

    def render_png(self, path: PathLikeStr, /) -> None:
        """Write the picture to a file."""
        ...
