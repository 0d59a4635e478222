"""The sky over the valleys of the Pamir: sky-view factor, which shows forms without a sun."""

import numpy as np
from _data import cell_size, save, tien_shan
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

heights, (west, east, south, north) = tien_shan(71.5, 76.5, 37.6, 39.9)
width, height = cell_size((south + north) / 2, 240)
heights = zoom(heights, (height / width, 1), order=3)  # to square cells, as pixels are
sky = raster.sky_view(heights, width, z_factor=1.6, radius=24, directions=32)
picture = raster.picture(sky, colormap="gray", limits=(0.3, 1), legend=False)
tints = raster.picture(heights, colormap="relief", limits=(1000, 6500), legend=False)
picture[..., :3] = np.minimum(255, tints[..., :3] * (picture[..., :3] / 255.0) * 1.05)
picture = graphics.furnish(
    picture,
    graphics.Title("Valleys of the Pamir", "Sky-view factor over elevation tints. GEBCO 2023", outside=True),
    graphics.ColorBar("relief", (1000, 6500), label="Elevation", unit="m", outside=True),
    graphics.ScaleBar(units_per_pixel=width),
    graphics.NorthArrow(),
)
save("sky_view", picture, dpi=200)
