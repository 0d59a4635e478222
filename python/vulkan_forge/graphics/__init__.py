"""Drawing with your own shaders (`Target`, `Pipeline` and its state), PNG files, and elevation models.

`docs/graphics.md` is the guide; `docs/raster.md` that of `raster`.
"""

from vulkan_forge._vulkan_forge import Font, Lines, Mesh, Pipeline, Points, SceneObject, Target, View, draw_path
from vulkan_forge.graphics.figure import Camera, Figure, Light
from vulkan_forge.graphics.furniture import (
    ColorBar,
    FurnitureStyle,
    Label,
    Legend,
    NorthArrow,
    ScaleBar,
    Title,
    furnish,
)
from vulkan_forge.graphics.mesh_files import read_mesh
from vulkan_forge.graphics.png import PngImage, PngWriter, read_png, write_png
from vulkan_forge.graphics.state import Blend, DrawState, Stencil
from vulkan_forge.graphics.terrain import Terrain
from vulkan_forge.graphics.terrain_style import TerrainStyle

__all__ = [
    "Blend",
    "Camera",
    "ColorBar",
    "DrawState",
    "Figure",
    "Font",
    "FurnitureStyle",
    "Label",
    "Legend",
    "Light",
    "Lines",
    "Mesh",
    "NorthArrow",
    "Pipeline",
    "PngImage",
    "PngWriter",
    "Points",
    "ScaleBar",
    "SceneObject",
    "Stencil",
    "Target",
    "Terrain",
    "TerrainStyle",
    "Title",
    "View",
    "draw_path",
    "furnish",
    "read_mesh",
    "read_png",
    "write_png",
]
