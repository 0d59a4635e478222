"""Conway's Game of Life on a torus."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(side: int = 1024, generations: int = 50) -> dict[str, Any]:
    """A board of which a third is alive."""
    return {"board": numpy.random.default_rng(0).random((side, side)) < 1 / 3, "generations": generations}


def run(np: Any, board: Any, generations: int) -> Any:
    """The board after so many generations."""
    alive = np.asarray(board)
    around = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    for _ in range(generations):
        neighbours = sum(np.roll(alive, shift, axis=(0, 1)) for shift in around)
        alive = (neighbours == 3) | (alive & (neighbours == 2))
    return alive


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"{int(run(np, **inputs()).sum())} cells are alive")
