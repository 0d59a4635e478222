"""k-means: points to the nearest of k centres, centres to the mean of their points, again and again (Lloyd)."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(count: int = 200_000, k: int = 8, rounds: int = 20) -> dict[str, Any]:
    """Points of the plane in k clouds that overlap."""
    rng = numpy.random.default_rng(0)
    middles = rng.uniform(-10, 10, (k, 2))
    return {"points": middles[rng.integers(0, k, count)] + rng.normal(0, 1.5, (count, 2)), "k": k, "rounds": rounds}


def run(np: Any, points: Any, k: int, rounds: int) -> Any:
    """The centres, and for each point the number of its own."""
    points = np.asarray(points)
    centres = points[:k].copy()
    for _ in range(rounds):
        distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        nearest = distances.argmin(axis=1)
        centres = np.array([points[nearest == i].mean(axis=0) for i in range(k)])
    return centres, nearest


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(run(np, **inputs())[0])
