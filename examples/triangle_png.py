"""Renders the reference triangle into ex_triangle.png; env.json and metrics.json say where and how fast."""

from __future__ import annotations

import vulkan_forge as vf


def main() -> None:
    metrics = vf.Metrics()
    with vf.Renderer(512, 512) as renderer:
        with metrics.measure("picture"):
            renderer.render_triangle_png("ex_triangle.png")
        metrics.update(renderer.metrics())
        metrics.save(".", renderer.device)
    print("wrote ex_triangle.png", vf.png_to_numpy("ex_triangle.png").shape)


if __name__ == "__main__":
    main()
