"""Drawing with your own shaders (`Target`, `Pipeline` and its state), PNG files, and elevation models.

`docs/graphics.md` is the guide; `docs/raster.md` that of `raster`.
"""

from vulkan_forge._vulkan_forge import Lines, Mesh, Pipeline, Points, SceneObject, Target, View
from vulkan_forge.graphics.figure import Camera, Figure, Light
from vulkan_forge.graphics.mesh_files import read_mesh
from vulkan_forge.graphics.png import PngImage, PngWriter, read_png, write_png
from vulkan_forge.graphics.state import Blend, DrawState, Stencil

__all__ = [
    "Blend",
    "Camera",
    "DrawState",
    "Figure",
    "Light",
    "Lines",
    "Mesh",
    "Pipeline",
    "PngImage",
    "PngWriter",
    "Points",
    "SceneObject",
    "Stencil",
    "Target",
    "View",
    "read_mesh",
    "read_png",
    "write_png",
]
