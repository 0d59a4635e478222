"""Work recorded once, run often: a picture sharpened with another strength and another source each time.

Two blurs of the picture need nothing from each other, so they stand in one level of the graph without a barrier between
them. Writes ex_graph.dot, ex_graph.png (the graph), ex_sharpened.png, env.json and metrics.json.
"""

from __future__ import annotations

import time

import numpy as np

import vulkan_forge as vf

BLUR = """
layout(local_size_x = 16, local_size_y = 8) in;
layout(binding = 0) readonly buffer Source { float source[]; };
layout(binding = 1) writeonly buffer Blurred { float blurred[]; };
layout(push_constant) uniform Push { int n; int radius; };

void main() {
  ivec2 at = ivec2(gl_GlobalInvocationID.xy);
  if (at.x >= n || at.y >= n) return;
  float sum = 0.0;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx) {
      ivec2 p = clamp(at + ivec2(dx, dy), ivec2(0), ivec2(n - 1));
      sum += source[p.y * n + p.x];
    }
  blurred[at.y * n + at.x] = sum / float((2 * radius + 1) * (2 * radius + 1));
}
"""
COMBINE = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer Source { float source[]; };
layout(binding = 1) readonly buffer Fine { float fine[]; };
layout(binding = 2) readonly buffer Coarse { float coarse[]; };
layout(binding = 3) writeonly buffer Result { float result[]; };
layout(push_constant) uniform Push { float strength; };

void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < result.length()) result[i] = clamp(source[i] + strength * (fine[i] - coarse[i]), 0.0, 1.0);
}
"""


def picture(n: int, waves: float) -> np.ndarray:
    y, x = np.mgrid[0:n, 0:n] / n
    return (0.5 + 0.3 * np.sin(waves * x * y) + 0.1 * (np.hypot(x - 0.5, y - 0.5) < 0.3)).astype(np.float32)


def main() -> None:
    n = 256
    first, second = vf.asarray(picture(n, 40)), vf.asarray(picture(n, 90))
    fine, coarse, result = (vf.empty((n, n)) for _ in range(3))
    blur, combine = vf.Kernel(BLUR, name="blur"), vf.Kernel(COMBINE, name="combine")

    with vf.record() as graph:
        source = vf.param("picture", first)
        blur(source=source, blurred=fine, n=n, radius=1, threads=(n, n))
        blur(source=source, blurred=coarse, n=n, radius=4, threads=(n, n))
        combine(source=source, fine=fine, coarse=coarse, result=result, strength=1.0, threads=n * n)
    print(graph)
    graph.save_dot("ex_graph.dot")
    graph.save_png("ex_graph.png")

    graph.run()
    start = time.perf_counter()
    for strength in (0.5, 1.0, 2.0, 4.0):
        graph.run(strength=strength)
    print(f"4 runs in {(time.perf_counter() - start) * 1e3:.1f} ms")

    metrics = vf.Metrics()
    event = graph.submit({"blur#2.radius": 8}, picture=second, strength=2.0)  # starts and returns at once
    with metrics.measure("gpu"):
        event.wait()
    with metrics.measure("readback"):
        sharpened = np.asarray(result)
    print(f"contrast before {np.std(picture(n, 90)):.3f}, after {np.std(sharpened):.3f}")
    with metrics.measure("encode"):
        vf.numpy_to_png("ex_sharpened.png", (sharpened * 255).astype(np.uint8))
    metrics.save(".", result.device)
    if vf.default_device().limits["timestamp_period_ns"]:
        graph.run(timed=True)
        for name, milliseconds in graph.times():
            print(f"{name:10s} {milliseconds:7.3f} ms on the device")


if __name__ == "__main__":
    main()
