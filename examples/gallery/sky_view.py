"""The sky over the valleys of the Pamir: sky-view factor, which shows forms without a sun."""

import numpy as np
from _data import cell_size, lake, places_on, save, tien_shan
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

heights, edges = tien_shan(71.5, 76.5, 37.6, 39.9)
width, height = cell_size((edges[2] + edges[3]) / 2, 240)
heights = zoom(heights, (1.6 * height / width, 1.6), order=3)  # to square cells, as pixels are
sky = raster.sky_view(heights, width / 1.6, z_factor=1.6, radius=32, directions=32)
tints = raster.picture(heights, colormap="relief", limits=(1000, 6500), legend=False)
tints[lake(heights, 3914), :3] = (112, 160, 190)  # Karakul
picture = raster.picture(sky, colormap="gray", limits=(0.3, 1), legend=False)
picture[..., :3] = np.minimum(255, tints[..., :3] * (picture[..., :3] / 255.0) * 1.05)
at = places_on(heights.shape, edges)
names = [
    ("Ismoil Somoni Peak\n7495 m", (72.015, 38.943), 9),
    ("Kongur Tagh\n7649 m", (75.313, 38.593), 9),
    ("Muztagh Ata\n7546 m", (75.116, 38.278), 9),
    ("Lenin Peak\n7134 m", (72.877, 39.344), 8),
    ("Karakul", (73.43, 39.02), 7),
    ("Murghab", (73.966, 38.17), 5),
    ("Sary-Tash", (73.26, 39.73), 5),
    ("Tashkurgan", (75.23, 37.78), 5),
]
picture = graphics.furnish(
    picture,
    graphics.Title("Valleys of the Pamir", "Sky-view factor over elevation tints. GEBCO 2023", outside=True),
    graphics.ColorBar("relief", (1000, 6500), label="Elevation", unit="m", outside=True),
    graphics.ScaleBar(units_per_pixel=width / 1.6),
    graphics.NorthArrow(),
    *[graphics.Label(name, at(*place), priority=rank) for name, place, rank in names],
)
save("sky_view", picture, dpi=200)
