"""The inside of a frog: fifteen tissues, meshes made of a stack of labelled slices."""

import numpy as np
from _data import frog, save, surface
from scipy.ndimage import gaussian_filter

from vulkan_forge import graphics

tissues = {
    "Skeleton": (13, (232, 224, 205)),
    "Brain and nerves": ((2, 12), (244, 200, 90)),
    "Eyes": ((4, 5), (240, 240, 245)),
    "Heart and blood": ((1, 6), (190, 40, 40)),
    "Lungs": (11, (224, 150, 150)),
    "Liver": (10, (130, 70, 50)),
    "Stomach": (15, (210, 140, 90)),
    "Intestines": ((3, 7, 9), (190, 170, 110)),
    "Kidneys and spleen": ((8, 14), (150, 90, 130)),
}
labels = frog()
figure = graphics.Figure(2400, 1800, background="#f4f2ee", light=graphics.Light(sun=(320, 50), fill=0.45))
for numbers, color in tissues.values():
    field = gaussian_filter(np.isin(labels, numbers).astype(np.float32), 0.9)
    corners, faces = surface(field)
    figure.add(graphics.Mesh(corners[:, ::-1] * (1, -1, -1.5), faces, colors=tuple(np.divide(color, 255))))
figure.camera = graphics.Camera(azimuth=215, elevation=50)
picture = figure.furnish(
    graphics.Title("The inside of a frog", "Whole Frog Project, Lawrence Berkeley National Laboratory; of PyVista"),
    graphics.Legend([(name, color) for name, (_, color) in tissues.items()], title="Tissues"),
)
save("frog", picture, dpi=220)
