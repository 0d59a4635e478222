"""Lake Issyk-Kul in the Tien Shan, from the south: terrain with water and names, 3840 x 2160."""

import numpy as np
from _data import save, tien_shan
from scipy.ndimage import label

from vulkan_forge import graphics

heights, edges = tien_shan(75.6, 79.4, 41.35, 43.35)
terrain = graphics.Terrain(heights, units="degrees", extent=edges)
parts, _ = label(np.abs(heights - 1602) <= 5)  # level ground at the height of the lake; the largest part is the lake
lake = parts == np.bincount(parts.ravel())[1:].argmax() + 1
terrain.drape(np.where(lake[..., None], (84, 140, 175, 255), (84, 140, 175, 0)).astype(np.uint8))
names = [
    ("Issyk-Kul", (77.25, 42.43), {"dot": False, "size": 1.5, "priority": 9}),
    ("Karakol", (78.39, 42.49), {}),
    ("Balykchy", (76.19, 42.46), {}),
    ("Cholpon-Ata", (77.08, 42.65), {}),
    ("Naryn", (75.99, 41.43), {}),
    ("Almaty", (76.93, 43.24), {}),
    ("Karakol Peak\n5216 m", (78.45, 42.16), {"priority": 2}),
    ("Talgar Peak\n4979 m", (77.34, 43.12), {"priority": 2}),
]
picture = terrain.map(
    3840,
    2160,
    title="Issyk-Kul",
    subtitle="A lake without an outlet between two ranges of the Tien Shan, Kyrgyzstan. GEBCO 2023",
    labels=[terrain.label(name, at, **how) for name, at, how in names],
)
save("issyk_kul", picture, dpi=300)
