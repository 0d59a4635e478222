"""Random numbers made on the device: Philox4x32-10, the same bits on every device and in NumPy (`docs/random.md`)."""

from vulkan_forge._vulkan_forge import Generator

__all__ = ["Generator"]
