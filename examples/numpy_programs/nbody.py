"""Bodies that attract each other, all pairs, by leapfrog steps; the energy tells how well it is done."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(count: int = 1000, steps: int = 20) -> dict[str, Any]:
    """Bodies in a ball, at random speeds."""
    rng = numpy.random.default_rng(0)
    position, velocity = rng.normal(size=(2, count, 3))
    return {"position": position, "velocity": velocity, "mass": rng.uniform(0.5, 1.5, count) / count, "steps": steps}


def differences(position: Any) -> Any:
    """From each body to each other one, by coordinate: three matrices."""
    x, y, z = position[:, 0:1], position[:, 1:2], position[:, 2:3]
    return x.T - x, y.T - y, z.T - z


def acceleration(np: Any, position: Any, mass: Any, softening: float) -> Any:
    """Newton's law, softened near by."""
    dx, dy, dz = differences(position)
    pull = (dx**2 + dy**2 + dz**2 + softening**2) ** -1.5
    return np.stack([(dx * pull) @ mass, (dy * pull) @ mass, (dz * pull) @ mass], axis=1)


def energy(np: Any, position: Any, velocity: Any, mass: Any, softening: float) -> Any:
    """Kinetic and potential."""
    dx, dy, dz = differences(position)
    distance = np.sqrt(dx**2 + dy**2 + dz**2 + softening**2)
    kinetic = 0.5 * np.sum(mass[:, None] * velocity**2)
    return kinetic - 0.5 * np.sum(mass[:, None] * mass[None, :] / distance)


def run(np: Any, position: Any, velocity: Any, mass: Any, steps: int, dt: float = 0.01, softening: float = 0.1) -> Any:
    """Positions at the end, and the energy after each step."""
    position, velocity, mass = np.asarray(position), np.asarray(velocity), np.asarray(mass)
    pull = acceleration(np, position, mass, softening)
    energies = []
    for _ in range(steps):
        velocity = velocity + pull * (dt / 2)
        position = position + velocity * dt
        pull = acceleration(np, position, mass, softening)
        velocity = velocity + pull * (dt / 2)
        energies.append(energy(np, position, velocity, mass, softening))
    return position, np.stack(energies)


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"energy {run(np, **inputs())[1][-1].item():.6f}")
