"""Drawing with your own shaders: `Target`, `Pipeline`, and the state that it draws in.

`docs/graphics.md` is the guide.
"""

from vulkan_forge._vulkan_forge import Pipeline, Target
from vulkan_forge.graphics.state import Blend, DrawState, Stencil

__all__ = ["Blend", "DrawState", "Pipeline", "Stencil", "Target"]
