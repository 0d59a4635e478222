"""A ramp of 64 x 64 heights as a Scene; writes ex_terrain.png, env.json and metrics.json."""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf


def main() -> None:
    rise = np.linspace(0.45, -0.45, 64, dtype=np.float32)
    ramp = np.add.outer(rise, -rise)  # row 0 is at the back: the far right corner is the highest
    metrics = vf.Metrics()
    with vf.Scene(256, 256, grid=64, colormap="terrain") as scene:
        scene.set_height_from_r32f(ramp)
        scene.set_camera_look_at(
            eye=(0.7, 3, 4.4), target=(0, -0.1, 0.1), up=(0, 1, 0), fovy_deg=42, znear=0.1, zfar=100
        )
        with metrics.measure("picture"):
            scene.render_png("ex_terrain.png")
        metrics.update(scene.metrics())
        metrics.save(".", scene.device)
        if not np.array_equal(vf.png_to_numpy("ex_terrain.png"), scene.render_rgba()):
            raise SystemExit("file and array differ")
    print("wrote ex_terrain.png", vf.png_to_numpy("ex_terrain.png").shape)


if __name__ == "__main__":
    main()
