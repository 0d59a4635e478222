"""A motorcycle in three dimensions, as a pair of cameras measured it: 300,000 points in their own colours."""

import numpy as np
from _data import file_of, save

from vulkan_forge import graphics

left = graphics.read_png(file_of("scikit-image", "skimage/data/motorcycle_left.png")).pixels[..., :3]
with np.load(file_of("scikit-image", "skimage/data/motorcycle_disp.npz")) as data:
    disparity = data["arr_0"]
focal, baseline, offset = 3979.911 / 4, 193.001, 124.343 / 4  # of Middlebury's calibration, at a quarter of its size
rows, columns = disparity.shape
known = np.isfinite(disparity) & (disparity > 0)
row, column = np.nonzero(known)
away = baseline * focal / (disparity[known] + offset)  # millimetres
x, z = (column - columns / 2) * away / focal, (rows / 2 - row) * away / focal
close = away < 4200
positions = np.stack([x, away, z], axis=1)[close]
middle = positions.mean(axis=0)
figure = graphics.Figure(
    1920,
    1280,
    background="#101216",
    camera=graphics.Camera(eye=(middle[0] + 1100, middle[1] - 3100, middle[2] + 750), target=tuple(middle), fovy=34),
)
figure.add(graphics.Points(positions, colors=left[known][close], size=6.5, unit="world"))
title = graphics.Title("Motorcycle", f"{len(positions):,} points of a stereo pair (Middlebury 2014)".replace(",", " "))
save("motorcycle", figure.furnish(title), dpi=200)
