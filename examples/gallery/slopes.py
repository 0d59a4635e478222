"""Slopes where avalanches start, in the classes of Swiss maps, over shaded relief."""

import numpy as np
from _data import aletsch, places_on, save
from scipy.ndimage import uniform_filter, zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

times = 12  # pixels a cell
heights, edges = aletsch(slice(58, 178), slice(140, 300))
heights, metres = zoom(heights, times, order=3), 200 / times
slope = uniform_filter(np.asarray(raster.slope(heights, metres, compute_edges=True)), times)  # of a cell of the source
shade = np.asarray(raster.hillshade(heights, metres, shading="multidirectional", compute_edges=True))
classes = {30: (247, 216, 72), 35: (240, 140, 48), 40: (207, 58, 44), 45: (124, 74, 143)}
picture = np.full((*heights.shape, 4), 255, np.uint8)
picture[..., :3] = (105 + 140 * shade / 255)[..., None]  # gentle slopes are gray, all others their class
for least, color in classes.items():
    picture[slope >= least, :3] = color
at = places_on(heights.shape, edges)
peaks = {
    "Eiger": (2643110, 1158570),
    "Mönch": (2643350, 1156350),
    "Jungfrau": (2640190, 1154150),
    "Schreckhorn": (2649500, 1159900),
    "Finsteraarhorn": (2653010, 1154100),
    "Aletschhorn": (2643060, 1145440),
    "Konkordiaplatz": (2645600, 1149900),
    "Grindelwald": (2646300, 1163800),
}
picture = graphics.furnish(
    picture,
    graphics.Title("How steep the Bernese Alps are", "Over 200 m. Heights: swisstopo, 200 m cells", outside=True),
    graphics.Legend([(f"over {least}°", color) for least, color in classes.items()], title="Slope", outside=True),
    graphics.ScaleBar(units_per_pixel=metres),
    graphics.NorthArrow(),
    *[graphics.Label(name, at(*place), bold=True) for name, place in peaks.items()],
)
save("slopes", picture, dpi=220)
