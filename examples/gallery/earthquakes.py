"""Earthquakes of a month on a globe: a textured mesh, and points in the world sized by magnitude."""

import csv

import numpy as np
from _data import file_of, on_globe, save
from PIL import Image

from vulkan_forge import graphics

with file_of("hvsampledata", "hvsampledata/_data/earthquakes.csv").open(encoding="utf-8") as rows:
    quakes = [
        (float(row["lon"]), float(row["lat"]), float(row["mag"]), float(row["depth"])) for row in csv.DictReader(rows)
    ]
lon, lat, magnitude, depth = np.array(quakes).T

v, u = np.mgrid[0:1:181j, 0:1:361j]
corners = on_globe(360 * u - 180, 180 * v - 90).reshape(-1, 3)
first = (np.arange(180)[:, None] * 361 + np.arange(360)).reshape(-1, 1)
faces = np.concatenate([first + np.array(corner) for corner in ([0, 1, 361], [1, 362, 361])])
texture = np.asarray(Image.open(file_of("pyvista", "pyvista/examples/2k_earth_daymap.jpg")).convert("RGB"))
globe = graphics.Mesh(corners, faces, uv=np.stack([u, v], axis=-1).reshape(-1, 2), texture=texture)
limits = (4.0, 7.5)
plasma = np.array([(255, 236, 120), (250, 150, 60), (214, 40, 40), (110, 10, 60)], np.float64)
share = np.clip((magnitude - limits[0]) / (limits[1] - limits[0]), 0, 1) * 3
colors = np.stack([np.interp(share, np.arange(4), channel) for channel in plasma.T], axis=1).astype(np.uint8)
points = graphics.Points(on_globe(lon, lat, 1.01), colors=colors, size=0.008 + 0.013 * share, unit="world")
eye = tuple(4.2 * on_globe(123, 6))
camera = graphics.Camera(eye=eye, target=(0, 0, 0), up=(0, 0, 1), fovy=34)
light = graphics.Light(sun=(10, 25), fill=0.6)
figure = graphics.Figure(2000, 2000, camera=camera, light=light, background="#0d1420").add(globe, points)
title = graphics.Title(
    "Earthquakes of April 2024", "Magnitude 4 and more between Java and Mindanao. USGS; texture of PyVista"
)
bar = graphics.ColorBar(plasma.astype(np.uint8), limits, label="Magnitude")
save("earthquakes", figure.furnish(title, bar), dpi=220)
