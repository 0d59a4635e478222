"""Heights and pictures that several tests of the renderer use."""

import numpy as np

import vulkan_forge as vf

NO_TERRAIN = r"no terrain uploaded; call add_terrain\(\) first"
NOT_A_HEIGHTMAP = "heightmap must be a 2-D NumPy array of dtype float32 or float64"
# Step of an 8-bit channel; drivers may round an interpolated value either way.
ONE_STEP = 1


def ramp(rows=4, columns=5, dtype=np.float32):
    return np.linspace(-2, 7, rows * columns, dtype=dtype).reshape(rows, columns)


def bump(size=128, dtype=np.float32):
    """A Gaussian, 50 high, sigma 0.18 of the width, centred."""
    at = (np.arange(size) - (size - 1) / 2) / (0.18 * size)
    return (50 * np.exp(-0.5 * (at[:, None] ** 2 + at[None, :] ** 2))).astype(dtype)


def luminance(picture):
    return picture[..., :3].astype(float) @ [0.2126, 0.7152, 0.0722]


def loaded(heights, width=16, height=16, **options):
    renderer = vf.Renderer(width, height)
    renderer.add_terrain(heights, (1.0, 1.0), **options)
    return renderer
