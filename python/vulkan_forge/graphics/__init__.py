"""Drawing with your own shaders (`Target`, `Pipeline`), PNG files, and elevation models (`raster`)."""

from vulkan_forge._vulkan_forge import Pipeline, Target
from vulkan_forge.graphics.png import PngImage, PngWriter, read_png, write_png

__all__ = ["Pipeline", "PngImage", "PngWriter", "Target", "read_png", "write_png"]
