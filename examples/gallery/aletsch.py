"""The Bernese Alps with the Great Aletsch Glacier, from the south: terrain with contours and names, 3840 x 2160."""

from _data import aletsch, save

from vulkan_forge import graphics

heights, edges = aletsch()
west, east, south, north = edges
columns, rows = slice(105, 345), slice(20, 275)
cell = (east - west) / heights.shape[1]
terrain = graphics.Terrain(
    heights[rows, columns], cell, origin=(west + columns.start * cell, north - rows.start * cell), contours=200
)
peaks = [
    ("Finsteraarhorn\n4274 m", (2653010, 1154100), 9),
    ("Jungfrau\n4158 m", (2640190, 1154150), 8),
    ("Aletschhorn\n4193 m", (2643060, 1145440), 8),
    ("Eiger\n3967 m", (2643110, 1158570), 7),
    ("Schreckhorn\n4078 m", (2649500, 1159900), 5),
    ("Bietschhorn\n3934 m", (2632250, 1137900), 6),
    ("Konkordiaplatz", (2647700, 1150300), 4),
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
