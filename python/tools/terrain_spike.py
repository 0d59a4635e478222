"""Draws a TerrainSpike into a PNG file."""

from __future__ import annotations

import argparse
from pathlib import Path

from vulkan_forge._vulkan_forge import TerrainSpike


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=800)
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--grid", type=int, default=160, help="vertices a side")
    parser.add_argument("--out", type=Path, default=Path("terrain_spike.png"))
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    TerrainSpike(options.width, options.height, options.grid).render_png(options.out)
    print(f"wrote {options.out}: {options.width} x {options.height}, {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
