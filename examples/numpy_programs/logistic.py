"""Logistic regression by gradient descent."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(count: int = 50_000, features: int = 64, rounds: int = 100) -> dict[str, Any]:
    """Measurements, and labels that a hidden rule gave them, some of them wrong."""
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(count, features)).astype(numpy.float32)
    score = x @ rng.normal(size=features) + rng.normal(0, 2, count)
    return {"x": x, "y": (score > 0).astype(numpy.float32), "rounds": rounds}


def run(np: Any, x: Any, y: Any, rounds: int, rate: float = 0.5) -> Any:
    """Weights, bias, and the loss after each round."""
    x, y = np.asarray(x), np.asarray(y)
    weights, bias = np.zeros(x.shape[1], dtype=x.dtype), np.zeros((), dtype=x.dtype)
    losses = []
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(x @ weights + bias)))
        losses.append(-np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7)))
        error = p - y
        weights = weights - rate * (x.T @ error) / len(y)
        bias = bias - rate * error.mean()
    return weights, bias, np.stack(losses)


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"loss {run(np, **inputs())[2][-1].item():.4f}")
