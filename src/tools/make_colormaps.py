#!/usr/bin/env python3
"""Write src/forge/graphics/colormaps.inc: 256 RGB bytes a colormap.

viridis and magma are matplotlib's (by Stéfan van der Walt and Nathaniel Smith, CC0), times 255, truncated.
To add a colormap, add a row to COLORMAPS and run `python src/tools/make_colormaps.py`.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

TERRAIN_STOPS = [
    (0, 0, 0.5),
    (0, 0.3, 0.8),
    (0, 0.5, 0.2),
    (0.2, 0.7, 0.1),
    (0.6, 0.4, 0.2),
    (0.8, 0.8, 0.8),
    (1, 1, 1),
]


def listed(name: str) -> np.ndarray:
    return np.array(matplotlib.colormaps[name].colors)  # (256, 3)


def between(stops: list[tuple[float, float, float]]) -> np.ndarray:
    """Evenly spaced stops, linear between them."""
    at = np.linspace(0, 1, len(stops))
    x = np.arange(256) / 255
    return np.stack([np.interp(x, at, channel) for channel in zip(*stops, strict=True)], axis=1)


COLORMAPS = {
    "viridis": listed("viridis"),
    "magma": listed("magma"),
    "terrain": between(TERRAIN_STOPS),
}


def row(name: str, colors: np.ndarray) -> str:
    entries = [f"{{{r}, {g}, {b}}}" for r, g, b in (colors * 255).astype(int)]
    lines = [", ".join(entries[i : i + 8]) for i in range(0, 256, 8)]
    return f'{{"{name}", {{{{\n' + ",\n".join(f"    {line}" for line in lines) + "}}},\n"


def main() -> None:
    target = Path(__file__).parents[1] / "forge" / "graphics" / "colormaps.inc"
    head = (
        "// Written by src/tools/make_colormaps.py: name and 256 sRGB bytes (R, G, B).\n"
        "// viridis and magma are matplotlib's, by Stéfan van der Walt and Nathaniel Smith, CC0.\n"
        "// clang-format off\n"
    )
    target.write_text(head + "".join(row(*item) for item in COLORMAPS.items()), encoding="utf-8")


if __name__ == "__main__":
    main()
