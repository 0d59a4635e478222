"""Our own tuned kernels of the peers' table: what docs/kernels.md leads to, written out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import vulkan_forge as vf

Run = Callable[[], object]

# A CPU driver reads four floats of a descriptor in one go; many an invocation keep workgroups long. Where the
# device allows smaller workgroups only, the loop is the same.
SAXPY = """
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint WG = 256;
layout(constant_id = 1) const uint EACH = 16;
layout(binding = 0) readonly buffer X { vec4 x[]; };
layout(binding = 1) buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { uint n; float a; };
void main() {
  uint start = gl_WorkGroupID.x * WG * EACH + gl_LocalInvocationID.x;
  uint end = min(n, start + WG * EACH);
  for (uint i = start; i < end; i += WG) y[i] = a * x[i] + y[i];
}
"""
# Most of the time of this one goes into five streams of memory. Where a CPU driver runs it, one subgroup walks through
# a stretch of each in order; a GPU wants larger workgroups and shorter walks.
FUSED = """
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint WG = 256;
layout(constant_id = 1) const uint EACH = 4;
layout(binding = 0) readonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { vec4 b[]; };
layout(binding = 2) readonly buffer C { vec4 c[]; };
layout(binding = 3) readonly buffer D { vec4 d[]; };
layout(binding = 4) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { uint n; };
void main() {
  uint start = gl_WorkGroupID.x * WG * EACH + gl_LocalInvocationID.x;
  uint end = min(n, start + WG * EACH);
  for (uint i = start; i < end; i += WG) y[i] = sqrt(a[i] * a[i] + b[i] * b[i]) * sin(c[i]) + exp(-d[i]);
}
"""
# No invocation leaves alone: its value grows beyond four and stays there (or becomes NaN, which is not below four). The
# subgroup leaves together, asked every eighth round.
MANDELBROT = """
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 256) in;
layout(binding = 0) writeonly buffer K { uint k[]; };
layout(push_constant) uniform Push { uint side; uint most; };
#define STEP { float aa = a * a, bb = b * b; count += aa + bb < 4.0 ? 1.0 : 0.0; b = 2.0 * a * b + y; a = aa - bb + x; }
void main() {
  uint i = gl_GlobalInvocationID.x;
  float x = float(i % side) / float(side) * 3.0 - 2.0, y = float(i / side) / float(side) * 3.0 - 1.5;
  float a = 0.0, b = 0.0, count = 0.0;
  for (uint t = 0u; t < most; t += 8u) {
    STEP STEP STEP STEP STEP STEP STEP STEP
    if (subgroupAll(!(a * a + b * b < 4.0))) break;
  }
  if (i < side * side) k[i] = min(uint(count), most);
}
"""
# Each lane loads one body, a broadcast hands it to all; each lane moves BODIES of its own.
NBODY = """
#extension GL_KHR_shader_subgroup_ballot : require
layout(local_size_x = LANES) in;
layout(binding = 0) readonly buffer P { vec4 p[]; };
layout(binding = 1) writeonly buffer F { vec4 f[]; };
layout(push_constant) uniform Push { uint n; float soft; };
void main() {
  uint lane = gl_SubgroupInvocationID, base = gl_WorkGroupID.x * LANES * BODIES + lane;
  vec3 me[BODIES], sum[BODIES];
  for (uint b = 0u; b < BODIES; ++b) { me[b] = p[min(base + b * LANES, n - 1u)].xyz; sum[b] = vec3(0); }
  for (uint j = 0u; j < n; j += LANES) {
    vec4 mine = j + lane < n ? p[j + lane] : vec4(0);
    ALL_LANES
  }
  for (uint b = 0u; b < BODIES; ++b) if (base + b * LANES < n) f[base + b * LANES] = vec4(sum[b], 0);
}
"""
PULL = """{ vec3 d = other.xyz - me[%d]; float q = inversesqrt(dot(d, d) + soft);
  sum[%d] += d * (other.w * q * q * q); }"""
TINY = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += 1u; }
"""


def saxpy(x: vf.Array, y: vf.Array, a: float) -> vf.Call:
    device = vf.default_device()
    on_cpu = device.info["device_type"] == "Cpu"
    # There one subgroup walks in order: few streams, which a prefetcher follows.
    size, each = (device.limits["subgroup_size"], 64) if on_cpu else (min(1024, device.limits["max_invocations"]), 16)
    kernel = vf.Kernel(SAXPY, spec={"WG": size, "EACH": each}, name="saxpy")
    return kernel.prepare(x=x, y=y, n=x.size // 4, a=a, threads=-(-x.size // (4 * each)))


def fused(a: vf.Array, b: vf.Array, c: vf.Array, d: vf.Array, y: vf.Array) -> vf.Call:
    device = vf.default_device()
    on_cpu = device.info["device_type"] == "Cpu"
    size, each = (device.limits["subgroup_size"], 256) if on_cpu else (256, 4)
    kernel = vf.Kernel(FUSED, spec={"WG": size, "EACH": each}, name="fused")
    return kernel.prepare(a=a, b=b, c=c, d=d, y=y, n=a.size // 4, groups=-(-a.size // (4 * size * each)))


def mandelbrot(k: vf.Array, side: int, most: int) -> vf.Call:
    return vf.Kernel(MANDELBROT, name="mandelbrot").prepare(k=k, side=side, most=most, threads=side * side)


def nbody(p: vf.Array, f: vf.Array, soft: float, bodies: int = 8) -> vf.Call:
    lanes, n = vf.default_device().limits["subgroup_size"], p.shape[0]
    pulls = "".join(PULL % (b, b) for b in range(bodies))
    each = "".join(f"{{ vec4 other = subgroupBroadcast(mine, {lane}u); {pulls} }}\n" for lane in range(lanes))
    source = NBODY.replace("ALL_LANES", each).replace("LANES", f"{lanes}u").replace("BODIES", f"{bodies}u")
    return vf.Kernel(source, name="nbody").prepare(p=p, f=f, n=n, soft=soft, groups=-(-n // (lanes * bodies)))


def tiny() -> tuple[Run, Run]:
    """One waited dispatch; a thousand in one submission."""
    call, recorder = (
        vf.Kernel(TINY, name="tiny").prepare(x=vf.asarray(np.zeros(64, np.uint32)), threads=64),
        vf.Recorder(),
    )

    def thousand() -> None:
        with recorder:
            for _ in range(1000):
                recorder.run(call)

    return call, thousand
