"""Where the Pamir falls to the Tarim basin, from the north-east: terrain in low evening light, 3840 x 2160."""

from _data import save, tien_shan

from vulkan_forge import graphics

heights, edges = tien_shan(73.6, 76.4, 37.7, 39.6)
terrain = graphics.Terrain(heights, units="degrees", extent=edges, color_range=(1300, 6800))
names = [
    ("Kongur Tagh\n7649 m", (75.313, 38.593), 9),
    ("Muztagh Ata\n7546 m", (75.116, 38.278), 8),
    ("Tashkurgan", (75.23, 37.78), 4),
    ("Oytagh", (75.5, 38.93), 2),
    ("Tarim basin", (76.2, 39.35), 3),
]
picture = terrain.map(
    3840,
    2160,
    title="The eastern edge of the Pamir",
    subtitle="From the Tarim basin to Kongur and Muztagh Ata, 6000 m higher. GEBCO 2023",
    labels=[terrain.label(name, at, priority=rank, dot=name != "Tarim basin") for name, at, rank in names],
    camera=graphics.Camera(azimuth=60, elevation=34),
    light=graphics.Light(sun=(350, 32)),
)
save("pamir", picture, dpi=300)
