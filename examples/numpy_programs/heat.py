"""Heat spreads over a plate whose edges are held at their temperatures: explicit steps of the five-point stencil."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(side: int = 1024, steps: int = 200) -> dict[str, Any]:
    """A plate at 20 degrees with one hot edge and a cold spot."""
    plate = numpy.full((side, side), 20.0)
    plate[0] = 100
    plate[side // 2 : side // 2 + side // 8, side // 3 : side // 2] = -40
    return {"plate": plate, "steps": steps}


def run(np: Any, plate: Any, steps: int, rate: float = 0.2) -> Any:
    """Temperatures after so many steps."""
    u = np.array(plate)
    for _ in range(steps):
        around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        u[1:-1, 1:-1] += rate * (around - 4 * u[1:-1, 1:-1])
    return u


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"mean temperature {run(np, **inputs()).mean().item():.3f}")
