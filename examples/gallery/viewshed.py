"""What is seen from Karakol Peak, and what its neighbours hide."""

import numpy as np
from _data import cell_size, save, tien_shan
from scipy.ndimage import zoom

from vulkan_forge import graphics
from vulkan_forge.graphics import raster

heights, (west, east, south, north) = tien_shan(77.2, 79.6, 41.5, 42.9)
width, height = cell_size((south + north) / 2, 240)
heights = zoom(heights, (3 * height / width, 3), order=3)  # to square cells, as pixels are
metres = width / 3
rows, columns = heights.shape
place = int((north - 42.16) / (north - south) * rows), int((78.45 - west) / (east - west) * columns)
near = heights[place[0] - 30 : place[0] + 30, place[1] - 30 : place[1] + 30]  # the summit among its cells
row, column = np.add(np.unravel_index(near.argmax(), near.shape), np.subtract(place, 30))
seen = np.asarray(raster.viewshed(heights, (int(row), int(column)), metres, observer_height=2))
shade = np.asarray(raster.hillshade(heights, metres, compute_edges=True)) / 255
relief = np.full((rows, columns, 4), 255, np.uint8)
relief[..., :3] = np.where(seen[..., None] > 0.5, (255, 224, 150), (158, 174, 196)) * (0.4 + 0.6 * shade[..., None])
picture = graphics.furnish(
    relief,
    graphics.Title("Seen from Karakol Peak", "Bright: in sight of its summit, 5216 m. GEBCO 2023", outside=True),
    graphics.ScaleBar(units_per_pixel=metres),
    graphics.NorthArrow(),
    graphics.Label("Karakol Peak", (float(column), float(row)), bold=True, priority=2),
    graphics.Label("Karakol", ((78.39 - west) / (east - west) * columns, (north - 42.49) / (north - south) * rows)),
)
save("viewshed", picture, dpi=200)
