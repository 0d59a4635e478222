"""Two triangles of one's own, the nearer one across the other, by one's own shaders; writes two-triangles.png."""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf
from vulkan_forge import graphics

VERTEX = """
layout(location = 0) in vec3 corner;  // x, y up, depth: 0 near to 1 far
layout(location = 1) in vec3 tint;    // linear light
layout(location = 0) out vec3 color;
void main() { gl_Position = vec4(corner, 1.0); color = tint; }
"""
FRAGMENT = """
layout(location = 0) in vec3 color;
layout(location = 0) out vec4 ink;
void main() { ink = vec4(color, 1.0); }
"""


def main() -> None:
    corners = np.array(
        [
            (-0.8, -0.7, 0.3),
            (0.5, -0.7, 0.3),
            (-0.15, 0.6, 0.3),
            (-0.5, 0.75, 0.6),
            (0.8, 0.75, 0.6),
            (0.15, -0.55, 0.6),
        ],
        np.float32,
    )
    warm, cold = (0.95, 0.45, 0.1), (0.05, 0.3, 0.75)
    tints = np.array([warm, warm, (1.0, 0.8, 0.4), cold, cold, (0.2, 0.6, 0.9)], np.float32)
    target = graphics.Target(512, 512, samples=4)
    pipeline = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT)
    target.draw(pipeline, vertices={"corner": corners, "tint": tints}, clear=(1, 1, 1, 1))
    vf.numpy_to_png("two-triangles.png", target.read())
    print("wrote two-triangles.png")


if __name__ == "__main__":
    main()
