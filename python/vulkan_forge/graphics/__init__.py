"""Drawing with your own shaders (`Target`, `Pipeline` and its state), PNG files, and elevation models.

`docs/graphics.md` is the guide; `docs/raster.md` that of `raster`.
"""

from vulkan_forge._vulkan_forge import Pipeline, Target
from vulkan_forge.graphics.png import PngImage, PngWriter, read_png, write_png
from vulkan_forge.graphics.state import Blend, DrawState, Stencil

__all__ = [
    "Blend",
    "DrawState",
    "Pipeline",
    "PngImage",
    "PngWriter",
    "Stencil",
    "Target",
    "read_png",
    "write_png",
]
