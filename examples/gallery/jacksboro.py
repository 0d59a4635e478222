"""The Jacksboro fault: a shaded map with contours, from the raster analysis on the device alone."""

import numpy as np
from _data import jacksboro, places_on, save
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

heights, metres, edges = jacksboro()
heights = zoom(heights, 4, order=3)  # four pixels a cell, without steps
metres /= 4
shade = raster.hillshade(heights, metres, shading="multidirectional", z_factor=2, compute_edges=True)
picture = raster.picture(heights, colormap="relief", shade=0.45 * 255 + 0.55 * np.asarray(shade), legend=False)
for line in raster.contours(heights, interval=100):
    width = 2.2 if line.level % 500 == 0 else 1.0
    graphics.draw_path(picture, line.points + 0.5, (70, 50, 35, 120), width=width)
limits, at = (float(heights.min()), float(heights.max())), places_on(heights.shape, edges)
names = {
    "Jacksboro": (-84.184, 36.330),
    "La Follette": (-84.120, 36.383),
    "Caryville": (-84.223, 36.299),
    "Powell Valley": (-84.100, 36.340),
}
picture = graphics.furnish(
    picture,
    graphics.Title("Jacksboro fault, Tennessee", "SRTM, contours every 100 m", outside=True),
    graphics.ColorBar("relief", limits, label="Elevation", unit="m", outside=True),
    graphics.ScaleBar(units_per_pixel=metres),
    graphics.NorthArrow(),
    *[graphics.Label(name, at(*place), bold=True, dot=name != "Powell Valley") for name, place in names.items()],
)
save("jacksboro", picture, dpi=200)
