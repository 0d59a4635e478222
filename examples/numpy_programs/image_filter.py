"""A photograph is denoised, sharpened and toned: Gaussian blur, unsharp mask, Sobel edges, gamma."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(height: int = 1080, width: int = 1920) -> dict[str, Any]:
    """A picture of rings and grain, as a camera gives it: (height, width, 3) bytes."""
    y, x = numpy.mgrid[:height, :width] / height
    rings = numpy.sin(40 * numpy.hypot(x - 0.9, y - 0.5)[..., None] + numpy.array([0, 1, 2]))
    grain = numpy.random.default_rng(0).normal(0, 0.05, rings.shape)
    return {"picture": (numpy.clip(0.5 + 0.4 * rings + grain, 0, 1) * 255).astype(numpy.uint8)}


def blur(np: Any, picture: Any, sigma: float) -> Any:
    """Gaussian blur, one axis after the other."""
    radius = int(3 * sigma)
    weights = [2.0 ** -((i / sigma) ** 2) for i in range(-radius, radius + 1)]
    weights = [w / sum(weights) for w in weights]
    for axis in (0, 1):
        widths = [(radius, radius) if i == axis else (0, 0) for i in range(3)]
        padded, n = np.pad(picture, widths, mode="edge"), picture.shape[axis]
        shifted = (padded[i : i + n] if axis == 0 else padded[:, i : i + n] for i in range(len(weights)))
        picture = sum(w * part for w, part in zip(weights, shifted, strict=True))
    return picture


def run(np: Any, picture: Any) -> Any:
    """The finished picture in bytes, and the strength of its edges."""
    linear = (np.asarray(picture).astype(np.float32) / 255) ** 2.2
    soft = blur(np, linear, 1.0)
    sharp = np.clip(soft + 0.8 * (soft - blur(np, soft, 2.0)), 0, 1)
    gray = sharp @ np.asarray([0.2126, 0.7152, 0.0722], dtype=np.float32)
    gx = gray[:-2, 2:] + 2 * gray[1:-1, 2:] + gray[2:, 2:] - gray[:-2, :-2] - 2 * gray[1:-1, :-2] - gray[2:, :-2]
    gy = gray[2:, :-2] + 2 * gray[2:, 1:-1] + gray[2:, 2:] - gray[:-2, :-2] - 2 * gray[:-2, 1:-1] - gray[:-2, 2:]
    edges = np.hypot(gx, gy)
    return (sharp ** (1 / 2.2) * 255 + 0.5).astype(np.uint8), edges / edges.max()


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"mean edge {run(np, **inputs())[1].mean().item():.4f}")
