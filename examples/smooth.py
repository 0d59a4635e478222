"""Many small steps in one submission: heat flowing through a plate; writes ex_heat.png, env.json and metrics.json.

Two arrays change places step by step. The recorder sends all steps together and puts the barriers between them itself.
"""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf

STEP = """
layout(local_size_x = 16, local_size_y = 8) in;
layout(binding = 0) readonly buffer Old { float old[]; };
layout(binding = 1) writeonly buffer New { float fresh[]; };
layout(push_constant) uniform Push { uint n; float rate; };

float at(int r, int c) { int m = int(n) - 1; return old[clamp(r, 0, m) * int(n) + clamp(c, 0, m)]; }

void main() {
  int c = int(gl_GlobalInvocationID.x), r = int(gl_GlobalInvocationID.y);
  if (c >= int(n) || r >= int(n)) return;
  float around = at(r - 1, c) + at(r + 1, c) + at(r, c - 1) + at(r, c + 1);
  fresh[r * int(n) + c] = at(r, c) + rate * (around - 4.0 * at(r, c));
}
"""


def main() -> None:
    n, steps = 256, 400
    plate = np.zeros((n, n), np.float32)
    plate[100:156, 40:60] = plate[60:80, 150:220] = 1
    a, b = vf.asarray(plate), vf.empty((n, n))
    kernel = vf.Kernel(STEP, name="heat")
    forth = kernel.prepare(old=a, fresh=b, n=n, rate=0.2, threads=(n, n))
    back = kernel.prepare(old=b, fresh=a, n=n, rate=0.2, threads=(n, n))
    recorder = vf.Recorder()
    with recorder, recorder.scope("heat"):
        for _ in range(steps // 2):
            recorder.run(forth)
            recorder.run(back)
    metrics = vf.Metrics(gpu_ms=recorder.times()[0][1])
    with metrics.measure("readback"):
        heat = np.asarray(a)
    print(f"{steps} steps in {metrics['gpu_ms']:.1f} ms on the device")
    print(f"heat before {plate.sum():.3f}, after {heat.sum():.3f}")
    with metrics.measure("encode"):
        vf.numpy_to_png("ex_heat.png", (np.sqrt(heat / heat.max()) * 255).astype(np.uint8))
    metrics.save(".", a.device)


if __name__ == "__main__":
    main()
