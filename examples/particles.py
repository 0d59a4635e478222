"""Particles in a double gyre: a kernel moves them, draws show them, and only the picture leaves the device.

One graph moves the particles, adds their light up in a float picture and brings that to eight bits; it is run once a
frame. Points of the left half are orange and those of the right half blue, so it shows how far the flow mixed them.
Writes ex_particles.png, env.json and metrics.json.
"""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf
from vulkan_forge import graphics

WIDTH, HEIGHT, FRAMES, STEP = 480, 240, 60, 0.2
COUNT = WIDTH * HEIGHT

# Shadden's double gyre: a stream function on [0, 2] x [0, 1] whose middle wall swings.
MOVE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer Particles { vec2 particles[]; };
layout(push_constant) uniform Push { float time; float step; };
const float PI = 3.14159265;

vec2 flow(vec2 at, float t) {
  float e = 0.25 * sin(0.6283 * t), f = e * at.x * at.x + (1.0 - 2.0 * e) * at.x;
  float slope = 2.0 * e * at.x + 1.0 - 2.0 * e;
  return 0.1 * PI * vec2(-sin(PI * f) * cos(PI * at.y), cos(PI * f) * sin(PI * at.y) * slope);
}

void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= particles.length()) return;
  vec2 at = particles[i];
  vec2 half_way = at + 0.5 * step * flow(at, time);  // the midpoint rule
  particles[i] = at + step * flow(half_way, time + 0.5 * step);
}
"""
PLACE = """
layout(location = 0) in vec2 particle;
layout(location = 1) in vec2 start;
layout(location = 0) flat out vec3 light;
void main() {
  gl_Position = vec4(particle.x - 1.0, particle.y * 2.0 - 1.0, 0.0, 1.0);
  gl_PointSize = 1.0;
  light = start.x < 1.0 ? vec3(1.0, 0.42, 0.1) : vec3(0.1, 0.45, 1.0);
}
"""
GLOW = """
layout(location = 0) flat in vec3 light;
layout(location = 0) out vec4 color;
void main() { color = vec4(light, 1.0); }
"""
COVER = """
void main() { gl_Position = vec4(vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1) * 4.0 - 1.0, 0.0, 1.0); }
"""
DEVELOP = """
layout(binding = 0) uniform sampler2D light;
layout(push_constant) uniform Push { float exposure; };
layout(location = 0) out vec4 color;
void main() { color = vec4(1.0 - exp(-exposure * texelFetch(light, ivec2(gl_FragCoord.xy), 0).rgb), 1.0); }
"""


def main() -> None:
    jitter = np.random.default_rng(7).random((COUNT, 2), np.float32)
    places = np.mgrid[0:HEIGHT, 0:WIDTH].reshape(2, -1).T[:, ::-1] + jitter  # one in each pixel, x before y
    start = (places / HEIGHT).astype(np.float32)
    particles = vf.asarray(start)
    move = vf.Kernel(MOVE, name="move")
    flat = graphics.DrawState(topology="points", depth_test=False, blend=graphics.Blend(source="one", target="one"))
    glow = graphics.Pipeline(vertex=PLACE, fragment=GLOW, state=flat, name="glow")
    develop = graphics.Pipeline(
        vertex=COVER, fragment=DEVELOP, state=graphics.DrawState(depth_test=False), name="develop"
    )
    light = graphics.Target(WIDTH, HEIGHT, format="rgba16f", depth=False)
    picture = graphics.Target(WIDTH, HEIGHT, depth=False)

    with vf.record() as graph:
        move(particles=particles, time=0.0, step=STEP, threads=COUNT)
        light.draw(glow, vertices={"particle": particles, "start": vf.asarray(start)}, clear=0.0)
        picture.draw(develop, count=3, light=light.texture(), exposure=1.0)
    print(graph)

    metrics = vf.Metrics()
    with metrics.measure("gpu"):
        for frame in range(FRAMES):
            graph.run(time=STEP * frame)
    with metrics.measure("readback"):
        pixels = picture.read()
    with metrics.measure("encode"):
        vf.numpy_to_png("ex_particles.png", pixels)
    metrics.save(".", particles.device)

    moved = np.asarray(particles)
    inside = ((moved >= -1e-3) & (moved <= np.float32([2, 1]) + 1e-3)).all()
    crossed = ((start[:, 0] < 1) != (moved[:, 0] < 1)).mean()
    print(f"all inside: {inside}; {crossed:.0%} have crossed the middle after {FRAMES * STEP:.0f} time units")


if __name__ == "__main__":
    main()
