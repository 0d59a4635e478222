"""From process start to the first result of a GLSL text: with empty caches, and again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

OURS = """
import numpy as np, vulkan_forge as vf
x = np.ones(1000, np.float32)
vf.Kernel('''layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { float a; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= a; }''')(x=x, a=3.0, threads=1000)
assert x.sum() == 3000
"""
NUMPY = "import numpy as np; assert np.ones(1000, np.float32).sum() == 1000"
WGPU = """
import numpy as np, wgpu
from wgpu.utils.compute import compute_with_buffers
x = np.ones(1000, np.float32)
got = compute_with_buffers({0: x}, {0: x.nbytes}, '''
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) { x[id.x] *= 3.0; } }''', n=16)
assert np.frombuffer(got[0], np.float32).sum() == 3000
"""


def seconds(code: str, env: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, check=True, capture_output=True)
    return time.perf_counter() - started


def first_and_second(code: str, rounds: int = 5) -> tuple[float, float]:
    """Best times of a process with empty caches, and of the next one."""
    firsts, seconds_ = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            env = {"VULKAN_FORGE_CACHE_DIR": f"{folder}/forge", "MESA_SHADER_CACHE_DIR": f"{folder}/mesa"}
            firsts.append(seconds(code, env))
            seconds_.extend(seconds(code, env) for _ in range(2))
    return min(firsts), min(seconds_)


def report() -> None:
    for name, code in (("ours", OURS), ("Python and NumPy alone", NUMPY), ("wgpu", WGPU)):
        try:
            first, second = first_and_second(code)
        except subprocess.CalledProcessError:
            continue
        print(f"process start to first result, {name:24s} first {first * 1e3:6.0f} ms   second {second * 1e3:6.0f} ms")
