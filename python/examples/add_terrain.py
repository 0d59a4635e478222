"""Elevation as a lit block, framed without a camera; writes terrain_overlay.png."""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf


def ridges(rows: int, columns: int) -> np.ndarray:
    """Octaves of folded waves: heights in metres, row 0 north."""
    z, x = np.mgrid[0 : 3 : rows * 1j, 0 : 4 : columns * 1j]
    rng = np.random.default_rng(7)
    heights, size = np.zeros((rows, columns)), 1.0
    for octave in range(6):
        angle, shift = rng.uniform(0, 2 * np.pi), rng.uniform(0, 9, 2)
        across = 2**octave * (x * np.cos(angle) + z * np.sin(angle)) + shift[0]
        along = 2**octave * (z * np.cos(angle) - x * np.sin(angle)) + shift[1]
        heights += size * (1 - np.abs(np.sin(1.3 * across + 0.9 * np.sin(1.1 * along))))
        size *= 0.5
    return (900 * heights).astype(np.float32)


def main() -> None:
    heights = ridges(360, 480)
    with vf.Renderer(960, 640) as renderer:
        renderer.add_terrain(heights, (20.0, 20.0), exaggeration=1.0, colormap="terrain")
        renderer.set_sun(elevation_deg=35, azimuth_deg=315)
        print("heights: min {:.0f}  max {:.0f}  mean {:.0f}  std {:.0f}".format(*renderer.terrain_stats()))
        renderer.render_png("terrain_overlay.png")
    print("wrote terrain_overlay.png")


if __name__ == "__main__":
    main()
