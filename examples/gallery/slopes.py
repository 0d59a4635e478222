"""Slopes where avalanches start, in classes over shaded relief."""

import numpy as np
from _data import aletsch, save
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

heights, _ = aletsch()
heights = zoom(heights[20:200, 110:330], 5, order=3)
metres = 200 / 5
slope = np.asarray(raster.slope(heights, metres, compute_edges=True))
shade = np.asarray(raster.hillshade(heights, metres, compute_edges=True))
# gentle, and the four classes of Swiss maps, as bands of one colour each
classes = np.array([(236, 233, 225), (242, 214, 70), (236, 140, 50), (205, 60, 45), (120, 75, 140)], np.uint8)
edges = [0, 30, 35, 40, 45, 60]
tints = classes[np.clip(np.digitize(slope, edges) - 1, 0, 4)]
picture = np.full((*heights.shape, 4), 255, np.uint8)
picture[..., :3] = tints * (0.55 + 0.45 * shade[..., None] / 255)
bands = np.repeat(classes, [300, 50, 50, 50, 150], axis=0)
picture = graphics.furnish(
    picture,
    graphics.Title("How steep the Bernese Alps are", "Slope classes of avalanche maps", outside=True),
    graphics.ColorBar(bands, (0, 60), label="Slope", unit="°", ticks=edges, outside=True),
    graphics.ScaleBar(units_per_pixel=metres),
    graphics.NorthArrow(),
)
save("slopes", picture, dpi=200)
