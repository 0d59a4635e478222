"""A hill under a sun in the east, then in the west: the bright side changes. Needs Pillow.

Writes flip_az90.png and flip_az270.png.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

import vulkan_forge as vf


def hill(size: int) -> np.ndarray:
    at = (np.arange(size) - (size - 1) / 2) / (0.18 * size)
    return (50 * np.exp(-0.5 * (at[:, None] ** 2 + at**2))).astype(np.float32)


def luminance(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture[..., :3] @ np.array([0.2126, 0.7152, 0.0722]))


def main() -> None:
    with vf.Renderer(128, 128) as renderer:
        renderer.add_terrain(hill(128), (30.0, 30.0), 1.0, "viridis")
        for azimuth, bright, dark in ((90, 80, 48), (270, 48, 80)):
            renderer.set_sun(45.0, float(azimuth))
            picture = renderer.render_rgba()
            Image.fromarray(picture).save(f"flip_az{azimuth}.png")
            light = luminance(picture)[64]
            print(f"sun at {azimuth}: column {bright} is {light[bright] - light[dark]:.1f} brighter than column {dark}")
            if not light[bright] > light[dark]:
                raise SystemExit("the sun lights the wrong side")


if __name__ == "__main__":
    main()
