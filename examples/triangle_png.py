"""Renders the reference triangle into ex_triangle.png."""

from __future__ import annotations

import vulkan_forge as vf


def main() -> None:
    vf.render_triangle_png("ex_triangle.png", 512, 512)
    print("wrote ex_triangle.png", vf.png_to_numpy("ex_triangle.png").shape)


if __name__ == "__main__":
    main()
