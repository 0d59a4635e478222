"""Drawing with your own shaders: `Target` and `Pipeline`."""

from vulkan_forge._vulkan_forge import Pipeline, Target

__all__ = ["Pipeline", "Target"]
