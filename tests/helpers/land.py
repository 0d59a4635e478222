"""Rasters, and pictures of them from above, that several tests of Terrain use."""

import numpy as np

from vulkan_forge import graphics

ABOVE = graphics.Camera(elevation=90, parallel=True, fill=1.0)
UNLIT = {"shadows": "none", "sky": False, "ground": 0, "walls": False, "background": "transparent"}


def hills(rows=40, columns=60, high=100.0):
    y, x = np.mgrid[0 : 2 * np.pi : rows * 1j, 0 : 3 * np.pi : columns * 1j]
    return (high * (0.5 + 0.3 * np.sin(x) * np.cos(y) + 0.2 * np.sin(2.3 * x + 1))).astype(np.float32)


def from_above(dem, size=(60, 40), *, light=None, supersample=1, terrain=None, **options):
    """A picture in which the raster's edges are the picture's, where they have the same proportions."""
    terrain = terrain or graphics.Terrain(dem, cell=options.pop("cell", 10), **{**UNLIT, "exaggeration": 1, **options})
    return terrain.render(*size, camera=ABOVE, light=light, supersample=supersample)


def linear(picture):
    """sRGB bytes as linear light."""
    srgb = picture[..., :3] / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
