"""The Mandelbrot set: how many rounds each point of the plane takes to escape."""

from __future__ import annotations

from typing import Any


def inputs(height: int = 800, width: int = 1200, rounds: int = 100) -> dict[str, Any]:
    """Nothing but sizes."""
    return {"height": height, "width": width, "rounds": rounds}


def run(np: Any, height: int, width: int, rounds: int) -> Any:
    """For each point the round in which it escaped; the number of rounds where it never did."""
    x = np.linspace(-2.1, 0.9, width)
    y = np.linspace(-1.0, 1.0, height)
    c = x[None, :] + 1j * y[:, None]
    z = np.zeros_like(c)
    escaped = np.full(c.shape, rounds)
    for i in range(rounds):
        z = z**2 + c
        outside = np.abs(z) > 2
        escaped[outside & (escaped == rounds)] = i
        z[outside] = 2
    return escaped


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"{int((run(np, **inputs()) == 100).sum())} points never escape")
