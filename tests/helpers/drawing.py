"""Draws that tests share: one triangle over the whole picture, points at pixels, and pipelines for them."""

import numpy as np

from vulkan_forge import graphics

FULL = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)  # one triangle over the whole picture

COVER = """void main() { vec2 corner = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1);
gl_Position = vec4(corner * 4.0 - 1.0, DEPTH, 1.0); }"""
INK = """layout(push_constant) uniform Push { vec4 ink; };
layout(location = 0) out vec4 color; void main() { color = ink; }"""


def cover(fragment=INK, state=None, depth=0.0, **options):
    """A pipeline whose three vertices (count=3) cover every pixel."""
    vertex = COVER.replace("DEPTH", repr(float(depth)))
    state = state or graphics.DrawState(depth_test=False)
    return graphics.Pipeline(vertex=vertex, fragment=fragment, state=state, **options)


def at_pixels(pixels, width, height):
    """Clip coordinates, float32 (N, 2), of the centres of pixels (x, y), y from the top."""
    pixels = np.asarray(pixels, np.float64).reshape(-1, 2)
    x = (pixels[:, 0] + 0.5) / width * 2 - 1
    y = 1 - (pixels[:, 1] + 0.5) / height * 2
    return np.stack([x, y], axis=1).astype(np.float32)
