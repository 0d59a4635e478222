"""The reference triangle; writes triangle.png."""

from __future__ import annotations

from vulkan_forge import Renderer


def main() -> None:
    renderer = Renderer(width=512, height=512)
    print(renderer.info())
    renderer.render_triangle_png("triangle.png")
    print("wrote triangle.png")


if __name__ == "__main__":
    main()
