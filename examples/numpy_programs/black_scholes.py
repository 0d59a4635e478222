"""European options by the formula of Black and Scholes: prices of calls and puts, and how they move."""

from __future__ import annotations

from typing import Any

import numpy


def inputs(count: int = 1_000_000) -> dict[str, Any]:
    """A book of options: what they are on, at which price, for how long."""
    rng = numpy.random.default_rng(0)
    return {
        "spot": rng.uniform(10, 50, count),
        "strike": rng.uniform(10, 50, count),
        "years": rng.uniform(0.1, 3, count),
        "volatility": rng.uniform(0.1, 0.6, count),
    }


def normal_cdf(np: Any, x: Any) -> Any:
    """The normal distribution, by the polynomial 26.2.17 of Abramowitz and Stegun: good to 1e-7."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    below = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi) * tail
    return np.where(x > 0, 1 - below, below)


def run(np: Any, spot: Any, strike: Any, years: Any, volatility: Any, rate: float = 0.03) -> Any:
    """Calls, puts, delta and vega."""
    spot, strike, years, volatility = map(np.asarray, (spot, strike, years, volatility))
    spread = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
    d2 = d1 - spread
    delta = normal_cdf(np, d1)
    discounted = strike * np.exp(-rate * years)
    call = spot * delta - discounted * normal_cdf(np, d2)
    put = call + discounted - spot
    vega = spot * np.sqrt(years) * np.exp(-0.5 * d1**2) / np.sqrt(2 * np.pi)
    return call, put, delta, vega


if __name__ == "__main__":
    import vulkan_forge.numpy as np

    print(f"mean call {run(np, **inputs())[0].mean().item():.4f}")
