"""NumPy to PNG and back, byte for byte; writes ex_roundtrip.png, env.json and metrics.json."""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf


def main() -> None:
    y, x = np.mgrid[0:128, 0:192]
    image = np.stack([x, y, (x + y) % 256, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    metrics = vf.Metrics(bytes=image.nbytes)
    with metrics.measure("encode"):
        vf.numpy_to_png("ex_roundtrip.png", image)
    with metrics.measure("decode"):
        again = vf.png_to_numpy("ex_roundtrip.png")
    metrics.save(".")
    if not np.array_equal(image, again):
        raise SystemExit("the round trip changed the picture")
    print("wrote ex_roundtrip.png: every byte came back")


if __name__ == "__main__":
    main()
