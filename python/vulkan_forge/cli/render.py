"""`vulkan-forge render`: a terrain picture of an elevation model."""
