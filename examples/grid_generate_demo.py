"""A grid of vertices, texture coordinates and triangle indices."""

from __future__ import annotations

import vulkan_forge as vf


def main() -> None:
    xy, uv, indices = vf.grid_generate(5, 4, spacing=(10.0, 20.0))
    print(f"{len(xy)} vertices from {xy.min(axis=0)} to {xy.max(axis=0)}, {len(indices) // 3} triangles")
    print("texture coordinates of the corners:", uv[0], uv[4], uv[-5], uv[-1])


if __name__ == "__main__":
    main()
