"""Heights on the device, normalised in two ways and read back."""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf


def main() -> None:
    ramp = np.linspace(0, 100, 64 * 64, dtype=np.float32).reshape(64, 64)
    renderer = vf.Renderer(64, 64)
    renderer.add_terrain(ramp, (1.0, 1.0), exaggeration=1.0, colormap="viridis")
    print("stored   min {:.3f}  max {:.3f}  mean {:.3f}  std {:.3f}".format(*renderer.terrain_stats()))
    renderer.normalize_terrain("minmax", range=(0.0, 1.0))
    renderer.upload_height_r32f()
    texture = renderer.read_full_height_texture()
    print("minmax   min {:.3f}  max {:.3f}  mean {:.3f}  std {:.3f}".format(*renderer.terrain_stats()))
    if not np.allclose(texture, (ramp - ramp.min()) / np.ptp(ramp), atol=1e-6):
        raise SystemExit("the height texture is not what NumPy says")
    renderer.normalize_terrain("zscore")
    print("zscore   min {:.3f}  max {:.3f}  mean {:.3f}  std {:.3f}".format(*renderer.terrain_stats()))


if __name__ == "__main__":
    main()
