"""Drawing with your own shaders (`Target`, `Pipeline` and its state), PNG files, and elevation models.

`docs/graphics.md` is the guide; `docs/raster.md` that of `raster`.
"""

from vulkan_forge._vulkan_forge import Font, Pipeline, Target
from vulkan_forge.graphics.furniture import ColorBar, Label, NorthArrow, ScaleBar, Style, Title, furnish
from vulkan_forge.graphics.png import PngImage, PngWriter, read_png, write_png
from vulkan_forge.graphics.state import Blend, DrawState, Stencil

__all__ = [
    "Blend",
    "ColorBar",
    "DrawState",
    "Font",
    "Label",
    "NorthArrow",
    "Pipeline",
    "PngImage",
    "PngWriter",
    "ScaleBar",
    "Stencil",
    "Style",
    "Target",
    "Title",
    "furnish",
    "read_png",
    "write_png",
]
