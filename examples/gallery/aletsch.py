"""The Bernese Alps with the Great Aletsch Glacier, from the south: terrain with contours and names, 3840 x 2160."""

import numpy as np
from _data import aletsch, lake, save

from vulkan_forge import graphics

heights, edges = aletsch(slice(20, 275), slice(105, 345))
terrain = graphics.Terrain(heights, extent=edges, contours=200, contour_width=1.4, contour_color="#33261ae0")
lakes = np.stack([lake(heights, level, 1) for level in (558, 564)]).any(axis=0)  # of Thun and of Brienz
terrain.drape(np.where(lakes[..., None], (112, 160, 190, 255), (112, 160, 190, 0)).astype(np.uint8))
peaks = [
    ("Finsteraarhorn\n4274 m", (2653010, 1154100), 9),
    ("Jungfrau\n4158 m", (2640190, 1154150), 8),
    ("Aletschhorn\n4193 m", (2643060, 1145440), 8),
    ("Eiger\n3967 m", (2643110, 1158570), 7),
    ("Schreckhorn\n4078 m", (2649500, 1159900), 5),
    ("Bietschhorn\n3934 m", (2632250, 1137900), 6),
    ("Konkordiaplatz", (2645600, 1149900), 4),
    ("Brig", (2642400, 1130000), 4),
    ("Interlaken", (2632500, 1170600), 4),
    ("Grindelwald", (2646300, 1163800), 3),
]
picture = terrain.map(
    3840,
    2160,
    title="Bernese Alps",
    subtitle="The Great Aletsch Glacier and its peaks, contours every 200 m. Heights: swisstopo, 200 m cells",
    labels=[terrain.label(name, at, priority=rank) for name, at, rank in peaks],
)
save("aletsch", picture, dpi=300)
