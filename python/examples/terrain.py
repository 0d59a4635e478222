"""The surface that a TerrainSpike has before any heights are given; writes terrain_spike.png."""

from __future__ import annotations

from vulkan_forge import TerrainSpike


def main() -> None:
    spike = TerrainSpike(800, 600, 160)
    spike.render_png("terrain_spike.png")
    print("wrote terrain_spike.png")


if __name__ == "__main__":
    main()
