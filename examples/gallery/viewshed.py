"""What is seen from the Eggishorn over the Great Aletsch Glacier, and what its neighbours hide."""

import numpy as np
from _data import aletsch, places_on, save
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

times = 8  # pixels a cell
heights, edges = aletsch(slice(82, 246), slice(140, 330))
heights, metres = zoom(heights, times, order=3), 200 / times
at = places_on(heights.shape, edges)
column, row = map(int, at(2650480, 1142720))
seen = np.asarray(raster.viewshed(heights, (row, column), metres, observer_height=40)) > 0.5  # so high over its cell
shade = np.asarray(raster.hillshade(heights, metres, compute_edges=True))
light = np.minimum(0.4 + 0.6 * shade[..., None] / 180, 1.12)  # level ground, 180, has the legend's colours
classes = {"in sight": (226, 190, 104), "hidden": (136, 153, 180)}
relief = np.full((*heights.shape, 4), 255, np.uint8)
relief[..., :3] = np.where(seen[..., None], *classes.values()) * light
names = {
    "Konkordiaplatz": (2645600, 1149900),
    "Jungfrau": (2640190, 1154150),
    "Mönch": (2643350, 1156350),
    "Eiger": (2643110, 1158570),
    "Aletschhorn": (2643060, 1145440),
    "Brig": (2642400, 1130000),
    "Fiesch": (2653900, 1139400),
}
picture = graphics.furnish(
    relief,
    graphics.Title("Seen from the Eggishorn", "2927 m, by the Aletsch Glacier. Heights: swisstopo", outside=True),
    graphics.Legend(list(classes.items()), outside=True),
    graphics.ScaleBar(units_per_pixel=metres),
    graphics.NorthArrow(),
    graphics.Label("Eggishorn", (float(column), float(row)), bold=True, priority=2, size=1.2),
    *[graphics.Label(name, at(*place)) for name, place in names.items()],
)
save("viewshed", picture, dpi=200)
